"""The pages of the links that reset a password and delete an account (CONTRACT section 3)."""

import asyncio
import base64
import hashlib
import re

import pytest

from tests.factories import stored
from tests.harness import Api, Reply
from tests.sociox.people import PASSWORD, Person, join
from tests.sociox.test_account_deletion import deletion_path
from tests.sociox.test_password_reset import NEW, forget, sign_in

BROWSER = {"Content-Type": "text/plain"}
HTML = "text/html; charset=utf-8"
DEAD = (
    "It was used before or is too old. If you have just pressed its button twice, the first time "
    "did the job."
)


async def reset_path(api: Api, person: Person) -> str:
    """The path of the page that a mail about a forgotten password links to."""
    return f"/reset-password?token={(await forget(api, person.email)).token}"


def typed(password: str, repeated: str | None = None) -> bytes:
    """What a browser sends of the form, as HTML encodes text/plain."""
    again = password if repeated is None else repeated
    return f"password={password}\r\nrepeated={again}\r\n".encode()


async def press(api: Api, path: str, body: bytes = b"") -> Reply:
    """Press the page's button."""
    return await api.post(path, body, headers=BROWSER)


def said(reply: Reply) -> str:
    """The sentence on the page."""
    found = re.search(r"<p>(.*?)</p>", reply.content.decode())
    assert found
    return found.group(1)


PAGES = pytest.mark.parametrize("path_of", [reset_path, deletion_path])


@PAGES
async def test_opening_the_link_changes_nothing(api: Api, path_of):
    path = await path_of(api, await join(api, "ann"))
    before = [await stored(api, name) for name in ("users", "sessions", "mailed_links")]
    for method in ("GET", "GET", "HEAD"):
        reply = await api.call(method, path)
        assert (reply.status, reply.headers["Content-Type"]) == (200, HTML)
    assert [await stored(api, name) for name in ("users", "sessions", "mailed_links")] == before


@PAGES
async def test_the_page_keeps_its_address_to_itself(api: Api, path_of):
    path = await path_of(api, await join(api, "ann"))
    token = path.partition("=")[2]
    for reply in (await api.get(path), await press(api, path, typed(NEW)), await api.get(path)):
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
        assert b"<script" not in reply.content
        assert token.encode() not in reply.content


@PAGES
async def test_a_link_that_is_dead_says_so(api: Api, path_of):
    path = await path_of(api, await join(api, "ann"))
    api.clock.advance(minutes=15)
    page = path.partition("?")[0]
    for dead in (path, page, f"{page}?token=", f"{page}?token=rubbish", f"{page}?token=%00"):
        for reply in (await api.get(dead), await press(api, dead, typed(NEW))):
            assert (reply.status, reply.headers["Content-Type"]) == (400, HTML)
            assert said(reply) == DEAD
    assert await sign_in(api, PASSWORD) == 200


async def test_a_link_of_one_page_is_dead_on_the_other(api: Api):
    person = await join(api, "ann")
    reset = (await reset_path(api, person)).partition("?")[2]
    deletion = (await deletion_path(api, person)).partition("?")[2]
    for path in (f"/confirm-delete?{reset}", f"/reset-password?{deletion}"):
        assert said(await press(api, path, typed(NEW))) == DEAD
    assert await sign_in(api, PASSWORD) == 200


async def test_the_button_deletes_the_account(api: Api):
    path = await deletion_path(api, await join(api, "ann"))
    assert b'<form method="post" enctype="text/plain"><button>' in (await api.get(path)).content
    reply = await press(api, path)
    assert (reply.status, said(reply)) == (
        200,
        "All that was yours is gone. You can close this page.",
    )
    assert await stored(api, "users") == []
    assert said(await press(api, path)) == DEAD


@PAGES
async def test_a_button_that_is_pressed_twice_at_once_does_its_job_and_says_so(api: Api, path_of):
    path = await path_of(api, await join(api, "ann"))
    replies = await asyncio.gather(*(press(api, path, typed(NEW)) for _ in range(2)))
    first, second = sorted(replies, key=lambda reply: reply.status)
    assert (first.status, second.status) == (200, 400)
    assert b"<h1>This link no longer works</h1>" in second.content
    assert said(second) == DEAD


async def test_the_last_superadmin_is_told_on_the_page(api: Api):
    path = await deletion_path(api, await join(api, "ann", roles=["user", "superadmin"]))
    reply = await press(api, path)
    refused = "This is the last superadmin; appoint another first."
    assert (reply.status, said(reply)) == (403, refused)


async def test_the_form_sets_the_password(api: Api):
    path = await reset_path(api, await join(api, "ann"))
    assert (await api.get(path)).content.count(b'<input type="password"') == 2
    reply = await press(api, path, typed("a=b &c%20+密"))
    assert reply.status == 200
    assert b"Your password is changed" in reply.content
    assert await sign_in(api, "a=b &c%20+密") == 200


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (typed(NEW, "another"), "The two passwords differ; nothing is changed yet."),
        (f"password={NEW}\r\n".encode(), "The two passwords differ; nothing is changed yet."),
        (typed("short"), "The password must be 6 to 72 bytes of UTF-8, without NUL."),
        (b"", "The two passwords differ; nothing is changed yet."),
    ],
)
async def test_a_password_that_is_refused_can_be_typed_anew(api: Api, body: bytes, sentence: str):
    path = await reset_path(api, await join(api, "ann"))
    reply = await press(api, path, body)
    assert (reply.status, said(reply)) == (400, sentence)
    assert reply.content.count(b'<input type="password"') == 2
    assert b"short" not in reply.content
    assert (await press(api, path, typed(NEW))).status == 200


async def test_a_form_that_no_browser_sends_is_refused(api: Api):
    path = await reset_path(api, await join(api, "ann"))
    reply = await press(api, path, b"password=\xff\xfe\xff\xfe\xff\xfe\r\n")
    assert (reply.status, said(reply)) == (
        400,
        "The form can&#x27;t be read; open the link of the mail again.",
    )
    reply = await press(api, path, typed(NEW) + b"more=\r\n" * 1000)
    assert (reply.status, said(reply)) == (
        400,
        "The form can&#x27;t be read; open the link of the mail again.",
    )
    usual = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = await api.post(path, typed(NEW), headers=usual)
    assert (reply.status, reply.headers["Content-Type"]) == (415, HTML)
    assert await sign_in(api, PASSWORD) == 200
