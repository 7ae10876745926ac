"""Forgotten passwords, by code and by link (SOCIOX; CONTRACT section 3, "Forgot password")."""

import asyncio
import re
import statistics
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from repositories.accounts.mailed_links import MailedLinkRepository
from repositories.errors import WriteConflict
from services.accounts.tokens import TokenSigner, opaque_hash
from tests.factories import stored
from tests.harness import SECRET, Api, Reply
from tests.sociox.people import PASSWORD, Person, error, join, join_as

FORGOT = "/api/auth/forgot-password"
BY_CODE = "/api/auth/reset-password"
BY_LINK = "/api/admin/users/reset-password"
EMAIL = "ann@example.com"
NEW = "your-new-password"
DONE = {"message": "Password reset successfully", "data": None}
WRONG_OTP = (400, "invalid_otp", "Invalid or expired OTP")
WRONG_LINK = (400, "invalid_link", "This link was used before or is no longer valid")
_LINK = re.compile(r"^http://localhost:8000/reset-password\?token=([\w-]{43})$", re.MULTILINE)
_OTP = re.compile(r"^([0-9]{6})$", re.MULTILINE)


@dataclass(frozen=True)
class Mail:
    """What can be done with a mail."""

    otp: str
    token: str


async def mails(api: Api) -> list[dict[str, Any]]:
    """The mails about forgotten passwords."""
    return await stored(api, "outbox", {"kind": "reset_password"})


async def forget(api: Api, email: object = EMAIL) -> Mail:
    """Ask for a mail and read the newest."""
    reply = await api.post(FORGOT, {"email": email})
    assert reply.status == 200, reply
    text = (await mails(api))[-1]["text"]
    otp, link = _OTP.search(text), _LINK.search(text)
    assert otp
    assert link
    return Mail(otp.group(1), link.group(1))


async def by_code(api: Api, otp: object, email: object = EMAIL, password: object = NEW) -> Reply:
    """Set a new password by a code."""
    return await api.post(BY_CODE, {"email": email, "otp": otp, "newPassword": password})


async def by_link(api: Api, token: object, password: object = NEW) -> Reply:
    """Set a new password by a link's token."""
    return await api.post(BY_LINK, {"token": token, "newPassword": password})


async def sign_in(api: Api, password: str, email: str = EMAIL) -> int:
    """The status of a sign-in."""
    body = {"email": email, "password": password}
    return (await api.post("/api/v1/auth/login", body)).status


def another(otp: str) -> str:
    """A code that is not this one."""
    return f"{(int(otp) + 1) % 1_000_000:06d}"


async def test_a_mail_brings_a_code_and_a_link(api: Api):
    await join(api, "ann")
    reply = await api.post(FORGOT, {"email": " Ann@Example.com "})
    said = "If an account has this address, a mail is on its way to it"
    assert (reply.status, reply.body) == (200, {"message": said, "data": None})
    (mail,) = await mails(api)
    assert (mail["to"], mail["subject"]) == (EMAIL, "Choose a new password")
    assert mail["send_before"] - mail["created_at"] == timedelta(minutes=10)
    assert _OTP.search(mail["text"])
    assert _LINK.search(mail["text"])


async def test_the_store_holds_neither_code_nor_token(api: Api):
    await join(api, "ann")
    mail = await forget(api)
    (link,) = await stored(api, "mailed_links")
    assert link["token_hash"] == opaque_hash(mail.token)
    assert mail.otp not in str(link)
    assert mail.token not in str(link)


@pytest.mark.parametrize("way", ["code", "link"])
async def test_a_new_password_ends_every_session_and_the_old_password(api: Api, way: str):
    person = await join(api, "ann")
    staying = await join(api, "staying")
    mail = await forget(api)
    reply = await (by_code(api, mail.otp) if way == "code" else by_link(api, mail.token))
    assert (reply.status, reply.body) == (200, DONE)
    assert (await api.get("/api/v1/auth/profile", token=person.token)).status == 401
    assert (await api.get("/api/v1/auth/profile", token=staying.token)).status == 200
    assert await sign_in(api, PASSWORD) == 401
    assert await sign_in(api, NEW) == 200


