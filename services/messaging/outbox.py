"""The outbox as the other services see it: leave a message, look at what became of it."""

import re
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from repositories.messaging.outbox import OutboxRepository
from services.errors import Conflict, Invalid, NotFound
from services.messaging.addresses import parse_email
from services.messaging.delivery import Channel

CHANNELS: tuple[Channel, ...] = ("mail", "sms")

_PHONE = re.compile(r"\+[0-9]{6,15}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class InvalidMessage(Invalid):
    """A message that no receiver could get as it was meant."""

    code = "invalid_message"


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
    """How much waits, how much was given up (by channel), and for how long the oldest waits."""

    pending: dict[Channel, int]
    dead: dict[Channel, int]
    held_channels: tuple[Channel, ...]
    oldest_pending_seconds: float | None


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
        if not subject.strip() or _CONTROL.search(subject):
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

    async def retry_dead(self, message_id: str) -> None:
        """Try a message again that was given up.

        Raises `NotFound`, or `Conflict` if it was not given up or is out of date.
        """
        if not await self._outbox.revive(message_id, at=self._clock()):
            if await self._outbox.find(message_id) is None:
                raise NotFound(f"There is no message {message_id} in the outbox.")
            raise Conflict(
                f"Message {message_id} can't be retried:"
                " it was not given up, or it is too late to send it."
            )
        self._wake()

    async def recent(self, limit: int) -> list[OutboxEntry]:
        """The newest messages, newest first."""
        return [self._as_entry(document) for document in await self._outbox.latest(limit)]

    async def summary(self) -> OutboxSummary:
        """Figures over the whole storage, so the same in every process."""
        oldest = await self._outbox.find_oldest_pending()
        return OutboxSummary(
            pending={channel: await self._outbox.count(channel, "pending") for channel in CHANNELS},
            dead={channel: await self._outbox.count(channel, "dead") for channel in CHANNELS},
            held_channels=tuple(name for name in CHANNELS if name not in self._deliverable),
            oldest_pending_seconds=(
                (self._clock() - oldest["created_at"]).total_seconds() if oldest else None
            ),
        )

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
