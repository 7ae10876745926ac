"""Email accounts: registering, signing in, refreshing (SHOP, SOCIOX, CONTRACT section 3)."""

import asyncio
from typing import Any

import pytest

from tests.factories import stored
from tests.harness import Api, Reply

EMAIL = "john@example.com"
JOHN = {
    "email": EMAIL,
    "password": "SecurePassword123!",
    "first_name": "John",
    "last_name": "Doe",
}


def error(code: str, message: str) -> dict[str, Any]:
    """The envelope of an error."""
    return {"error": {"code": code, "message": message}}


INVALID_CREDENTIALS = error("invalid_credentials", "Invalid credentials")
INVALID_REFRESH = error("invalid_refresh_token", "Invalid refresh token")
NO_TOKEN = error("authentication_required", "Authentication required")


async def register(api: Api, **changes: Any) -> Reply:
    """Register John, or somebody like him."""
    given = {**JOHN, **changes}
    body = {name: value for name, value in given.items() if value is not None}
    return await api.post("/api/v1/auth/register", body)


async def login(api: Api, password: object = JOHN["password"], email: object = EMAIL) -> Reply:
    """Sign in."""
    return await api.post("/api/v1/auth/login", {"email": email, "password": password})


async def refresh(api: Api, token: object) -> Reply:
    """Exchange a refresh token."""
    return await api.post("/api/v1/auth/refresh", {"refresh_token": token})


async def is_in(api: Api, access: str) -> bool:
    """Whether an access token is good."""
    return (await api.get("/api/v1/auth/profile", token=access)).status == 200


async def test_registering_answers_both_documents(api: Api):
    reply = await register(api)
    assert reply.status == 201
    data = reply.body["data"]
    (kept,) = await stored(api, "users")
    assert data["user"] == {
        "id": str(kept["_id"]),
        "email": EMAIL,
        "email_verified": False,
        "phone_number": None,
        "name": "John Doe",
        "first_name": "John",
        "last_name": "Doe",
        "type": "parent",
        "parent_id": None,
        "roles": ["user"],
        "permissions": None,
        "active": True,
        "created_at": "2025-01-18T10:00:00Z",
        "updated_at": "2025-01-18T10:00:00Z",
    }
    assert data.keys() == {"user", "access_token", "refresh_token", "expires_at"}
    assert data["expires_at"] == "2025-01-18T10:15:00Z"
    assert reply.body["message"] == "User registered successfully"
    assert reply.body["token"] == data["access_token"]
    assert await is_in(api, data["access_token"])


@pytest.mark.parametrize(
    ("name", "first", "last", "username"),
    [
        ("Test User", "Test", "User", "Test"),
        ("  Ann   Mary  Lee ", "Ann", "Mary  Lee", "Ann"),
        ("张伟", "张伟", "", "张伟"),
        ("13800138000 x", "13800138000", "x", "138****8000"),
        ("a" * 100, "a" * 100, "", "a" * 32),
    ],
)
async def test_a_name_splits_at_its_first_space(
    api: Api, name: str, first: str, last: str, username: str
):
    reply = await register(api, name=name, first_name="not", last_name="these")
    user = reply.body["data"]["user"]
    assert (user["first_name"], user["last_name"]) == (first, last)
    assert user["name"] == f"{first} {last}".strip()
    (kept,) = await stored(api, "users")
    assert kept["username"] == username


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"email": None}, "missing_field"),
        ({"email": ""}, "missing_field"),
        ({"password": None}, "missing_field"),
        ({"first_name": None, "last_name": None}, "missing_field"),
        ({"first_name": None}, "missing_field"),
        ({"last_name": ""}, "missing_field"),
        ({"name": ""} | {"first_name": ""}, "missing_field"),
        ({"name": 5}, "invalid_field"),
        ({"email": ["john@example.com"]}, "invalid_field"),
        ({"email": {"$ne": ""}}, "invalid_field"),
        ({"password": 123456}, "invalid_field"),
        ({"email": "john"}, "invalid_email"),
        ({"email": "john@example.com\r\nBcc: x@example.com"}, "invalid_email"),
        ({"password": "short"}, "invalid_password"),
        ({"password": "x" * 73}, "invalid_password"),
        ({"password": "secret\0s"}, "invalid_password"),
        ({"name": "   "}, "invalid_name"),
        ({"first_name": "a" * 101}, "invalid_name"),
        ({"last_name": "a\nb"}, "invalid_name"),
    ],
)
async def test_an_invalid_body_is_400_and_makes_nothing(api: Api, changes: dict, code: str):
    reply = await register(api, **changes)
    assert (reply.status, reply.body["error"]["code"]) == (400, code)
    assert await stored(api, "users") == []
    assert await stored(api, "sessions") == []