@pytest.mark.parametrize("way", ["code", "link"])
async def test_who_tried_too_many_passwords_signs_in_with_the_new_one_at_once(api: Api, way: str):
    await join(api, "ann")
    for _ in range(10):
        await sign_in(api, "forgotten")
    assert await sign_in(api, PASSWORD) == 429
    mail = await forget(api)
    await (by_code(api, mail.otp) if way == "code" else by_link(api, mail.token))
    assert await sign_in(api, NEW) == 200


@pytest.mark.parametrize("first", ["code", "link"])
async def test_a_mail_works_once_as_a_whole(api: Api, first: str):
    await join(api, "ann")
    mail = await forget(api)
    reply = await (by_code(api, mail.otp) if first == "code" else by_link(api, mail.token))
    assert reply.status == 200
    assert error(await by_code(api, mail.otp, password="another-password")) == WRONG_OTP
    assert error(await by_link(api, mail.token, "another-password")) == WRONG_LINK
    assert await sign_in(api, NEW) == 200


async def test_of_many_uses_at_once_one_counts(api: Api):
    await join(api, "ann")
    mail = await forget(api)
    passwords = [f"password {number}" for number in range(8)]
    calls = [
        by_code(api, mail.otp, password=password)
        if number % 2
        else by_link(api, mail.token, password)
        for number, password in enumerate(passwords)
    ]
    replies = await asyncio.gather(*calls)
    assert sorted(reply.status for reply in replies) == [200] + [400] * 7
    winner = [reply.status for reply in replies].index(200)
    signed_in = [await sign_in(api, password) for password in passwords]
    assert [number for number, status in enumerate(signed_in) if status == 200] == [winner]


async def test_a_mail_lives_ten_minutes(api: Api):
    await join(api, "ann")
    mail = await forget(api)
    api.clock.advance(minutes=9, seconds=59)
    newer = await forget(api)
    api.clock.advance(minutes=9, seconds=59)
    assert error(await by_code(api, mail.otp)) == WRONG_OTP
    api.clock.advance(seconds=1)
    assert error(await by_code(api, newer.otp)) == WRONG_OTP
    assert error(await by_link(api, newer.token)) == WRONG_LINK
    assert await sign_in(api, PASSWORD) == 200


async def test_a_new_mail_voids_the_older(api: Api):
    await join(api, "ann")
    older = await forget(api)
    newer = await forget(api)
    if older.otp != newer.otp:
        assert error(await by_code(api, older.otp)) == WRONG_OTP
    assert error(await by_link(api, older.token)) == WRONG_LINK
    assert (await by_code(api, newer.otp)).status == 200


async def test_five_wrong_codes_kill_the_code_and_not_the_link(api: Api):
    await join(api, "ann")
    mail = await forget(api)
    for _ in range(5):
        assert error(await by_code(api, another(mail.otp))) == WRONG_OTP
    assert error(await by_code(api, mail.otp)) == WRONG_OTP
    assert (await by_link(api, mail.token)).status == 200


async def test_guesses_at_once_are_no_more_than_five(api: Api):
    await join(api, "ann")
    mail = await forget(api)
    guesses = [by_code(api, another(mail.otp)) for _ in range(12)]
    replies = await asyncio.gather(*guesses)
    assert {error(reply) for reply in replies} == {WRONG_OTP}
    (link,) = await stored(api, "mailed_links")
    assert link["tries"] == 5
    assert error(await by_code(api, mail.otp)) == WRONG_OTP


async def test_a_new_mail_brings_a_code_that_can_be_tried_again(api: Api):
    await join(api, "ann")
    mail = await forget(api)
    for _ in range(5):
        await by_code(api, another(mail.otp))
    assert (await by_code(api, (await forget(api)).otp)).status == 200


@pytest.mark.parametrize("password", ["short", "x" * 73, "with\0nul", "密" * 25])
async def test_a_refused_password_spends_nothing(api: Api, password: str):
    await join(api, "ann")
    mail = await forget(api)
    before = await stored(api, "mailed_links")
    for reply in (
        await by_code(api, mail.otp, password=password),
        await by_link(api, mail.token, password),
    ):
        assert error(reply) == (
            400,
            "invalid_password",
            "The password must be 6 to 72 bytes of UTF-8, without NUL.",
        )
    assert await stored(api, "mailed_links") == before
    assert (await by_code(api, mail.otp)).status == 200


