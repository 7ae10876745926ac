"""What is left of a limit is told in `RateLimit`, and tells of no account.

draft-ietf-httpapi-ratelimit-headers-10; CONTRACT section 3, "Throttles"; RELIABILITY P14.
"""

from typing import Any

import pytest

from handlers.routes import ROUTES
from services.errors import Throttled
from tests.harness import Api, Reply
from tests.sociox.people import PASSWORD, join, join_as

LOGIN = "/api/v1/auth/login"
ADMIN_LOGIN = "/api/v1/admin/login"
FORUM_LOGIN = "/api/login/"
OF_LOGIN = '"login-account";q=10;w=900, "login-address";q=300;w=60'


def _told(reply: Reply) -> tuple[int, str | None, str | None]:
    """Status, limits, and what is left of them."""
    headers = reply.headers
    return reply.status, headers.get("RateLimit-Policy"), headers.get("RateLimit")


async def _sign_in(api: Api, path: str, email: str, password: str) -> Reply:
    name = "username" if path == FORUM_LOGIN else "email"
    return await api.post(path, {name: email, "password": password})


async def _guesses(api: Api, path: str, email: str) -> list[tuple[int, str | None, str | None]]:
    """What eleven guesses are told, some time after those of another name."""
    api.clock.advance(minutes=2)
    return [_told(await _sign_in(api, path, email, "a guess")) for _ in range(11)]


@pytest.mark.parametrize("path", [LOGIN, ADMIN_LOGIN])
async def test_guesses_are_told_the_same_whatever_the_account_is(api: Api, path: str):
    await join(api, "active", roles=["user", "admin"])
    await join(api, "inactive", roles=["user", "admin"], is_active=False)
    await join(api, "google", roles=["user", "admin"], password_hash=None)
    names = ("active", "inactive", "google", "unknown")
    told = [await _guesses(api, path, f"{name}@example.com") for name in names]
    left = [f'"login-account";r={9 - n};t=900, "login-address";r={299 - n};t=60' for n in range(10)]
    expected = [(401, OF_LOGIN, each) for each in (*left, left[-1])]
    assert told == [[*expected[:10], (429, *expected[10][1:])]] * 4


async def test_guesses_at_a_forum_account_are_told_the_same(api: Api):
    await api.sign_in("13800138000")
    known, unknown = [await _guesses(api, FORUM_LOGIN, name) for name in ("13800138000", "nobody")]
    assert known == unknown
    assert known[0] == (401, OF_LOGIN, '"login-account";r=9;t=900, "login-address";r=299;t=60')


async def test_who_signs_in_has_all_tries_again(api: Api):
    person = await join(api, "ann")
    inactive = await join(api, "bob", is_active=False)
    for _ in range(3):
        await _sign_in(api, LOGIN, person.email, "a guess")
    fresh = '"login-account";r=10, "login-address";r=297;t=60'
    assert _told(await _sign_in(api, LOGIN, person.email, PASSWORD)) == (200, OF_LOGIN, fresh)
    # These are told only to who has the password.
    assert _told(await _sign_in(api, LOGIN, inactive.email, PASSWORD)) == (403, OF_LOGIN, fresh)
    assert _told(await _sign_in(api, ADMIN_LOGIN, person.email, PASSWORD)) == (403, OF_LOGIN, fresh)


async def test_the_time_that_is_left_runs_down(api: Api):
    for _ in range(10):
        await _sign_in(api, LOGIN, "a@example.com", "a guess")
    api.clock.advance(minutes=5, milliseconds=400)
    reply = await _sign_in(api, LOGIN, "a@example.com", "a guess")
    assert _told(reply) == (429, OF_LOGIN, '"login-account";r=0;t=600, "login-address";r=300;t=60')
    assert reply.headers["Retry-After"] == "600"


async def test_changing_a_password_counts_with_signing_in(api: Api):
    person = await join(api, "ann")

    async def change(current: str) -> Reply:
        body = {"current_password": current, "new_password": "another1"}
        return await api.post("/api/v1/auth/change-password", body, token=person.token)

    left = '"login-account";r=9;t=900, "login-address";r=299;t=60'
    assert _told(await change("a guess")) == (400, OF_LOGIN, left)
    fresh = '"login-account";r=10, "login-address";r=299;t=60'
    assert _told(await change(PASSWORD)) == (200, OF_LOGIN, fresh)
    for _ in range(10):
        await change("a guess")
    assert _told(await change("a guess"))[0] == 429


async def test_codes_say_when_the_next_may_be_asked_for(api: Api):
    async def send(number: str) -> Reply:
        return await api.post("/api/send_verification_code/", {"phone_number": number})

    policy = '"sms-code";q=1;w=60'
    assert _told(await send("13800138000")) == (200, policy, '"sms-code";r=0;t=60')
    api.clock.advance(seconds=18)
    assert _told(await send("13800138000")) == (429, policy, '"sms-code";r=0;t=42')
    await api.sign_in("13900139000")
    assert _told(await send("13900139000")) == (409, None, None)
    assert _told(await send("rubbish")) == (400, None, None)


async def test_mails_that_may_be_told_of_are_counted_down(api: Api):
    person, admin = await join(api, "ann"), await join_as(api, "admin", "boss")
    asked: list[tuple[str, str, dict[str, Any], str]] = [
        ("/api/v1/users/delete", person.token, {}, "mail-confirm_deletion"),
        (
            "/api/v1/admin/users/sendPasswordResetLink",
            admin.token,
            {"email": person.email},
            "mail-reset_password",
        ),
    ]
    for path, token, body, name in asked:
        replies = [_told(await api.post(path, body, token=token)) for _ in range(6)]
        policy = f'"{name}";q=5;w=3600'
        left = [f'"{name}";r={number};t=3600' for number in (4, 3, 2, 1, 0, 0)]
        statuses = [200] * 5 + [429]
        expected = [(status, policy, each) for status, each in zip(statuses, left, strict=True)]
        assert replies == expected


async def test_mails_that_nobody_may_be_told_of_have_no_headers(api: Api):
    person = await join(api, "ann")
    for email in (*[person.email] * 6, "unknown@example.com"):
        reply = await api.post("/api/auth/forgot-password", {"email": email})
        assert _told(reply) == (200, None, None)
    for _ in range(6):
        reply = await api.post("/api/v1/auth/resend-verification", token=person.token)
        assert _told(reply) == (200, None, None)


def test_the_routes_with_a_limit_are_these():
    limited = {
        route.path
        for route in ROUTES
        if any(issubclass(error, Throttled) for error in route.errors)
    }
    assert limited == {
        FORUM_LOGIN,
        LOGIN,
        ADMIN_LOGIN,
        "/api/v1/auth/change-password",
        "/api/send_verification_code/",
        "/api/v1/users/delete",
        "/api/v1/admin/users/sendPasswordResetLink",
    }
