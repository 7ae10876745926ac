"""The outbox as the other services see it: leave a message, look at what became of it."""

import re
import uuid
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from repositories.messaging.outbox import OutboxRepository
from services.errors import Conflict, Invalid, NotFound
from services.messaging.addresses import parse_email
from services.messaging.delivery import Channel
from services.texts import is_one_line

CHANNELS: tuple[Channel, ...] = ("mail", "sms")

_PHONE = re.compile(r"\+[0-9]{6,15}")


class InvalidMessage(Invalid):
    """A message that no receiver could get as it was meant."""

    code = "invalid_message"


class UnknownMessage(NotFound):
    """The outbox has no such message, or no longer."""

    code = "not_found"

    def __init__(self, message_id: str):
        super().__init__(f"There is no message {message_id} in the outbox.")


class NotGivenUp(Conflict):
    """A message that is on its way, or has arrived."""

    code = "not_given_up"


class TooLateToSend(Conflict):
    """A message that nobody wants any more: a code that has run out only confuses."""

    code = "too_late_to_send"


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A message in the outbox, for people: `/dev/outbox` and whoever is called at night.

    `is_held` tells that it waits because its channel has no sender. What a
    message said is `None` once it is sent.
    """

    id: str
    channel: Channel
    kind: str
    to: str
    subject: str | None
    text: str | None
    html: str | None
    body: str | None
    status: str
    is_held: bool
    attempts: int
    last_error: str | None
    created_at: datetime
    next_attempt_at: datetime
    send_before: datetime | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class OutboxSummary:
    """By channel: how much waits, how much of that was put off to a later attempt, how much was
    given up, and for how long the oldest waits, None where nothing does."""

    pending: dict[Channel, int]
    put_off: dict[Channel, int]
    dead: dict[Channel, int]
    held_channels: tuple[Channel, ...]
    oldest_pending_seconds: dict[Channel, float | None]


class OutboxService:
    """Mail and SMS on their way out.

    `deliverable` names the channels that have a sender; messages of the others
    are held. `message_id_domain` is the right side of the mails' Message-ID.
    `wake` tells this process's worker that there is something new.
    """

    def __init__(
        self,
        outbox: OutboxRepository,
        *,
        clock: Callable[[], datetime],
        wake: Callable[[], None],
        deliverable: Collection[Channel],
        message_id_domain: str,
    ):
        self._outbox = outbox
        self._clock = clock
        self._wake = wake
        self._deliverable = frozenset(deliverable)
        self._message_id_domain = message_id_domain

    async def enqueue_mail(
        self,
        kind: str,
        *,
        to: str,
        subject: str,
        text: str,
        html: str | None = None,
        send_before: datetime | None = None,
        tx: Any = None,
    ) -> str:
        """Leave a mail in the transaction `tx` of its cause; answer the message's id.

        It is not sent from `send_before` on, because a code that has run out only
        confuses. Raises `InvalidEmail` or `InvalidMessage`.
        """
        if not subject.strip() or not is_one_line(subject):
            # A line break in a header would start a header of the writer's choice.
            raise InvalidMessage("The subject of a mail must be one line of visible text.")
        content = {
            "channel": "mail",
            "kind": kind,
            "to": parse_email(to),
            # RFC 5322, section 3.6.4: unique, and the same over all attempts.
            "message_id": f"<{uuid.uuid4().hex}@{self._message_id_domain}>",
            "subject": subject,
            "text": text,
            "html": html,
            "send_before": send_before,
        }
        return await self._enqueue(content, tx)

    async def enqueue_sms(
        self,
        kind: str,
        *,
        to: str,
        body: str,
        send_before: datetime | None = None,
        tx: Any = None,
    ) -> str:
        """Leave an SMS to a number as `+` and digits, like `enqueue_mail`."""
        if not _PHONE.fullmatch(to):
            raise InvalidMessage("An SMS goes to a phone number written as + and 6 to 15 digits.")
        if not body.strip():
            raise InvalidMessage("An SMS must say something.")
        content = {
            "channel": "sms",
            "kind": kind,
            "to": to,
            "message_id": uuid.uuid4().hex,
            "body": body,
            "send_before": send_before,
        }
        return await self._enqueue(content, tx)

    async def _enqueue(self, content: dict[str, Any], tx: Any) -> str:
        message_id = await self._outbox.insert(content, at=self._clock(), tx=tx)
        self._wake()
        return message_id

    async def forget(self, channel: Channel, to: str, *, tx: Any) -> None:
        """Delete every message to a receiver who is gone; one that is being sent may arrive."""
        await self._outbox.delete_to(channel, to, tx=tx)

    async def retry_dead(self, message_id: str, *, tx: Any = None) -> OutboxEntry:
        """Try a message again that was given up; the message as it is then.

        Raises `UnknownMessage`, `NotGivenUp` or `TooLateToSend`.
        """
        revived = await self._outbox.revive(message_id, at=self._clock(), tx=tx)
        if revived is None:
            raise await self._why_not_retried(message_id)
        self._wake()
        return self._as_entry(revived)

    async def _why_not_retried(self, message_id: str) -> UnknownMessage | Conflict:
        found = await self._outbox.find(message_id)
        if found is None:
            return UnknownMessage(message_id)
        if found["status"] != "dead":
            return NotGivenUp(f"Message {message_id} was not given up: it is {found['status']}.")
        return TooLateToSend(
            f"Message {message_id} is out of date: it was to be sent before"
            f" {found['send_before']:%Y-%m-%d %H:%M:%S} UTC."
        )

    async def dead_ids(self) -> AsyncIterator[str]:
        """The id of every message that was given up, by channel, oldest first."""
        for channel in CHANNELS:
            async for document in self._outbox.dead(channel):
                yield str(document["_id"])

    async def latest_dead(self, limit: int) -> list[OutboxEntry]:
        """The newest messages that were given up, newest first."""
        found = [
            document
            for channel in CHANNELS
            for document in await self._outbox.latest_dead(channel, limit)
        ]
        found.sort(key=lambda document: document["created_at"], reverse=True)
        return [self._as_entry(document) for document in found[:limit]]

    async def recent(self, limit: int) -> list[OutboxEntry]:
        """The newest messages, newest first."""
        return [self._as_entry(document) for document in await self._outbox.latest(limit)]

    async def summary(self) -> OutboxSummary:
        """Figures over the whole storage, so the same in every process."""
        at, outbox = self._clock(), self._outbox
        return OutboxSummary(
            pending={channel: await outbox.count(channel, "pending") for channel in CHANNELS},
            put_off={channel: await outbox.count_put_off(channel, at=at) for channel in CHANNELS},
            dead={channel: await outbox.count(channel, "dead") for channel in CHANNELS},
            held_channels=tuple(name for name in CHANNELS if name not in self._deliverable),
            oldest_pending_seconds={
                channel: await self._longest_wait_seconds(channel, at) for channel in CHANNELS
            },
        )

    async def _longest_wait_seconds(self, channel: Channel, at: datetime) -> float | None:
        oldest = await self._outbox.find_oldest_pending(channel)
        if oldest is None:
            return None
        # The clock that it was written by may be ahead of this one.
        return max(0.0, (at - oldest["created_at"]).total_seconds())

    def _as_entry(self, document: dict[str, Any]) -> OutboxEntry:
        return OutboxEntry(
            id=str(document["_id"]),
            channel=document["channel"],
            kind=document["kind"],
            to=document["to"],
            subject=document.get("subject"),
            text=document.get("text"),
            html=document.get("html"),
            body=document.get("body"),
            status=document["status"],
            is_held=(
                document["status"] == "pending" and document["channel"] not in self._deliverable
            ),
            attempts=document["attempts"],
            last_error=document["last_error"],
            created_at=document["created_at"],
            next_attempt_at=document["next_attempt_at"],
            send_before=document["send_before"],
            sent_at=document["sent_at"],
        )
