"""One attempt at one message: take it, try it, record what came of it."""

import asyncio
import itertools
import logging
import secrets
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from repositories.messaging.outbox import OutboxRepository
from services.messaging.backoff import RetryPolicy
from services.messaging.delivery import Channel, DeliveryFailed, DeliveryRefused, Message, Sender

logger = logging.getLogger("agora.outbox")

_LONGEST_ERROR = 500


@dataclass(frozen=True, slots=True)
class AttemptRules:
    """How long an attempt may take, when to try again, how long outcomes are kept.

    A lease outlives an attempt: two workers send the same message only when one
    of them has crashed.
    """

    policy: RetryPolicy = field(default_factory=RetryPolicy)
    attempt_seconds: float = 30.0
    lease_seconds: float = 120.0
    keep_sent: timedelta = timedelta(days=7)
    keep_dead: timedelta = timedelta(days=30)

    def __post_init__(self) -> None:
        if self.lease_seconds <= self.attempt_seconds:
            raise ValueError("lease_seconds must be longer than attempt_seconds.")


class Attempts:
    """The attempts made on one channel by one process.

    A taken message is the outbox document, with its lease. Log lines name it by
    id, and never tell to whom it goes or what it says.
    """

    def __init__(
        self,
        channel: Channel,
        sender: Sender,
        outbox: OutboxRepository,
        *,
        rules: AttemptRules,
        clock: Callable[[], datetime],
        chance: Callable[[], float],
    ):
        self._channel = channel
        self._sender = sender
        self._outbox = outbox
        self._rules = rules
        self._clock = clock
        self._chance = chance
        self._process = secrets.token_hex(8)
        self._claims = itertools.count(1)

    async def claim_next(self) -> dict[str, Any] | None:
        """Take the lease of the next message that is due."""
        at = self._clock()
        return await self._outbox.claim_next(
            self._channel,
            owner=f"{self._process}-{next(self._claims)}",
            at=at,
            lease_until=at + timedelta(seconds=self._rules.lease_seconds),
        )

    async def give_back(self, message: dict[str, Any]) -> None:
        """End the lease of a message that was taken, so that it is due again at once."""
        await self._outbox.give_back(message, at=self._clock())
        _log(logging.INFO, message, "given back")

    async def make(self, message: dict[str, Any]) -> None:
        """Try to send a message that was taken, and record the outcome.

        When cancelled, the message is given back; the receiver may see it twice.
        """
        try:
            await self._make(message)
        except asyncio.CancelledError:
            await self.give_back(message)
            raise

    async def _make(self, message: dict[str, Any]) -> None:
        if self._is_too_late(message, self._clock()):
            await self._bury(message, "expired: it was not sent in time")
            return
        try:
            await self._send(message)
        except DeliveryRefused as refusal:
            await self._bury(message, str(refusal))
        except DeliveryFailed as failure:
            await self._try_later(message, str(failure))
        else:
            await self._record_sent(message)

    async def _send(self, message: dict[str, Any]) -> None:
        try:
            async with asyncio.timeout(self._rules.attempt_seconds):
                await self._sender.send(Message.from_document(message))
        except (DeliveryFailed, DeliveryRefused):
            raise
        except TimeoutError:
            seconds = self._rules.attempt_seconds
            raise DeliveryFailed(f"no outcome within {seconds:g} s") from None
        except Exception as error:
            # A fault of ours must not stop the others. Where it happened is logged,
            # its message is not, since it may hold the address or the text.
            where = "".join(traceback.format_tb(error.__traceback__))
            logger.log(logging.ERROR, "a sender raised %s\n%s", type(error).__name__, where)
            raise DeliveryFailed(f"the sender raised {type(error).__name__}") from error

    async def _record_sent(self, message: dict[str, Any]) -> None:
        at = self._clock()
        await self._outbox.mark_sent(message, at=at, expires_at=at + self._rules.keep_sent)
        _log(logging.INFO, message, "sent")
        await self._wake_line(message)

    async def _try_later(self, message: dict[str, Any], error: str) -> None:
        attempts, at, policy = message["attempts"], self._clock(), self._rules.policy
        if policy.gives_up_after(attempts):
            await self._bury(message, error)
            return
        delay = timedelta(seconds=policy.delay_seconds(attempts, chance=self._chance()))
        if self._is_too_late(message, at + delay):
            # Now rather than then: it only stands in the way of newer ones.
            await self._bury(message, f"expired: {error}")
            return
        is_ours = await self._outbox.mark_failed(
            message, error=error[:_LONGEST_ERROR], at=at, next_attempt_at=at + delay
        )
        _log(logging.WARNING, message, "failed" if is_ours else "lease lost")

    async def _bury(self, message: dict[str, Any], error: str) -> None:
        is_ours = await self._outbox.mark_dead(
            message,
            error=error[:_LONGEST_ERROR],
            expires_at=self._clock() + self._rules.keep_dead,
        )
        _log(logging.ERROR, message, "dead" if is_ours else "lease lost")
        await self._wake_line(message)

    async def _wake_line(self, message: dict[str, Any]) -> None:
        await self._outbox.wake_line(message["channel"], message["to"], at=self._clock())

    @staticmethod
    def _is_too_late(message: dict[str, Any], at: datetime) -> bool:
        return message["send_before"] is not None and message["send_before"] <= at


def _log(level: int, message: dict[str, Any], status: str) -> None:
    logger.log(
        level,
        "message id=%s channel=%s kind=%s status=%s attempts=%d",
        message["_id"],
        message["channel"],
        message["kind"],
        status,
        message["attempts"],
    )
