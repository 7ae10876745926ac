"""Verifying an email address: the mail, its link, the page (CONTRACT section 3)."""

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from services.accounts.tokens import TokenSigner
from tests.factories import stored
from tests.harness import SECRET, Api
from tests.shop.test_auth import EMAIL, error, login, register

LINK = re.compile(r"^http://localhost:8000(/verify-email\?token=[A-Za-z0-9._-]+)$", re.MULTILINE)
BROWSER = {"Content-Type": "text/plain"}


async def _mails(api: Api) -> list[dict[str, Any]]:
    return await stored(api, "outbox", {"channel": "mail"})


async def _link(api: Api) -> str:
    """The path of the link in the newest mail."""
    found = LINK.search((await _mails(api))[-1]["text"])
    assert found
    return found.group(1)


async def _is_verified(api: Api, email: str = EMAIL) -> bool:
    (user,) = await stored(api, "users", {"email": email})
    return bool(user["email_verified"])


async def _press(api: Api, path: str) -> int:
    return (await api.post(path, headers=BROWSER)).status


async def test_registering_sends_a_mail_with_a_link(api: Api):
    await register(api, name="Buy at http://example.net now")
    (mail,) = await _mails(api)
    assert (mail["to"], mail["kind"]) == (EMAIL, "verify_email")
    assert mail["subject"] == "Confirm your email address"
    assert (mail["send_before"] - mail["created_at"]).total_seconds() == 24 * 3600
    assert LINK.search(mail["text"])
    # What anybody can register is not sent to another's address.
    assert "example.net" not in mail["text"]


async def test_the_link_shows_a_button_and_changes_nothing(api: Api):
    await register(api)
    path = await _link(api)
    reply = await api.get(path)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b'<form method="post" enctype="text/plain"><button>Confirm</button>' in reply.content
    assert path.partition("=")[2].encode() not in reply.content
    assert not await _is_verified(api)


async def test_the_button_verifies_the_address_once(api: Api):
    token = (await register(api)).body["token"]
    path = await _link(api)
    reply = await api.post(path, headers=BROWSER)
    assert reply.status == 200
    assert b"Your email address is confirmed" in reply.content
    assert await _is_verified(api)
    profile = await api.get("/api/v1/auth/profile", token=token)
    assert profile.body["data"]["user"]["email_verified"] is True
    reply = await api.post(path, headers=BROWSER)
    assert reply.status == 400
    assert b"<h1>This link no longer works</h1>" in reply.content


async def test_of_ten_presses_at_once_one_counts(api: Api):
    await register(api)
    path = await _link(api)
    statuses = await asyncio.gather(*(_press(api, path) for _ in range(10)))
    assert sorted(statuses) == [200] + [400] * 9


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_page_keeps_its_address_to_itself(api: Api, method: str):
    await register(api)
    body = None if method == "GET" else b""
    reply = await api.call(method, await _link(api), body, headers=BROWSER)
    policy = reply.headers["Content-Security-Policy"]
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]{44}'; form-action 'self'; "
        r"base-uri 'none'; frame-ancestors 'none'",
        policy,
    )
    style = reply.content.partition(b"<style>")[2].partition(b"</style>")[0]
    assert base64.b64encode(hashlib.sha256(style).digest()).decode() in policy
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["X-Frame-Options"] == "DENY"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert b"<script" not in reply.content


async def test_a_link_lives_a_day(api: Api):
    await register(api)
    path = await _link(api)
    api.clock.advance(hours=24)
    assert await _press(api, path) == 400
    assert not await _is_verified(api)


@pytest.mark.parametrize("query", ["", "?token=", "?token=rubbish", "?token=%00", "?other=x"])
async def test_another_token_is_refused_as_a_page(api: Api, query: str):
    await register(api)
    reply = await api.post(f"/verify-email{query}", headers=BROWSER)
    assert (reply.status, reply.headers["Content-Type"]) == (400, "text/html; charset=utf-8")
    assert not await _is_verified(api)


async def test_tokens_are_good_for_one_thing_only(api: Api):
    access = (await register(api)).body["token"]
    path = await _link(api)
    assert await _press(api, f"/verify-email?token={access}") == 400
    token = path.partition("=")[2]
    assert (await api.get("/api/v1/auth/profile", token=token)).status == 401


async def test_a_link_is_about_one_address_of_one_account(api: Api):
    await register(api)
    await register(api, email="ann@example.com")
    (john,) = await stored(api, "users", {"email": EMAIL})
    signer = TokenSigner(SECRET, api.clock)
    for subject, email in ((john["_id"], "ann@example.com"), (ObjectId(), EMAIL)):
        token = signer.sign("verify_email", subject, timedelta(hours=1), email=email)
        assert await _press(api, f"/verify-email?token={token}") == 400
    assert not await _is_verified(api)
    assert not await _is_verified(api, "ann@example.com")


async def test_a_refused_registration_sends_nothing_and_counts_nothing(api: Api):
    await register(api)
    for _ in range(6):
        assert (await register(api)).status == 409
    assert len(await _mails(api)) == 1
    token = (await login(api)).body["token"]
    reply = await api.post("/api/v1/auth/resend-verification", token=token)
    assert reply.status == 200
    assert len(await _mails(api)) == 2


async def test_beyond_five_an_hour_no_mail_goes_out_and_none_is_missed(api: Api):
    token = (await register(api)).body["token"]
    replies = [await api.post("/api/v1/auth/resend-verification", token=token) for _ in range(6)]
    assert {reply.status for reply in replies} == {200}
    assert replies[0].body == {"data": {"message": "Verification mail sent"}}
    assert len(await _mails(api)) == 5
    await register(api, email="ann@example.com")
    assert len(await _mails(api)) == 6
    api.clock.advance(hours=1)
    token = (await login(api)).body["token"]
    await api.post("/api/v1/auth/resend-verification", token=token)
    assert len(await _mails(api)) == 7


async def test_who_has_nothing_to_verify_gets_no_mail(api: Api):
    nothing = error(
        "nothing_to_verify", "The account has no email address that is still to be verified"
    )
    phone = await api.sign_in("13800138000")
    reply = await api.post("/api/v1/auth/resend-verification", token=phone)
    assert (reply.status, reply.body) == (409, nothing)
    john = (await register(api)).body["token"]
    await _press(api, await _link(api))
    reply = await api.post("/api/v1/auth/resend-verification", token=john)
    assert (reply.status, reply.body) == (409, nothing)
    assert len(await _mails(api)) == 1


async def test_a_form_of_the_usual_type_is_refused_as_a_page(api: Api):
    await register(api)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = await api.post(await _link(api), headers=form)
    assert (reply.status, reply.headers["Content-Type"]) == (415, "text/html; charset=utf-8")
    assert not await _is_verified(api)


async def test_no_mail_is_left_to_an_account_that_goes_meanwhile(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    token = (await register(api)).body["token"]
    verification = api.agora.services.accounts.email_verification
    allowance = verification.allowance

    @asynccontextmanager
    async def slowly(email: str) -> AsyncIterator[bool]:
        async with allowance(email) as is_allowed:
            assert (await api.call("DELETE", "/api/user/", token=token)).status == 200
            yield is_allowed

    monkeypatch.setattr(verification, "allowance", slowly)
    assert (await api.post("/api/v1/auth/resend-verification", token=token)).status == 401
    assert await _mails(api) == []