async def test_fields_that_are_not_asked_for_change_nothing(api: Api):
    reply = await register(
        api, roles=["admin"], active=False, email_verified=True, permissions=["x"], type="child"
    )
    user = reply.body["data"]["user"]
    assert (user["roles"], user["active"], user["email_verified"]) == (["user"], True, False)
    assert (user["permissions"], user["type"]) == (None, "parent")


async def test_an_email_is_taken_in_any_spelling(api: Api):
    await register(api)
    reply = await register(api, email="  John@EXAMPLE.com ")
    assert (reply.status, reply.body) == (409, error("email_taken", "Email already exists"))
    assert len(await stored(api, "users")) == 1
    assert len(await stored(api, "sessions")) == 1


async def test_of_ten_who_register_an_email_at_once_one_gets_it(api: Api):
    replies = await asyncio.gather(*(register(api) for _ in range(10)))
    assert sorted(reply.status for reply in replies) == [201] + [409] * 9
    assert len(await stored(api, "users")) == 1
    assert len(await stored(api, "sessions")) == 1


async def test_signing_in_answers_both_documents(api: Api):
    registered = await register(api)
    reply = await login(api, email=" JOHN@example.com")
    assert reply.status == 200
    data = reply.body["data"]
    assert data["user"] == registered.body["data"]["user"]
    assert reply.body["message"] == "Login successful"
    assert reply.body["token"] == data["access_token"]
    assert await is_in(api, data["access_token"])


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (EMAIL, "another1"),
        (EMAIL, "x" * 73),
        (EMAIL, "x"),
        ("nobody@example.com", JOHN["password"]),
    ],
)
async def test_a_refused_sign_in_tells_not_why(api: Api, email: str, password: str):
    await register(api)
    reply = await login(api, password, email)
    assert (reply.status, reply.body) == (401, INVALID_CREDENTIALS)
    assert len(await stored(api, "sessions")) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": EMAIL},
        {"password": "secret1"},
        {"email": EMAIL, "password": ""},
        {"email": EMAIL, "password": 5},
        {"email": {"$gt": ""}, "password": "secret1"},
        {"email": "13800138000", "password": "secret1"},
    ],
)
async def test_a_body_that_can_not_be_a_sign_in_is_400(api: Api, body: dict):
    assert (await api.post("/api/v1/auth/login", body)).status == 400


async def test_an_inactive_account_is_told_only_to_its_password(api: Api):
    access = (await register(api)).body["token"]
    await api.agora.storage["users"].update_one({"email": EMAIL}, {"$set": {"is_active": False}})
    reply = await login(api)
    assert (reply.status, reply.body) == (403, error("account_inactive", "Account is inactive"))
    assert (await login(api, "another1")).body == INVALID_CREDENTIALS
    assert not await is_in(api, access)


async def test_failures_are_throttled_in_any_spelling_of_the_address(api: Api):
    await register(api)
    for spelling in (EMAIL, "John@Example.com") * 5:
        assert (await login(api, "another1", spelling)).status == 401
    reply = await login(api)
    assert (reply.status, reply.headers["Retry-After"]) == (429, "900")
    assert reply.body["error"]["code"] == "too_many_requests"


async def test_a_refresh_gives_new_tokens_and_uses_up_the_old(api: Api):
    data = (await register(api)).body["data"]
    api.clock.advance(minutes=15)
    reply = await refresh(api, data["refresh_token"])
    assert reply.status == 200
    newer = reply.body["data"]
    assert newer.keys() == {"access_token", "refresh_token", "expires_at"}
    assert newer["expires_at"] == "2025-01-18T10:30:00Z"
    assert newer["refresh_token"] != data["refresh_token"]
    assert await is_in(api, newer["access_token"])
    kept = str(await stored(api, "sessions")) + str(await stored(api, "rotated_tokens"))
    assert data["refresh_token"] not in kept
    assert newer["refresh_token"] not in kept


