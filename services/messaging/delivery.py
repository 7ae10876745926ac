"""What the worker and the senders agree on: a message, a way out, and how that may fail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

Channel = Literal["mail", "sms"]


@dataclass(frozen=True, slots=True)
class Message:
    """A message as a sender needs it.

    `message_id` stays the same over all attempts, so that a receiver can tell a
    repetition. Mail has `subject`, `text` and maybe `html`; an SMS has `body`.
    """

    message_id: str
    to: str
    created_at: datetime
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    body: str | None = None

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Message":
        """The part of an outbox document that goes out."""
        return cls(
            message_id=document["message_id"],
            to=document["to"],
            created_at=document["created_at"],
            subject=document.get("subject"),
            text=document.get("text"),
            html=document.get("html"),
            body=document.get("body"),
        )


class Sender(Protocol):
    """A way out for the messages of one channel."""

    async def send(self, message: Message) -> None:
        """Return once the message is accepted; raise `DeliveryFailed` or `DeliveryRefused`."""


class DeliveryFailed(Exception):
    """The message did not get out this time; another attempt may succeed."""


class DeliveryRefused(Exception):
    """The receiver does not want this message; another attempt is pointless."""
