"""Signing in by Google, against a provider on the loopback (SHOP, CONTRACT section 3)."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.factories import stored
from tests.google_provider import (
    CLIENT_ID,
    REDIRECT_URI,
    Provider,
    begin,
    callback,
    come_back,
)
from tests.harness import Api
from tests.shop.test_auth import error, is_in

BAD_STATE = error("invalid_state", "state is missing, unknown, used or too old; start again")
IN_USE = error("invalid_state", "state is in use; choose another, or none")
REFUSED_CODE = error(
    "oauth_code_refused", "Google refused the authorization code; start the sign-in again"
)
BROKEN = error("oauth_provider_failed", "Google can't be asked who you are; try again later")


async def test_the_address_says_who_asks_for_what(api: Api, provider: Provider):
    reply = await api.get("/api/v1/auth/google")
    assert (reply.status, reply.headers["Cache-Control"]) == (200, "no-store")
    data = reply.body["data"]
    assert data.keys() == {"url", "state"}
    assert len(data["state"]) == 43
    address = urlsplit(data["url"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{provider.base}/auth"
    assert parse_qs(address.query) == {
        "prompt": ["select_account"],
        "response_type": ["code"],
        "client_id": [CLIENT_ID],
        "redirect_uri": [REDIRECT_URI],
        "scope": ["openid email profile"],
        "state": [data["state"]],
    }
    assert data["state"] not in str(await stored(api, "oauth_states"))


async def test_who_comes_back_the_first_time_gets_an_account(api: Api, provider: Provider):
    reply = await come_back(api, provider)
    assert (reply.status, reply.headers["Cache-Control"]) == (200, "no-store")
    data = reply.body["data"]
    assert data.keys() == {"user", "access_token", "refresh_token", "expires_at"}
    assert reply.body["token"] == data["access_token"]
    user = data["user"]
    assert (user["email"], user["email_verified"]) == ("john@example.com", True)
    assert (user["first_name"], user["last_name"], user["name"]) == ("John", "Doe", "John Doe")
    assert (user["roles"], user["active"]) == (["user"], True)
    assert await is_in(api, data["access_token"])
    (kept,) = await stored(api, "users")
    assert (kept["google_sub"], kept["password_hash"]) == ("1080", None)
    assert await stored(api, "outbox") == []


async def test_who_comes_back_again_is_known_by_the_subject(api: Api, provider: Provider):
    first = (await come_back(api, provider)).body["data"]["user"]
    again = await come_back(
        api, provider, email="another@example.com", email_verified=False, given_name="Other"
    )
    assert again.status == 200
    assert again.body["data"]["user"] == first
    assert len(await stored(api, "users")) == 1


async def test_an_account_by_google_has_no_password_to_guess(api: Api, provider: Provider):
    await come_back(api, provider)
    for password in ("secret1", "None"):
        body = {"email": "john@example.com", "password": password}
        assert (await api.post("/api/v1/auth/login", body)).status == 401


@pytest.mark.parametrize(
    ("given_name", "family_name", "name"),
    [
        (None, None, ("User", "")),
        ("", "Doe", ("User", "Doe")),
        (5, ["x"], ("User", "")),
        ("J\no\0hn", " Doe ", ("John", "Doe")),
        ("a" * 200, "", ("a" * 100, "")),
    ],
)
async def test_a_name_that_can_not_be_kept_is_no_obstacle(
    api: Api, provider: Provider, given_name: Any, family_name: Any, name: tuple[str, str]
):
    reply = await come_back(api, provider, given_name=given_name, family_name=family_name)
    user = reply.body["data"]["user"]
    assert (user["first_name"], user["last_name"]) == name


async def test_a_state_works_once(api: Api, provider: Provider):
    state = await begin(api)
    assert (await api.get(callback(code=provider.grant(), state=state))).status == 200
    reply = await api.get(callback(code=provider.grant(), state=state))
    assert (reply.status, reply.body) == (400, BAD_STATE)
    assert provider.exchanges == 1


async def test_of_ten_who_bring_a_state_at_once_one_gets_in(api: Api, provider: Provider):
    state = await begin(api)
    replies = await asyncio.gather(
        *(api.get(callback(code=provider.grant(), state=state)) for _ in range(10))
    )
    assert sorted(reply.status for reply in replies) == [200] + [400] * 9
    assert provider.exchanges == 1


async def test_a_state_lives_ten_minutes(api: Api, provider: Provider):
    state = await begin(api)
    api.clock.advance(minutes=10)
    reply = await api.get(callback(code=provider.grant(), state=state))
    assert (reply.status, reply.body) == (400, BAD_STATE)


@pytest.mark.parametrize("state", [None, "", "made up", "\0", "x" * 5000])
async def test_a_state_that_is_missing_or_not_ours_is_refused(
    api: Api, provider: Provider, state: str | None
):
    await begin(api)
    query = {"code": provider.grant(), **({} if state is None else {"state": state})}
    reply = await api.get(callback(**query))
    assert (reply.status, reply.body) == (400, BAD_STATE)
    assert provider.exchanges == 0
    assert await stored(api, "users") == []


async def test_a_chosen_state_comes_back_and_is_taken_while_it_lives(api: Api, provider: Provider):
    reply = await api.get("/api/v1/auth/google?state=my-state")
    assert reply.body["data"]["state"] == "my-state"
    assert "state=my-state" in reply.body["data"]["url"]
    reply = await api.get("/api/v1/auth/google?state=my-state")
    assert (reply.status, reply.body) == (400, IN_USE)
    used = await api.get(callback(code=provider.grant(), state="my-state"))
    assert used.status == 200
    assert (await api.get("/api/v1/auth/google?state=my-state")).status == 200
    api.clock.advance(minutes=10)
    assert (await api.get("/api/v1/auth/google?state=my-state")).status == 200


async def test_of_ten_who_choose_a_state_at_once_one_gets_it(api: Api):
    replies = await asyncio.gather(
        *(api.get("/api/v1/auth/google?state=my-state") for _ in range(10))
    )
    assert sorted(reply.status for reply in replies) == [200] + [400] * 9


async def test_a_chosen_state_has_at_most_255_characters(api: Api):
    assert (await api.get(f"/api/v1/auth/google?state={'x' * 255}")).status == 200
    reply = await api.get(f"/api/v1/auth/google?state={'x' * 256}")
    assert reply.status == 400
    assert reply.body == error("invalid_state", "state must be at most 255 characters")


async def test_without_a_code_it_is_400(api: Api):
    reply = await api.get(callback(state=await begin(api)))
    assert (reply.status, reply.body) == (400, error("missing_code", "Missing authorization code"))


async def test_a_refusal_at_google_is_400_and_spends_the_state(api: Api, provider: Provider):
    state = await begin(api)
    reply = await api.get(callback(error="access_denied", state=state))
    expected = error("oauth_error", "The sign-in was refused at Google")
    assert (reply.status, reply.body) == (400, expected)
    reply = await api.get(callback(code=provider.grant(), state=state))
    assert (reply.status, reply.body) == (400, BAD_STATE)


async def test_a_refused_code_is_400(api: Api, provider: Provider):
    reply = await api.get(callback(code="made up", state=await begin(api)))
    assert (reply.status, reply.body) == (400, REFUSED_CODE)
    code = provider.grant()
    assert (await api.get(callback(code=code, state=await begin(api)))).status == 200
    reply = await api.get(callback(code=code, state=await begin(api)))
    assert (reply.status, reply.body) == (400, REFUSED_CODE)


BROKEN_ANSWERS = [
    (500, b"{}"),
    (302, b""),
    (200, b""),
    (200, b"not JSON"),
    (200, b"\xff"),
    (200, b"[]"),
    (200, b"{}"),
    (200, b'{"access_token": 5, "sub": 5, "email": "john@example.com"}'),
    (200, b'{"access_token": "a\\r\\nb", "sub": "", "email": "john@example.com"}'),
    (200, b'{"access_token": "\xc3\xa9", "sub": "1", "email": "no address"}'),
    (200, b'{"access_token": "t", "sub": "1"' + b" " * (1 << 20) + b"}"),
    (401, b'{"error": "invalid_client"}'),
    (400, b'{"error": "invalid_client"}'),
]


@pytest.mark.parametrize("place", ["token", "userinfo"])
@pytest.mark.parametrize("answer", BROKEN_ANSWERS, ids=lambda answer: repr(answer)[:60])
async def test_a_broken_provider_is_502(
    api: Api, provider: Provider, place: str, answer: tuple[int, bytes]
):
    setattr(provider, f"{place}_answer", answer)
    reply = await come_back(api, provider)
    assert (reply.status, reply.body) == (502, BROKEN)
    assert await stored(api, "users") == []


async def test_the_log_says_why_google_does_not_take_this_server(
    api: Api, provider: Provider, caplog: pytest.LogCaptureFixture
):
    provider.token_answer = (401, b'{"error": "invalid_client"}')
    assert (await come_back(api, provider)).status == 502
    told = [record.getMessage() for record in caplog.records if record.name == "agora.google"]
    assert told == [
        """The provider's token endpoint answered 401: b'{"error": "invalid_client"}'"""
    ]


async def test_a_provider_that_is_gone_is_502(api: Api, provider: Provider):
    state = await begin(api)
    await provider.stop()
    reply = await api.get(callback(code=provider.grant(), state=state))
    assert (reply.status, reply.body) == (502, BROKEN)
