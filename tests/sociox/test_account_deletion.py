"""One's own account: seen, and deleted by a link in a mail (SOCIOX; CONTRACT section 5)."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from services.accounts.tokens import opaque_hash
from tests.factories import stored
from tests.harness import Api, Reply
from tests.sociox.people import PASSWORD, Person, error, join, join_as
from tests.sociox.test_password_reset import by_link, forget

DELETE = "/api/v1/users/delete"
CONFIRM = "/api/users/confirm-delete"
WRONG_LINK = (400, "invalid_link", "This link was used before or is no longer valid")
DELETED = {"message": "User deleted successfully", "data": None}
# What the document sends with it.
DOCUMENTED = {"name": "Nikunja", "picture": "dsafsd"}
_LINK = re.compile(r"^http://localhost:8000(/confirm-delete\?token=[\w-]{43})$", re.MULTILINE)


async def mails(api: Api) -> list[dict[str, Any]]:
    """The mails about deletions."""
    return await stored(api, "outbox", {"kind": "confirm_deletion"})


async def deletion_path(api: Api, person: Person, body: Any = None) -> str:
    """Ask for the deletion and read the newest mail: the path of its link's page."""
    reply = await api.post(DELETE, body, token=person.token)
    assert reply.status == 200, reply
    link = _LINK.search((await mails(api))[-1]["text"])
    assert link
    return link.group(1)


async def deletion_token(api: Api, person: Person) -> str:
    """The token of a link that deletes the account."""
    return (await deletion_path(api, person)).partition("=")[2]


async def confirm(api: Api, token: object) -> Reply:
    """Delete the account of a link."""
    return await api.post(CONFIRM, {"token": token})


async def test_users_see_their_own_details(api: Api):
    person = await join(api, "ann")
    reply = await api.get("/api/users/details", token=person.token)
    assert reply.status == 200
    profile = await api.get("/api/v1/auth/profile", token=person.token)
    assert reply.body == {
        "message": "User details retrieved successfully",
        "data": profile.body["data"]["user"],
    }
    assert reply.body["data"]["id"] == person.id


async def test_a_phone_account_sees_its_number(api: Api):
    reply = await api.get("/api/v1/users/details", token=await api.sign_in())
    shown = reply.body["data"]
    assert (shown["phone_number"], shown["email"], shown["name"]) == ("+13800138000", None, "")


async def test_a_mail_brings_a_link_to_the_accounts_own_address(api: Api):
    person = await join(api, "ann")
    body = {**DOCUMENTED, "email": " Ann@example.com"}
    reply = await api.post(DELETE, body, token=person.token)
    said = "A mail with a link to confirm the deletion is on its way"
    assert (reply.status, reply.body) == (200, {"message": said, "data": None})
    (mail,) = await mails(api)
    assert (mail["to"], mail["subject"]) == (
        "ann@example.com",
        "Confirm the deletion of your account",
    )
    assert mail["send_before"] - mail["created_at"] == timedelta(minutes=15)
    assert len(await stored(api, "users")) == 1


async def test_the_link_deletes_the_account_with_all_that_is_theirs(api: Api):
    person, staying = await join(api, "ann"), await join(api, "staying")
    await api.create_post(person.token)
    await api.create_post(staying.token)
    token = await deletion_token(api, person)
    (link,) = await stored(api, "mailed_links")
    assert link["token_hash"] == opaque_hash(token)
    reply = await confirm(api, token)
    assert (reply.status, reply.body) == (200, DELETED)
    assert [str(user["_id"]) for user in await stored(api, "users")] == [staying.id]
    assert len(await stored(api, "posts")) == 1
    assert await stored(api, "mailed_links") == []
    assert (await api.get("/api/users/details", token=person.token)).status == 401
    await join(api, "ann")


