"""Registering with a phone number or a username (FORUM section 1, CONTRACT sections 1 and 3)."""

import asyncio

import pytest

from services.accounts.identifiers import find_phone, first_username
from tests.factories import stored, tokens_of
from tests.harness import Api

REQUIRED = {"error": "Phone number and password are required"}
TAKEN = {"error": "Phone number is already registered"}
BAD_NAME = {"error": "A phone number or username is 1 to 64 visible characters, without spaces."}
BAD_PASSWORD = {"error": "The password must be 6 to 72 bytes of UTF-8, without NUL."}


async def _register(api: Api, password: str = "secret1", **name: object):
    return await api.post("/api/register/", {**name, "password": password})


@pytest.mark.parametrize("field", ["username", "phone_number"])
async def test_an_account_is_made_under_either_field(api: Api, field: str):
    reply = await _register(api, **{field: "example_user"})
    assert (reply.status, reply.body) == (201, {"message": "Registration successful"})
    (user,) = await stored(api, "users")
    assert user["phone_identifier"] == "example_user"
    assert user["username"] == "example_user"
    assert (user["number"], user["roles"], user["is_active"]) == (1, ["user"], True)
    assert b"secret1" not in user["password_hash"]
    assert "email" not in user


async def test_phone_number_wins_over_username(api: Api):
    await _register(api, phone_number="by_phone", username="by_name")
    (user,) = await stored(api, "users")
    assert user["phone_identifier"] == "by_phone"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": "example_user"},
        {"password": "secret1"},
        {"username": "", "password": "secret1"},
        {"username": None, "phone_number": None, "password": "secret1"},
        {"username": "example_user", "password": ""},
        {"username": "example_user", "password": None},
    ],
)
async def test_a_missing_field_is_the_documented_401(api: Api, body: dict):
    reply = await api.post("/api/register/", body)
    assert (reply.status, reply.body) == (401, REQUIRED)
    assert reply.headers["WWW-Authenticate"] == "Bearer"


async def test_a_taken_number_is_the_documented_401(api: Api):
    await _register(api, username="13800138000")
    reply = await _register(api, "another1", username="13800138000")
    assert (reply.status, reply.body) == (401, TAKEN)
    await tokens_of(api, "13800138000", "secret1")


@pytest.mark.parametrize(
    "spelling", ["+13800138000", "138 0013 8000", "138-0013-8000", "+138 0013-8000", " 13800138000"]
)
async def test_every_spelling_of_a_phone_number_is_the_same_account(api: Api, spelling: str):
    await _register(api, username="13800138000")
    reply = await _register(api, username=spelling)
    assert (reply.status, reply.body) == (401, TAKEN)
    await tokens_of(api, spelling)
    (user,) = await stored(api, "users")
    assert user["phone_identifier"] == "+13800138000"


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("123456", "+123456"),
        ("12345", None),
        ("123456789012345", "+123456789012345"),
        ("1234567890123456", None),
        ("+123456", "+123456"),
        ("++123456", None),
        ("12+3456", None),
        ("１２３４５６", None),
        ("12345a", None),
        ("123456\n", None),
        ("(138)0013", None),
        ("", None),
    ],
)
def test_what_is_a_phone_number(text: str, phone: str | None):
    assert find_phone(text) == phone


@pytest.mark.parametrize(
    ("identifier", "shown"),
    [
        ("+13800138000", "138****8000"),
        ("+12345678", "123****5678"),
        ("+1234567", "1****7"),
        ("+123456", "1****6"),
        ("12-34-56", "1****6"),
        ("138 0013-8000", "138****8000"),
        ("example_user", "example_user"),
    ],
)
def test_a_phone_number_is_never_shown_whole(identifier: str, shown: str):
    assert first_username(identifier) == shown


@pytest.mark.parametrize("name", ["x", "x" * 64, "名字", "a@b.c", "Ω≈ç√"])
async def test_names_of_visible_characters_are_taken_as_they_are(api: Api, name: str):
    reply = await _register(api, username=name)
    assert reply.status == 201
    (user,) = await stored(api, "users")
    assert (user["phone_identifier"], user["username"]) == (name, name)


@pytest.mark.parametrize(
    "name",
    [
        "x" * 65,
        " ",
        "two words",
        "tab\tbed",
        "nul\0",
        "line\n",
        "zero\u200bwidth",
        "wide\u3000space",
        "right\u202eleft",
        "\ue000private",
        "\ufeffmark",
    ],
)
async def test_other_names_are_refused(api: Api, name: str):
    reply = await _register(api, username=name)
    assert (reply.status, reply.body) == (400, BAD_NAME)
    assert await stored(api, "users") == []


@pytest.mark.parametrize(
    "password", ["secret", "x" * 72, "密码", "密" * 24, " " * 6, "p" * 70 + "é"]
)
async def test_passwords_of_6_to_72_bytes_open_the_account(api: Api, password: str):
    assert (await _register(api, password, username="example_user")).status == 201
    await tokens_of(api, "example_user", password)


@pytest.mark.parametrize(
    "password", ["short", "x" * 73, "密", "密" * 24 + "x", "secret\0", "\0" * 8]
)
async def test_other_passwords_are_refused(api: Api, password: str):
    reply = await _register(api, password, username="example_user")
    assert (reply.status, reply.body) == (400, BAD_PASSWORD)
    assert await stored(api, "users") == []


async def test_of_many_who_register_one_number_at_once_one_gets_it(api: Api):
    replies = await asyncio.gather(*(_register(api, username="13800138000") for _ in range(20)))
    assert sorted(reply.status for reply in replies) == [201] + [401] * 19
    assert len(await stored(api, "users")) == 1
