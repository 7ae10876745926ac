"""Access tokens: whose they are, and all that they must not be (CONTRACT section 3)."""

import base64
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from bson import ObjectId

from services.accounts.tokens import BadToken, TokenSigner
from tests.factories import change_user, tokens_of
from tests.harness import SECRET, Api, HandClock

NAME = "13800138000"
BAD = {"error": "Invalid or expired access token"}
NONE = {"error": "Access token is required"}


async def _feed(api: Api, token: str | None, **options: Any):
    return await api.post("/api/forum/posts/", token=token, **options)


def _claims(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


def _signed(claims: dict[str, Any], secret: str = SECRET, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, secret, algorithm=algorithm)


def _without(name: str, claims: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in claims.items() if key != name}


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


async def test_a_token_says_who_and_which_session_and_nothing_of_rights(api: Api):
    token = await api.sign_in(NAME)
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    claims = _claims(token)
    assert claims.keys() == {"sub", "sid", "purpose", "iat", "exp"}
    assert claims["exp"] - claims["iat"] == 15 * 60


async def test_a_token_lives_fifteen_minutes(api: Api):
    token = await api.sign_in(NAME)
    api.clock.advance(minutes=15, seconds=-1)
    assert (await _feed(api, token)).status == 200
    api.clock.advance(seconds=1)
    reply = await _feed(api, token)
    assert (reply.status, reply.body) == (401, BAD)


FORGERIES: dict[str, Callable[[dict[str, Any]], str]] = {
    "no algorithm": lambda claims: (
        _text(b'{"alg":"none"}') + "." + _signed(claims).split(".")[1] + "."
    ),
    "no signature": lambda claims: _signed(claims).rpartition(".")[0] + ".",
    "another secret": lambda claims: _signed(claims, "another secret, and long enough for its use"),
    "another algorithm": lambda claims: _signed(claims, SECRET * 2, "HS512"),
    "another purpose": lambda claims: _signed({**claims, "purpose": "verify_phone"}),
    "an end as text": lambda claims: _signed({**claims, "exp": str(claims["exp"])}),
    "an end as a fraction": lambda claims: _signed({**claims, "exp": claims["exp"] + 0.5}),
    "an end as a boolean": lambda claims: _signed({**claims, "exp": True}),
    "an end in the past": lambda claims: _signed({**claims, "exp": claims["iat"]}),
    "nobody": lambda claims: _signed({**claims, "sub": "nobody"}),
    "somebody else": lambda claims: _signed({**claims, "sub": "0" * 24}),
    "another session": lambda claims: _signed({**claims, "sid": "0" * 24}),
    "a session of another type": lambda claims: _signed({**claims, "sid": 5}),
    "a bad session": lambda claims: _signed({**claims, "sid": "x"}),
    "without sub": lambda claims: _signed(_without("sub", claims)),
    "without sid": lambda claims: _signed(_without("sid", claims)),
    "without purpose": lambda claims: _signed(_without("purpose", claims)),
    "without exp": lambda claims: _signed(_without("exp", claims)),
    "without iat": lambda claims: _signed(_without("iat", claims)),
    "one part": lambda _: "rubbish",
    "five parts": lambda _: "a.b.c.d.e",
    "empty parts": lambda _: "..",
    "a deep header": lambda claims: _text(b"[" * 9000) + "." + _signed(claims).partition(".")[2],
    "a header that is no object": lambda claims: _text(b"[]") + ".e30.x",
    "bytes that are no text": lambda _: _text(b"\xff\xfe") + ".e30.x",
    "a huge number": lambda _: _text(b'{"alg":"HS256","kid":' + b"9" * 5000 + b"}") + ".e30.x",
}


async def test_a_token_of_a_megabyte_of_brackets_is_401(api: Api):
    deep = _text(b"[" * 700_000) + ".e30.x"
    reply = await _feed(api, None, body={"Authorization": f"Bearer {deep}"})
    assert (reply.status, reply.body) == (401, BAD)


@pytest.mark.parametrize("forgery", FORGERIES)
@pytest.mark.parametrize("place", ["header", "body"])
async def test_a_forged_token_is_401(api: Api, forgery: str, place: str):
    claims = _claims(await api.sign_in(NAME))
    forged = FORGERIES[forgery](claims)
    in_body = {"Authorization": f"Bearer {forged}"} if place == "body" else None
    reply = await _feed(api, forged if place == "header" else None, body=in_body)
    assert (reply.status, reply.body) == (401, BAD)
    assert reply.headers["WWW-Authenticate"] == "Bearer"


async def test_the_claims_of_the_forgeries_are_good_as_they_are(api: Api):
    claims = _claims(await api.sign_in(NAME))
    assert (await _feed(api, _signed(claims))).status == 200


async def test_a_token_for_one_purpose_is_none_for_another(api: Api):
    reply = await api.post("/api/send_verification_code/", {"phone_number": NAME})
    assert (await _feed(api, reply.body["token"])).status == 401
    access = await api.sign_in("someone")
    reply = await api.post(
        "/api/verify-code/", {"token": access, "code": "123456", "password": "secret1"}
    )
    assert (reply.status, reply.body) == (400, {"error": "Invalid token."})


@pytest.mark.parametrize("header", ["Basic dXNlcjpwYXNz", "Token {}", "{}", "Bearer", "Bearer "])
async def test_another_scheme_is_a_bad_token(api: Api, header: str):
    token = await api.sign_in(NAME)
    reply = await _feed(api, None, headers={"Authorization": header.format(token)})
    assert (reply.status, reply.body) == (401, BAD)


@pytest.mark.parametrize("header", ["bearer {}", "BEARER {}", "Bearer   {}"])
async def test_the_scheme_is_read_in_any_case(api: Api, header: str):
    token = await api.sign_in(NAME)
    reply = await _feed(api, None, headers={"Authorization": header.format(token)})
    assert reply.status == 200


@pytest.mark.parametrize("value", [None, "", "  ", 5, [], {"$ne": ""}, True])
async def test_what_is_no_text_in_the_body_is_no_token(api: Api, value: object):
    reply = await _feed(api, None, body={"Authorization": value})
    assert (reply.status, reply.body) == (401, NONE)


async def test_the_header_wins_even_when_it_is_bad(api: Api):
    token = await api.sign_in(NAME)
    body = {"Authorization": f"Bearer {token}"}
    assert (await _feed(api, None, body=body)).status == 200
    assert (await _feed(api, "rubbish", body=body)).status == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/user/"), ("GET", "/api/sleep-records/"), ("POST", "/api/sleep-records/")],
)
async def test_other_routes_read_no_token_from_the_body(api: Api, method: str, path: str):
    token = await api.sign_in(NAME)
    reply = await api.call(method, path, {"Authorization": f"Bearer {token}"})
    assert reply.status == 401


