"""The figures of the whole product at one moment, computed once for all who look."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.clock import Clock
from services.console.days import last_days
from services.console.figures import Accounts, Parts, PlanSubscriptions, ReviewQueue, Sales
from services.messaging.outbox import OutboxEntry, OutboxService, OutboxSummary
from services.monitoring.traffic import Traffic, TrafficMinute

DEAD_LETTERS_SHOWN: Final = 50
# Less than the pause after which a console looks again, so that what it sees is never older
# than it says; enough for a roomful of consoles to cost as much as one.
_KEPT: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the console shows; `days` are the beginnings of the UTC days told of.

    `traffic` is that of the process which answers, not of others that share its storage.
    """

    at: datetime
    days: tuple[datetime, ...]
    accounts: Accounts
    posts_by_day: tuple[int, ...]
    sales: Sales
    review_queues: tuple[ReviewQueue, ...]
    subscriptions: tuple[PlanSubscriptions, ...]
    outbox: OutboxSummary
    dead_letters: list[OutboxEntry]
    traffic: list[TrafficMinute]


class OverviewService:
    """Gathers the parts of all families."""

    def __init__(self, parts: Parts, outbox: OutboxService, traffic: Traffic, clock: Clock):
        self._parts = parts
        self._outbox = outbox
        self._traffic = traffic
        self._clock = clock
        self._lock = asyncio.Lock()
        self._kept: Overview | None = None

    async def read(self) -> Overview:
        """The figures as of some seconds ago at most."""
        async with self._lock:
            if self._kept is None or abs(self._clock() - self._kept.at) >= _KEPT:
                self._kept = await self._gather()
            return self._kept

    async def forget(self) -> None:
        """Look anew the next time: what the caller did is to be seen.

        A look that is under way may have missed it, and is not kept either.
        """
        async with self._lock:
            self._kept = None

    async def _gather(self) -> Overview:
        at, parts = self._clock(), self._parts
        days = last_days(at)
        return Overview(
            at=at,
            days=days,
            accounts=await parts.accounts.accounts(days),
            posts_by_day=await parts.forum.posts_by_day(days),
            sales=await parts.shop.sales(days),
            review_queues=await parts.lms.review_queues(),
            subscriptions=await parts.sociox.subscriptions_by_plan(),
            outbox=await self._outbox.summary(),
            dead_letters=await self._outbox.latest_dead(DEAD_LETTERS_SHOWN),
            traffic=self._traffic.minutes(),
        )
