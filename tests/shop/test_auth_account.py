"""The signed-in account: profile, logging out, changing the password (SHOP, CONTRACT section 3)."""

import asyncio

import pytest

from tests.factories import stored
from tests.harness import Api, Reply
from tests.shop.test_auth import EMAIL, JOHN, NO_TOKEN, error, is_in, login, refresh, register

NEW = "another password"
WRONG = error("wrong_password", "The current password is wrong")


async def _change(api: Api, token: str | None, current: object, new: object = NEW) -> Reply:
    body = {"current_password": current, "new_password": new}
    return await api.post("/api/v1/auth/change-password", body, token=token)


async def test_the_profile_is_the_account_and_its_roles_of_this_moment(api: Api):
    registered = (await register(api)).body
    await api.agora.storage["users"].update_one(
        {"email": EMAIL}, {"$set": {"roles": ["user", "admin"]}}
    )
    reply = await api.get("/api/v1/auth/profile", token=registered["token"])
    user = {**registered["data"]["user"], "roles": ["admin", "user"]}
    assert reply.status == 200
    assert reply.body == {"data": {"user": user, "roles": ["admin", "user"]}}


async def test_a_phone_account_has_a_profile_too(api: Api):
    token = await api.sign_in("13800138000")
    user = (await api.get("/api/v1/auth/profile", token=token)).body["data"]["user"]
    assert (user["email"], user["email_verified"]) == (None, False)
    assert (user["phone_number"], user["name"]) == ("+13800138000", "")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "profile"), ("POST", "logout"), ("POST", "change-password")],
)
async def test_without_a_token_it_is_401(api: Api, method: str, path: str):
    reply = await api.call(method, f"/api/v1/auth/{path}", allow_body(method))
    assert (reply.status, reply.body) == (401, NO_TOKEN)
    assert reply.headers["WWW-Authenticate"] == "Bearer"


def allow_body(method: str) -> bytes | None:
    """An empty body where there can be one."""
    return b"" if method == "POST" else None


async def test_logging_out_ends_every_session_of_the_account_and_no_other(api: Api):
    first = (await register(api)).body
    second = (await login(api)).body
    other = (await register(api, email="ann@example.com")).body
    reply = await api.post("/api/v1/auth/logout", token=first["token"])
    assert (reply.status, reply.content) == (204, b"")
    for signed_in in (first, second):
        assert not await is_in(api, signed_in["token"])
        assert (await refresh(api, signed_in["data"]["refresh_token"])).status == 401
    assert await is_in(api, other["token"])


async def test_a_changed_password_ends_the_other_sessions(api: Api):
    here = (await register(api)).body
    elsewhere = (await login(api)).body
    reply = await _change(api, here["token"], JOHN["password"])
    assert reply.status == 200
    assert reply.body == {"data": {"message": "Password changed successfully"}}
    assert await is_in(api, here["token"])
    assert (await refresh(api, here["data"]["refresh_token"])).status == 200
    assert not await is_in(api, elsewhere["token"])
    assert (await refresh(api, elsewhere["data"]["refresh_token"])).status == 401
    assert (await login(api)).status == 401
    assert (await login(api, NEW)).status == 200


async def test_a_phone_account_changes_its_password_too(api: Api):
    token = await api.sign_in("13800138000", "secret1")
    assert (await _change(api, token, "secret1")).status == 200
    credentials = {"phone_number": "13800138000", "password": NEW}
    assert (await api.post("/api/login/", credentials)).status == 200


@pytest.mark.parametrize(
    ("current", "new", "code"),
    [
        ("not it", NEW, "wrong_password"),
        (JOHN["password"], "short", "invalid_password"),
        (JOHN["password"], "x" * 73, "invalid_password"),
        (JOHN["password"], "", "missing_field"),
        (None, NEW, "missing_field"),
        (JOHN["password"], 123456, "invalid_field"),
    ],
)
async def test_a_refused_change_changes_nothing(api: Api, current: object, new: object, code: str):
    here = (await register(api)).body["token"]
    elsewhere = (await login(api)).body["token"]
    reply = await _change(api, here, current, new)
    assert (reply.status, reply.body["error"]["code"]) == (400, code)
    assert await is_in(api, elsewhere)
    assert (await login(api)).status == 200


async def test_guessing_the_current_password_counts_as_guessing_at_sign_in(api: Api):
    token = (await register(api)).body["token"]
    for _ in range(5):
        assert (await login(api, "not it")).status == 401
        assert (await _change(api, token, "not it")).body == WRONG
    assert (await _change(api, token, JOHN["password"])).status == 429
    assert (await login(api)).status == 429


async def test_of_several_changes_at_once_one_is_made(api: Api):
    token = (await register(api)).body["token"]
    passwords = [f"password {number}" for number in range(5)]
    replies = await asyncio.gather(
        *(_change(api, token, JOHN["password"], password) for password in passwords)
    )
    assert sorted(reply.status for reply in replies) == [200] + [400] * 4
    signed_in = [(await login(api, password)).status for password in passwords]
    assert sorted(signed_in) == [200] + [401] * 4
    assert len(await stored(api, "users")) == 1