async def test_a_get_reads_no_token_from_the_body(api: Api):
    token = await api.sign_in(NAME)
    reply = await api.call(
        "GET", "/api/forum/post_pictures/1/0/", {"Authorization": f"Bearer {token}"}
    )
    assert (reply.status, reply.body) == (401, NONE)


@pytest.mark.parametrize("changes", [{"is_active": False}, None])
async def test_a_deactivated_or_deleted_account_is_out_at_its_next_request(
    api: Api, changes: dict | None
):
    token = await api.sign_in(NAME)
    other, _ = await tokens_of(api, NAME)
    assert (await _feed(api, token)).status == 200
    if changes:
        await change_user(api, "+13800138000", **changes)
    else:
        await api.call("DELETE", "/api/user/", token=other)
    reply = await _feed(api, token)
    assert (reply.status, reply.body) == (401, BAD)


def test_a_remembered_token_still_ends_in_time():
    clock = HandClock()
    signer = TokenSigner(SECRET, clock)
    token, _ = signer.sign_access(ObjectId(), ObjectId())
    assert signer.verify_access(token) is signer.verify_access(token)
    clock.advance(minutes=15)
    with pytest.raises(BadToken):
        signer.verify_access(token)


def test_a_signer_remembers_a_bounded_number_of_tokens(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("services.accounts.tokens._REMEMBERED", 3)
    signer = TokenSigner(SECRET, HandClock())
    for _ in range(5):
        signer.verify_access(signer.sign_access(ObjectId(), ObjectId())[0])
    assert len(signer._verified) == 3