async def test_a_transaction_that_loses_is_no_guess(api: Api, monkeypatch: pytest.MonkeyPatch):
    """As on MongoDB, where the request is run again (docs/decisions/0005)."""
    claim, lost = MailedLinkRepository.claim, 0

    async def lose(links: MailedLinkRepository, link: dict[str, Any], *, tx: object) -> bool:
        nonlocal lost
        lost += 1
        if lost < 7:
            raise WriteConflict("another transaction was first")
        return await claim(links, link, tx=tx)

    monkeypatch.setattr(MailedLinkRepository, "claim", lose)
    await join(api, "ann")
    assert (await by_code(api, (await forget(api)).otp)).status == 200


async def test_an_unknown_address_is_a_wrong_code(api: Api):
    assert error(await by_code(api, "123456", email="nobody@example.com")) == WRONG_OTP


async def test_a_code_is_for_one_account(api: Api):
    await join(api, "ann")
    await join(api, "bob")
    mail = await forget(api)
    await forget(api, "bob@example.com")
    others = await by_code(api, mail.otp, email="bob@example.com")
    assert error(others) == WRONG_OTP
    assert await sign_in(api, PASSWORD, "bob@example.com") == 200


BAD_BODIES: list[tuple[str, dict[str, Any], str]] = [
    (FORGOT, {}, "missing_field"),
    (FORGOT, {"email": ""}, "missing_field"),
    (FORGOT, {"email": 1}, "invalid_field"),
    (FORGOT, {"email": {"$gt": ""}}, "invalid_field"),
    (FORGOT, {"email": "ann"}, "invalid_email"),
    (FORGOT, {"email": "ann@example.com\r\nBcc: all@example.com"}, "invalid_email"),
    (FORGOT, {"email": "ann@example.com,bob@example.com"}, "invalid_email"),
    (BY_CODE, {"email": EMAIL, "otp": "123456"}, "missing_field"),
    (BY_CODE, {"email": EMAIL, "newPassword": NEW}, "missing_field"),
    (BY_CODE, {"otp": "123456", "newPassword": NEW}, "missing_field"),
    (BY_CODE, {"email": "ann", "otp": "123456", "newPassword": NEW}, "invalid_email"),
    (BY_CODE, {"email": EMAIL, "otp": 123456, "newPassword": NEW}, "invalid_field"),
    (BY_CODE, {"email": EMAIL, "otp": "123456", "newPassword": ["x"]}, "invalid_field"),
    (BY_LINK, {"token": "x"}, "missing_field"),
    (BY_LINK, {"token": None, "newPassword": NEW}, "missing_field"),
    (BY_LINK, {"token": {"$ne": None}, "newPassword": NEW}, "invalid_field"),
]


async def test_a_bad_body_is_told(api: Api):
    await join(api, "ann")
    for path, body, code in BAD_BODIES:
        assert error(await api.post(path, body))[:2] == (400, code), body
    assert await mails(api) == []


async def test_what_is_no_code_is_a_wrong_one(api: Api):
    await join(api, "ann")
    await forget(api)
    for otp in ("12345", "1234567", "abcdef", "\0" * 6, " "):
        assert error(await by_code(api, otp)) == WRONG_OTP, otp


async def test_a_link_token_is_good_for_nothing_else(api: Api):
    """Nor is anything else good for it: not what signs in, nor what verifies an address."""
    person = await join(api, "ann")
    mail = await forget(api)
    (user,) = await stored(api, "users")
    verifying = TokenSigner(SECRET, api.clock).sign(
        "verify_email", user["_id"], timedelta(hours=1), email=EMAIL
    )
    refresh = (await api.post("/api/v1/auth/login", {"email": EMAIL, "password": PASSWORD})).body[
        "data"
    ]["refresh_token"]
    for token in (person.token, verifying, refresh, mail.otp, "rubbish", "\0", "é"):
        assert error(await by_link(api, token)) == WRONG_LINK, token
    assert (await api.get("/api/v1/auth/profile", token=mail.token)).status == 401
    body = {"refresh_token": mail.token}
    assert (await api.post("/api/v1/auth/refresh", body)).status == 401
    assert (await api.post(f"/verify-email?token={mail.token}")).status == 400
    assert (await by_link(api, mail.token)).status == 200


