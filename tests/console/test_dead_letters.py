"""Retrying what the outbox gave up: `POST /console/data/dead-letters/...`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from config.bootstrap import Agora, bootstrap
from config.settings import Settings
from repositories.messaging.outbox import OutboxRepository
from services.access.actor import Actor
from services.messaging.delivery import DeliveryRefused
from services.messaging.outbox import OutboxEntry
from tests.factories import stored
from tests.harness import SECRET, Api, HandClock, Reply
from tests.messaging.support import ScriptedSender, until
from tests.sociox.people import Person, join_as

LETTERS = "/console/data/dead-letters"
ADMIN = Actor(
    id=ObjectId(),
    number=1,
    username="admin",
    session_id=ObjectId(),
    roles=frozenset({"user", "superadmin"}),
)


async def give_up(api: Api, to: str, **fields: Any) -> str:
    """The id of a mail that was refused."""
    outbox, at = api.agora.services.outbox, api.clock()
    message_id = await outbox.enqueue_mail(
        "greeting", to=to, subject="Hello", text="The code is 123456", **fields
    )
    repository = OutboxRepository(api.agora.storage)
    lease_until = at + timedelta(minutes=2)
    message = await repository.claim_next("mail", owner="w", at=at, lease_until=lease_until)
    assert message is not None
    assert str(message["_id"]) == message_id
    assert await repository.mark_dead(
        message, error="550 mailbox unknown", expires_at=at + timedelta(days=30)
    )
    return message_id


async def retry(api: Api, by: Person, message_id: str) -> Reply:
    """Try one again."""
    return await api.post(f"{LETTERS}/{message_id}/retry", token=by.token)


async def shown(api: Api, by: Person) -> Any:
    """The dead letters as the console shows them."""
    return (await api.get("/console/data", token=by.token)).body["dead_letters"]


async def audited(api: Api) -> list[tuple[str, str, Any]]:
    """What the audit log has: what was done, to what, and the details."""
    return [
        (entry["action"], entry["target_id"], entry["details"])
        for entry in await stored(api, "audit_entries")
    ]


async def test_a_dead_letter_is_shown_with_its_reason_and_without_what_it_says(api: Api):
    admin = await join_as(api, "superadmin")
    message_id = await give_up(api, "ann@example.com")
    assert await shown(api, admin) == [
        {
            "id": message_id,
            "channel": "mail",
            "kind": "greeting",
            "to": "ann@example.com",
            "subject": "Hello",
            "attempts": 1,
            "created_at": "2025-01-18T10:00:00Z",
            "last_error": "550 mailbox unknown",
            "is_too_late": False,
        }
    ]


async def test_a_retried_letter_waits_again_and_repeating_that_does_nothing(api: Api):
    admin = await join_as(api, "superadmin")
    message_id = await give_up(api, "ann@example.com")
    assert len(await shown(api, admin)) == 1
    reply = await retry(api, admin, message_id)
    assert (reply.status, reply.body) == (200, {"retried": 1, "too_late": 0})
    again = await retry(api, admin, message_id)
    assert (again.status, again.body) == (200, {"retried": 0, "too_late": 0})
    assert await shown(api, admin) == []
    assert [message["status"] for message in await stored(api, "outbox")] == ["pending"]
    details = {"channel": "mail", "kind": "greeting"}
    assert await audited(api) == [("message.retry", message_id, details)]


async def test_a_look_that_began_before_a_retry_is_not_shown_after_it(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    message_id = await give_up(api, "ann@example.com")
    console, outbox = api.agora.services.console, api.agora.services.outbox
    read, has_read, may_go_on = outbox.latest_dead, asyncio.Event(), asyncio.Event()

    async def slow(limit: int) -> list[OutboxEntry]:
        found = await read(limit)
        has_read.set()
        await may_go_on.wait()
        return found

    monkeypatch.setattr(outbox, "latest_dead", slow)
    looking = asyncio.create_task(console.overview.read())
    await has_read.wait()
    retrying = asyncio.create_task(console.dead_letters.retry(message_id, actor=ADMIN))
    await until(lambda: OutboxRepository(api.agora.storage).find_oldest_pending("mail"))
    may_go_on.set()
    assert [letter.id for letter in (await looking).dead_letters] == [message_id]
    await retrying
    assert (await console.overview.read()).dead_letters == []


async def test_what_is_out_of_date_or_unknown_is_not_retried(api: Api):
    admin = await join_as(api, "superadmin")
    late = await give_up(api, "ann@example.com", send_before=api.clock() + timedelta(minutes=5))
    api.clock.advance(minutes=5)
    reply = await retry(api, admin, late)
    assert (reply.status, reply.body["error"]["code"]) == (409, "too_late_to_send")
    assert (await retry(api, admin, "0" * 24)).status == 404
    assert (await retry(api, admin, "rubbish")).status == 404
    assert [letter["is_too_late"] for letter in await shown(api, admin)] == [True]
    assert await audited(api) == []


async def test_all_are_retried_that_it_is_not_too_late_for(api: Api):
    admin = await join_as(api, "superadmin")
    late = await give_up(api, "old@example.com", send_before=api.clock() + timedelta(minutes=5))
    api.clock.advance(minutes=5)
    sent = [await give_up(api, f"user{number}@example.com") for number in range(3)]
    reply = await api.post(f"{LETTERS}/retry", token=admin.token)
    assert (reply.status, reply.body) == (200, {"retried": 3, "too_late": 1})
    assert [letter["id"] for letter in await shown(api, admin)] == [late]
    assert [target for _, target, _ in await audited(api)] == sent
    reply = await api.post(f"{LETTERS}/retry", token=admin.token)
    assert reply.body == {"retried": 0, "too_late": 1}


async def test_one_that_goes_meanwhile_keeps_no_other_from_being_retried(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    admin = await join_as(api, "superadmin")
    outbox = api.agora.services.outbox
    letters = [await give_up(api, f"user{number}@example.com") for number in range(2)]
    listed = outbox.dead_ids

    async def slowly() -> AsyncIterator[str]:
        async for message_id in listed():
            if message_id == letters[0]:
                # Its account is deleted at this moment.
                await outbox.forget("mail", "user0@example.com", tx=None)
            yield message_id

    monkeypatch.setattr(outbox, "dead_ids", slowly)
    reply = await api.post(f"{LETTERS}/retry", token=admin.token)
    assert (reply.status, reply.body) == (200, {"retried": 1, "too_late": 0})
    assert [target for _, target, _ in await audited(api)] == letters[1:]


async def test_others_retry_nothing(api: Api):
    message_id = await give_up(api, "ann@example.com")
    for kind in ("user", "manager", "admin with manage_users"):
        caller = await join_as(api, kind)
        assert (await retry(api, caller, message_id)).status == 403, kind
        assert (await api.post(f"{LETTERS}/retry", token=caller.token)).status == 403, kind
    assert (await api.post(f"{LETTERS}/retry")).status == 401
    assert [message["status"] for message in await stored(api, "outbox")] == ["dead"]
    assert await audited(api) == []


@asynccontextmanager
async def delivering(sender: ScriptedSender) -> AsyncIterator[Agora]:
    """The product with a mail server, delivering."""
    settings = Settings(storage="memory", jwt_secret=SECRET)
    agora = await bootstrap(settings, clock=HandClock(), senders={"mail": sender})
    agora.worker.start()
    try:
        yield agora
    finally:
        await agora.close()


async def test_a_retried_letter_really_goes_out():
    sender = ScriptedSender(DeliveryRefused("550 mailbox unknown"))
    async with delivering(sender) as agora:
        outbox = agora.services.outbox
        message_id = await outbox.enqueue_mail(
            "greeting", to="ann@example.com", subject="Hello", text="Hello Ann"
        )
        await until(lambda: outbox.latest_dead(1))
        assert sender.delivered == []
        await agora.services.console.dead_letters.retry(message_id, actor=ADMIN)

        async def is_sent() -> bool:
            return [entry.status for entry in await outbox.recent(1)] == ["sent"]

        await until(is_sent)
    assert [message.text for message in sender.delivered] == ["Hello Ann"]
