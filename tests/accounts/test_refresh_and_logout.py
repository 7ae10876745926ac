"""Refreshing and ending sessions (FORUM sections 3 and 5, FORUM-OLD section 5)."""

import asyncio

import pytest

from tests.factories import change_user, stored, tokens_of
from tests.harness import Api

NAME = "13800138000"
BAD_REFRESH = {"error": "Invalid or expired refresh token"}
LOGGED_OUT = {"message": "Successfully logged out."}
NOTHING = {"error": "Refresh token is required."}
BAD_TOKEN = {"error": "Invalid token."}


async def _pair(api: Api) -> tuple[str, str]:
    await api.sign_in(NAME)
    return await tokens_of(api, NAME)


async def _refresh(api: Api, refresh: object):
    return await api.post("/api/token/refresh/", {"refresh": refresh})


async def _is_in(api: Api, access: str) -> bool:
    return (await api.get("/api/user/", token=access)).status == 200


async def test_a_refresh_token_gives_access_again_and_again(api: Api):
    _, refresh = await _pair(api)
    for _ in range(3):
        api.clock.advance(days=9)
        reply = await _refresh(api, refresh)
        assert (reply.status, reply.body.keys()) == (200, {"access"})
        assert await _is_in(api, reply.body["access"])


async def test_a_refresh_token_lives_thirty_days(api: Api):
    _, refresh = await _pair(api)
    api.clock.advance(days=30, seconds=-1)
    assert (await _refresh(api, refresh)).status == 200
    api.clock.advance(seconds=1)
    reply = await _refresh(api, refresh)
    assert (reply.status, reply.body) == (401, BAD_REFRESH)


@pytest.mark.parametrize("refresh", [None, "", "rubbish", "\0", "x" * 10_000, "名"])
async def test_a_missing_or_bad_refresh_token_is_the_documented_401(api: Api, refresh: object):
    reply = await _refresh(api, refresh)
    assert (reply.status, reply.body) == (401, BAD_REFRESH)
    assert reply.headers["WWW-Authenticate"] == "Bearer"


async def test_an_access_token_is_no_refresh_token(api: Api):
    access, refresh = await _pair(api)
    assert (await _refresh(api, access)).status == 401
    assert not await _is_in(api, refresh)


@pytest.mark.parametrize("changes", [{"is_active": False}, None])
async def test_an_inactive_or_deleted_account_gets_no_access(api: Api, changes: dict | None):
    access, refresh = await _pair(api)
    if changes:
        await change_user(api, "+13800138000", **changes)
    else:
        await api.call("DELETE", "/api/user/", token=access)
    reply = await _refresh(api, refresh)
    assert (reply.status, reply.body) == (401, BAD_REFRESH)


async def test_a_rotated_token_that_comes_back_ends_its_session(api: Api):
    """Only SHOP rotates; whoever stole the older token brings it to any refresh route."""
    access, refresh = await _pair(api)
    rotated = await api.post("/api/v1/auth/refresh", {"refresh_token": refresh})
    newer = rotated.body["data"]["refresh_token"]
    assert (await _refresh(api, newer)).status == 200
    assert (await _refresh(api, refresh)).status == 401
    assert (await _refresh(api, newer)).status == 401
    assert not await _is_in(api, access)


@pytest.mark.parametrize("place", ["header", "body", "refresh", "both"])
async def test_logging_out_ends_that_session_only(api: Api, place: str):
    access, refresh = await _pair(api)
    elsewhere, _ = await tokens_of(api, NAME)
    bodies = {
        "header": {},
        "body": {"Authorization": f"Bearer {access}"},
        "refresh": {"refresh": refresh},
        "both": {"refresh": refresh, "Authorization": f"Bearer {elsewhere}"},
    }
    token = access if place == "header" else None
    reply = await api.post("/api/logout/", bodies[place], token=token)
    assert (reply.status, reply.body) == (200, LOGGED_OUT)
    assert not await _is_in(api, access)
    assert (await _refresh(api, refresh)).status == 401
    assert await _is_in(api, elsewhere)


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"refresh": ""},
        {"refresh": None},
        {"Authorization": ""},
        {"Authorization": None},
        {"refresh": "", "Authorization": "  "},
    ],
)
async def test_without_a_token_it_is_400(api: Api, body: dict | None):
    reply = await api.post("/api/logout/", body)
    assert (reply.status, reply.body) == (400, NOTHING)


@pytest.mark.parametrize(
    ("body", "header"),
    [
        ({"refresh": "rubbish"}, None),
        ({"Authorization": "Bearer rubbish"}, None),
        ({"Authorization": "rubbish"}, None),
        ({"Authorization": "Basic dXNlcjpwYXNz"}, None),
        ({}, "Bearer rubbish"),
        ({}, "Basic dXNlcjpwYXNz"),
        ({}, "Bearer"),
    ],
)
async def test_a_bad_token_is_400_in_any_place(api: Api, body: dict, header: str | None):
    headers = {"Authorization": header} if header else {}
    reply = await api.post("/api/logout/", body, headers=headers)
    assert (reply.status, reply.body) == (400, BAD_TOKEN)
    assert "WWW-Authenticate" not in reply.headers


async def test_a_bad_refresh_token_wins_over_a_good_access_token(api: Api):
    access, _ = await _pair(api)
    reply = await api.post("/api/logout/", {"refresh": "rubbish"}, token=access)
    assert (reply.status, reply.body) == (400, BAD_TOKEN)
    assert await _is_in(api, access)


async def test_a_bad_header_wins_over_a_good_token_in_the_body(api: Api):
    access, _ = await _pair(api)
    reply = await api.post("/api/logout/", {"Authorization": f"Bearer {access}"}, token="rubbish")
    assert (reply.status, reply.body) == (400, BAD_TOKEN)
    assert await _is_in(api, access)


async def test_an_expired_access_token_logs_nobody_out(api: Api):
    access, refresh = await _pair(api)
    api.clock.advance(minutes=15)
    reply = await api.post("/api/logout/", token=access)
    assert (reply.status, reply.body) == (400, BAD_TOKEN)
    assert (await _refresh(api, refresh)).status == 200


async def test_logging_out_twice_is_a_bad_token(api: Api):
    access, refresh = await _pair(api)
    await api.post("/api/logout/", token=access)
    assert (await api.post("/api/logout/", token=access)).body == BAD_TOKEN
    assert (await api.post("/api/logout/", {"refresh": refresh})).body == BAD_TOKEN


async def test_logging_out_many_times_at_once_leaves_no_session(api: Api):
    access, refresh = await _pair(api)
    replies = await asyncio.gather(
        *(api.post("/api/logout/", {"refresh": refresh}) for _ in range(10))
    )
    assert {reply.status for reply in replies} <= {200, 400}
    assert not await _is_in(api, access)
    assert len(await stored(api, "sessions")) == 1
