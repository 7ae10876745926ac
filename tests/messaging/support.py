"""What the messaging tests stand on: a clock set by hand, scripted senders, one small outbox."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from repositories.embedded import EmbeddedStore
from repositories.messaging.outbox import OutboxRepository
from services.messaging.attempts import AttemptRules
from services.messaging.backoff import RetryPolicy
from services.messaging.delivery import Channel, Message, Sender
from services.messaging.outbox import OutboxEntry, OutboxService
from services.messaging.worker import DeliveryWorker, WorkPace

START = datetime(2025, 1, 18, 10, 0, tzinfo=UTC)
QUICK = WorkPace(first_poll_seconds=0.002, poll_seconds=0.01)


_open_stores: list[EmbeddedStore] = []


def run(coroutine):
    """Run a test's coroutine, and close the stores it opened; one that hangs fails."""

    async def whole_test():
        try:
            return await asyncio.wait_for(coroutine, 20)
        finally:
            while _open_stores:
                await _open_stores.pop().close()

    return asyncio.run(whole_test())


async def until(condition: Callable[[], Awaitable[Any]]) -> Any:
    """Wait for a truthy answer of `condition`, and return it."""
    async with asyncio.timeout(10):
        while True:
            if answer := await condition():
                return answer
            await asyncio.sleep(0.002)


def memory_database() -> EmbeddedStore:
    store = EmbeddedStore.in_memory()
    _open_stores.append(store)
    return store


class HandClock:
    """A clock that moves only when told to."""

    def __init__(self):
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> None:
        self.now += timedelta(**parts)


class ScriptedSender:
    """Takes messages, each attempt ending as the script says, and well when it has run out.

    A step is an exception to raise, or an event to wait for.
    """

    def __init__(self, *script: Exception | asyncio.Event):
        self.script = list(script)
        self.attempts: list[Message] = []
        self.delivered: list[Message] = []

    async def send(self, message: Message) -> None:
        self.attempts.append(message)
        step = self.script.pop(0) if self.script else None
        if isinstance(step, Exception):
            raise step
        if step is not None:
            await step.wait()
        self.delivered.append(message)


class Outbox:
    """One process's outbox: service, worker, and the storage they share with other processes."""

    def __init__(
        self,
        *,
        mail: Sender | None = None,
        sms: Sender | None = None,
        database=None,
        clock=None,
        attempts=20,
        attempt_seconds=10.0,
        chance=0.0,
        pace=QUICK,
    ):
        senders: dict[Channel, Sender] = {}
        if mail is not None:
            senders["mail"] = mail
        if sms is not None:
            senders["sms"] = sms
        self.clock = clock or HandClock()
        self.database = database if database is not None else memory_database()
        self.repository = OutboxRepository(self.database)
        self.worker = DeliveryWorker(
            self.repository,
            senders,
            clock=self.clock,
            rules=AttemptRules(
                policy=RetryPolicy(attempts=attempts), attempt_seconds=attempt_seconds
            ),
            pace=pace,
            chance=lambda: chance,
        )
        self.service = OutboxService(
            self.repository,
            clock=self.clock,
            wake=self.worker.wake,
            deliverable=senders.keys(),
            message_id_domain="agora.example",
        )

    async def mail(self, to="ann@example.com", **fields) -> str:
        fields = {"subject": "Hello", "text": "Hello Ann", **fields}
        return await self.service.enqueue_mail("greeting", to=to, **fields)

    async def sms(self, to="+8613800138000", body="Your code is 123456", **fields) -> str:
        return await self.service.enqueue_sms("verification_code", to=to, body=body, **fields)

    async def entry(self, message_id: str) -> OutboxEntry:
        (entry,) = [e for e in await self.service.recent(100) if e.id == message_id]
        return entry

    async def reaches(self, message_id: str, *, status="pending", attempts=None) -> OutboxEntry:
        """Wait until a message has that status (and that many attempts behind it)."""

        async def reached() -> OutboxEntry | None:
            document = await self.repository.find(message_id)
            assert document is not None
            done = document["status"] == status and document["lease_owner"] is None
            if done and attempts in (None, document["attempts"]):
                return await self.entry(message_id)
            return None

        return await until(reached)


@asynccontextmanager
async def running(*outboxes: Outbox):
    """Let the workers of these processes run inside the block."""
    for outbox in outboxes:
        outbox.worker.start()
    try:
        yield
    finally:
        for outbox in outboxes:
            await outbox.worker.stop(grace_seconds=0.05)