async def test_each_refresh_token_lives_thirty_days(api: Api):
    token = (await register(api)).body["data"]["refresh_token"]
    for _ in range(2):
        api.clock.advance(days=30, seconds=-1)
        token = (await refresh(api, token)).body["data"]["refresh_token"]
    api.clock.advance(days=30)
    reply = await refresh(api, token)
    assert (reply.status, reply.body) == (401, INVALID_REFRESH)


@pytest.mark.parametrize("route", ["shop", "forum"])
@pytest.mark.parametrize("generation", [0, 1])
async def test_a_rotated_token_that_comes_back_on_any_route_ends_the_session(
    api: Api, route: str, generation: int
):
    data = (await register(api)).body["data"]
    elsewhere = (await login(api)).body["token"]
    tokens = [data["refresh_token"]]
    for _ in range(2):
        newest = (await refresh(api, tokens[-1])).body["data"]
        tokens.append(newest["refresh_token"])
    if route == "shop":
        reply = await refresh(api, tokens[generation])
        assert (reply.status, reply.body) == (401, INVALID_REFRESH)
    else:
        reply = await api.post("/api/token/refresh/", {"refresh": tokens[generation]})
        assert reply.status == 401
    assert (await refresh(api, tokens[-1])).body == INVALID_REFRESH
    assert not await is_in(api, newest["access_token"])
    assert await is_in(api, elsewhere)


async def test_of_twenty_who_use_a_refresh_token_at_once_one_gets_new_ones(api: Api):
    token = (await register(api)).body["data"]["refresh_token"]
    replies = await asyncio.gather(*(refresh(api, token) for _ in range(20)))
    assert sorted(reply.status for reply in replies) == [200] + [401] * 19
    # The others brought back a token that was rotated away.
    assert await stored(api, "sessions") == []


async def test_a_refresh_token_of_one_family_works_in_the_other(api: Api):
    token = (await register(api)).body["data"]["refresh_token"]
    reply = await api.post("/api/token/refresh/", {"refresh": token})
    assert reply.status == 200
    assert await is_in(api, reply.body["access"])
    await api.sign_in("13800138000")
    forum = await api.post("/api/login/", {"phone_number": "13800138000", "password": "secret1"})
    reply = await refresh(api, forum.body["refresh"])
    assert reply.status == 200
    assert (await api.get("/api/user/", token=reply.body["data"]["access_token"])).status == 200


@pytest.mark.parametrize("token", ["rubbish", "\0", "x" * 10_000, "名"])
async def test_a_bad_refresh_token_is_401(api: Api, token: str):
    reply = await refresh(api, token)
    assert (reply.status, reply.body) == (401, INVALID_REFRESH)


@pytest.mark.parametrize("token", [None, "", 5, {"$ne": None}])
async def test_a_body_without_a_refresh_token_is_400(api: Api, token: object):
    assert (await refresh(api, token)).status == 400


async def test_an_inactive_account_gets_no_new_tokens(api: Api):
    token = (await register(api)).body["data"]["refresh_token"]
    await api.agora.storage["users"].update_one({"email": EMAIL}, {"$set": {"is_active": False}})
    assert (await refresh(api, token)).body == INVALID_REFRESH


@pytest.mark.parametrize("base", ["/api/auth", "/api/v1/auth"])
async def test_every_route_is_served_under_both_paths(api: Api, base: str):
    assert (await api.post(f"{base}/register", JOHN)).status == 201
    reply = await api.post(f"{base}/login/", JOHN)
    assert reply.status == 200
    token = reply.body["token"]
    body = {"refresh_token": reply.body["data"]["refresh_token"]}
    assert (await api.post(f"{base}/refresh", body)).status == 200
    assert (await api.get(f"{base}/profile/", token=token)).status == 200
    assert (await api.post(f"{base}/change-password", {}, token=token)).status == 400
    assert (await api.post(f"{base}/logout", token=token)).status == 204