async def test_the_children_go_too(api: Api):
    person = await join(api, "ann")
    child = {"email": "child@example.com", "password": PASSWORD, "name": "Child"}
    await api.post("/api/users/child-users", child, token=person.token)
    assert (await confirm(api, await deletion_token(api, person))).status == 200
    assert await stored(api, "users") == []


async def test_a_link_works_once(api: Api):
    person = await join(api, "ann")
    token = await deletion_token(api, person)
    replies = await asyncio.gather(*(confirm(api, token) for _ in range(6)))
    assert sorted(reply.status for reply in replies) == [200] + [400] * 5
    assert error(await confirm(api, token)) == WRONG_LINK


async def test_a_link_lives_fifteen_minutes_and_a_newer_one_voids_it(api: Api):
    person = await join(api, "ann")
    older = await deletion_token(api, person)
    newer = await deletion_token(api, person)
    assert error(await confirm(api, older)) == WRONG_LINK
    api.clock.advance(minutes=15)
    assert error(await confirm(api, newer)) == WRONG_LINK
    assert len(await stored(api, "users")) == 1


async def test_a_token_of_another_purpose_deletes_nothing(api: Api):
    person = await join(api, "ann")
    reset = (await forget(api)).token
    deletion = await deletion_token(api, person)
    for token in (reset, person.token, "rubbish", "\0"):
        assert error(await confirm(api, token)) == WRONG_LINK, token
    assert error(await by_link(api, deletion)) == WRONG_LINK
    assert len(await stored(api, "users")) == 1


@pytest.mark.parametrize("body", [{}, {"token": ""}, {"token": 1}, {"token": {"$ne": ""}}])
async def test_without_a_token_nothing_is_deleted(api: Api, body: dict[str, Any]):
    await deletion_token(api, await join(api, "ann"))
    assert (await api.post(CONFIRM, body)).status == 400
    assert len(await stored(api, "users")) == 1


async def test_another_address_is_refused(api: Api):
    person = await join(api, "ann")
    for email, code in (
        ("xnikunja@gmail.com", "other_email"),
        ("ann@example.com\r\nBcc: all@example.com", "invalid_email"),
        (["ann@example.com"], "invalid_field"),
    ):
        reply = await api.post(DELETE, {**DOCUMENTED, "email": email}, token=person.token)
        assert error(reply)[:2] == (400, code)
    assert await mails(api) == []


async def test_an_account_without_an_address_is_refused(api: Api):
    reply = await api.post(DELETE, DOCUMENTED, token=await api.sign_in())
    said = "The account has no email address to send a link to"
    assert error(reply) == (400, "email_required", said)


async def test_a_sixth_mail_in_an_hour_is_refused(api: Api):
    person = await join(api, "ann")
    for _ in range(5):
        last = await deletion_token(api, person)
    reply = await api.post(DELETE, token=person.token)
    assert error(reply)[:2] == (429, "too_many_requests")
    assert reply.headers["Retry-After"] == "3600"
    assert len(await mails(api)) == 5
    assert (await confirm(api, last)).status == 200


async def test_a_deactivated_accounts_link_is_void(api: Api):
    person = await join(api, "ann")
    token = await deletion_token(api, person)
    await api.agora.storage["users"].update_one(
        {"_id": ObjectId(person.id)}, {"$set": {"is_active": False}}
    )
    assert error(await confirm(api, token)) == WRONG_LINK
    assert len(await stored(api, "users")) == 1


async def test_the_last_superadmin_stays_and_the_link_too(api: Api):
    superadmin = await join_as(api, "superadmin")
    token = await deletion_token(api, superadmin)
    assert error(await confirm(api, token))[:2] == (403, "last_superadmin")
    await join_as(api, "superadmin", "another")
    assert (await confirm(api, token)).status == 200


async def test_a_child_may_delete_its_own_account(api: Api):
    child = await join_as(api, "child")
    assert (await confirm(api, await deletion_token(api, child))).status == 200
    assert [user["type"] for user in await stored(api, "users")] == ["parent"]
