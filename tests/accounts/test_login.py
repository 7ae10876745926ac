"""Signing in (FORUM section 2, FORUM-OLD section 1, CONTRACT section 3)."""

import pytest

from tests.factories import change_user, stored
from tests.harness import Api

NAME = "13800138000"
WRONG = {"error": "Invalid username or password"}
REQUIRED = {"error": "Phone number and password are required"}
INACTIVE = {"error": "Account is inactive"}


async def _login(api: Api, password: object = "secret1", **name: object):
    return await api.post("/api/login/", {**name, "password": password})


@pytest.mark.parametrize("field", ["phone_number", "username"])
async def test_either_field_signs_in(api: Api, field: str):
    await api.sign_in(NAME)
    reply = await _login(api, **{field: NAME})
    assert reply.status == 200
    assert reply.body.keys() == {"refresh", "access"}


async def test_only_the_hash_of_a_refresh_token_is_stored(api: Api):
    await api.sign_in(NAME)
    reply = await _login(api, phone_number=NAME)
    sessions = await stored(api, "sessions")
    assert len(sessions) == 2
    assert reply.body["refresh"] not in str(sessions)
    assert reply.body["access"] not in str(sessions)


@pytest.mark.parametrize(
    ("field", "status", "challenge"), [("phone_number", 400, None), ("username", 401, "Bearer")]
)
@pytest.mark.parametrize(
    ("name", "password"),
    [
        (NAME, "another1"),
        (NAME, "x" * 73),
        (NAME, "secret1\0"),
        (NAME, "x"),
        ("nobody", "secret1"),
        ("nobody\0", "secret1"),
        ("n" * 5000, "secret1"),
    ],
)
async def test_each_document_has_its_status_for_the_same_refusal(
    api: Api, field: str, status: int, challenge: str | None, name: str, password: str
):
    await api.sign_in(NAME)
    sessions = len(await stored(api, "sessions"))
    reply = await _login(api, password, **{field: name})
    assert (reply.status, reply.body) == (status, WRONG)
    assert reply.headers.get("WWW-Authenticate") == challenge
    assert len(await stored(api, "sessions")) == sessions


async def test_phone_number_wins_over_username(api: Api):
    await api.sign_in(NAME)
    reply = await _login(api, phone_number="nobody", username=NAME)
    assert (reply.status, reply.body) == (400, WRONG)
    assert (await _login(api, phone_number="", username=NAME)).status == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"phone_number": NAME},
        {"username": NAME, "password": ""},
        {"username": NAME, "password": None},
        {"password": "secret1"},
        {"phone_number": "", "username": None, "password": "secret1"},
    ],
)
async def test_a_missing_field_is_400(api: Api, body: dict):
    reply = await api.post("/api/login/", body)
    assert (reply.status, reply.body) == (400, REQUIRED)


async def test_an_inactive_account_is_told_only_to_its_password(api: Api):
    await api.sign_in(NAME)
    await change_user(api, "+13800138000", is_active=False)
    reply = await _login(api, phone_number=NAME)
    assert (reply.status, reply.body) == (403, INACTIVE)
    reply = await _login(api, "another1", phone_number=NAME)
    assert (reply.status, reply.body) == (400, WRONG)
    assert len(await stored(api, "sessions")) == 1


async def test_the_case_of_a_username_counts(api: Api):
    await api.sign_in("example_user")
    reply = await _login(api, phone_number="Example_User")
    assert (reply.status, reply.body) == (400, WRONG)
