"""The worker that empties the outbox, beside the requests and in their process."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from repositories.messaging.outbox import OutboxRepository
from services.messaging.attempts import AttemptRules, Attempts
from services.messaging.delivery import Channel, Sender

logger = logging.getLogger("agora.outbox")

# What the abandoned deliveries get to give their messages back.
_ABANDON_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class WorkPace:
    """How many deliveries at once on a channel, and how often to look for work.

    `poll_seconds` is how soon work of another process, or a retry, is found; an
    idle poll is one query a channel. After a wake the pause grows from
    `first_poll_seconds`, because the message that woke us may not be committed yet.
    """

    concurrency: int = 4
    first_poll_seconds: float = 0.05
    poll_seconds: float = 1.0


class DeliveryWorker:
    """Delivers what is due, on every channel that has a sender.

    Messages of a channel without one are left alone: they wait, unattempted,
    until a later start brings a sender.
    """

    def __init__(
        self,
        outbox: OutboxRepository,
        senders: Mapping[Channel, Sender],
        *,
        clock: Callable[[], datetime],
        rules: AttemptRules | None = None,
        pace: WorkPace | None = None,
        chance: Callable[[], float] = random.random,
    ):
        rules, pace = rules or AttemptRules(), pace or WorkPace()
        self._lanes = [
            _Lane(Attempts(channel, sender, outbox, rules=rules, clock=clock, chance=chance), pace)
            for channel, sender in senders.items()
        ]
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to deliver, on the running event loop."""
        self._tasks = [asyncio.create_task(lane.run()) for lane in self._lanes]

    def wake(self) -> None:
        """Look for work now rather than at the next poll."""
        for lane in self._lanes:
            lane.wake()

    async def stop(self, *, grace_seconds: float = 5.0) -> None:
        """Take nothing more, let what is being sent finish for that long, abandon the rest.

        Returns within a second after the grace. What was abandoned is due again at
        once, for the next start or another process.
        """
        for lane in self._lanes:
            lane.finish()
        await self._wait(grace_seconds)
        for task in self._tasks:
            task.cancel()
        await self._wait(_ABANDON_SECONDS)

    async def _wait(self, timeout_seconds: float) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=timeout_seconds)


class _Lane:
    """One channel's deliveries, so that a hanging mail server does not hold up SMS."""

    def __init__(self, attempts: Attempts, pace: WorkPace):
        self._attempts = attempts
        self._pace = pace
        self._woken = asyncio.Event()
        self._pause_seconds = pace.first_poll_seconds
        self._in_flight = 0
        self._is_finishing = False

    def wake(self) -> None:
        self._pause_seconds = self._pace.first_poll_seconds
        self._woken.set()

    def finish(self) -> None:
        self._is_finishing = True
        self._woken.set()

    async def run(self) -> None:
        """Deliver until `finish`; ends when the last delivery in flight has ended."""
        async with asyncio.TaskGroup() as deliveries:
            while not self._is_finishing:
                # Cleared before looking: a wake while we look makes us look again.
                self._woken.clear()
                message = await self._find_work()
                if message is None:
                    await self._pause()
                elif self._is_finishing:
                    # Told to finish while it was being claimed.
                    await self._attempts.give_back(message)
                else:
                    self._in_flight += 1
                    deliveries.create_task(self._deliver(message))

    async def _find_work(self) -> dict[str, Any] | None:
        if self._in_flight >= self._pace.concurrency:
            return None
        try:
            return await self._attempts.claim_next()
        except Exception:
            # Whatever ails the storage, the lane must be there when it is well again.
            logger.exception("the outbox can't be read; trying again")
            return None

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pause_seconds):
                await self._woken.wait()
                return
        self._pause_seconds = min(self._pause_seconds * 2, self._pace.poll_seconds)

    async def _deliver(self, message: dict[str, Any]) -> None:
        try:
            await self._attempts.make(message)
        except Exception:
            # The outcome is lost, the message is not: its lease runs out, and it is
            # sent again under the same message id.
            logger.exception("the outcome of message id=%s is not recorded", message["_id"])
        finally:
            self._in_flight -= 1
            self.wake()