async def _deactivate(api: Api, user_id: str) -> None:
    await api.agora.storage["users"].update_one(
        {"_id": ObjectId(user_id)}, {"$set": {"is_active": False}}
    )


async def test_a_deactivated_account_gets_no_mail(api: Api):
    person = await join(api, "ann")
    await _deactivate(api, person.id)
    assert (await api.post(FORGOT, {"email": EMAIL})).status == 200
    assert (await api.post(FORGOT, {"email": "nobody@example.com"})).status == 200
    assert await mails(api) == []


async def test_a_child_of_a_deactivated_parent_gets_no_mail(api: Api):
    child = await join_as(api, "child", "ann")
    await forget(api)
    await _deactivate(api, "0123456789abcdef01234567")
    assert (await api.post(FORGOT, {"email": child.email})).status == 200
    assert len(await mails(api)) == 1


async def test_a_mail_is_void_once_its_account_is_deactivated_or_gone(api: Api):
    person = await join(api, "ann")
    mail = await forget(api)
    await _deactivate(api, person.id)
    assert error(await by_code(api, mail.otp)) == WRONG_OTP
    assert error(await by_link(api, mail.token)) == WRONG_LINK
    leaving = await join(api, "bob")
    mail = await forget(api, leaving.email)
    assert (await api.call("DELETE", "/api/user/", token=leaving.token)).status == 200
    assert len(await stored(api, "mailed_links")) == 1
    assert error(await by_link(api, mail.token)) == WRONG_LINK


async def test_beyond_five_mails_an_hour_an_address_gets_none_and_misses_none(api: Api):
    await join(api, "ann")
    await join(api, "bob")
    for _ in range(5):
        fifth = await forget(api)
    replies = await asyncio.gather(*(api.post(FORGOT, {"email": EMAIL}) for _ in range(3)))
    assert {reply.status for reply in replies} == {200}
    assert len(await mails(api)) == 5
    await forget(api, "bob@example.com")
    # What was not sent voids nothing.
    assert (await by_code(api, fifth.otp)).status == 200
    api.clock.advance(hours=1)
    await forget(api)
    assert len(await mails(api)) == 7


async def test_mails_asked_for_at_once_are_no_more_than_five(api: Api):
    await join(api, "ann")
    await asyncio.gather(*(api.post(FORGOT, {"email": EMAIL}) for _ in range(12)))
    assert len(await mails(api)) == 5
    assert len(await stored(api, "mailed_links")) == 1


async def test_a_reset_proves_the_address_and_shuts_out_who_registered_it(api: Api):
    person = await join(api, "ann")
    await api.agora.storage["users"].update_one(
        {"_id": ObjectId(person.id)}, {"$set": {"google_sub": "of somebody else"}}
    )
    assert (await by_link(api, (await forget(api)).token)).status == 200
    (user,) = await stored(api, "users")
    assert user["email_verified"] is True
    assert "google_sub" not in user


async def test_a_verified_account_keeps_its_google_account(api: Api):
    person = await join(api, "ann")
    await api.agora.storage["users"].update_one(
        {"_id": ObjectId(person.id)}, {"$set": {"google_sub": "mine", "email_verified": True}}
    )
    assert (await by_link(api, (await forget(api)).token)).status == 200
    (user,) = await stored(api, "users")
    assert user["google_sub"] == "mine"


async def _seconds(api: Api, email: str) -> float:
    began = time.perf_counter()
    assert (await api.post(FORGOT, {"email": email})).status == 200
    return time.perf_counter() - began


async def test_known_and_unknown_addresses_take_the_same_time(api: Api):
    """Medians of many, in turns; loosely, since other work shares the machine."""
    people: list[Person] = [await join(api, f"person{number}") for number in range(12)]
    known, unknown = [], []
    for number, person in enumerate(people):
        known.append(await _seconds(api, person.email))
        unknown.append(await _seconds(api, f"nobody{number}@example.com"))
    assert len(await mails(api)) == len(people)
    ratio = statistics.median(known) / statistics.median(unknown)
    assert 0.8 < ratio < 1.25
