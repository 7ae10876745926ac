"""Renewing and ending subscriptions whose time has come, without anybody asking."""

import asyncio
from datetime import datetime

from bson import ObjectId

from repositories.errors import WriteConflict
from repositories.sociox.subscriptions import SubscriptionRepository
from repositories.types import Transaction
from services.clock import Clock
from services.sociox.settling import Settler
from services.sociox.subscription_state import is_due

_AT_ONCE = 100


class RenewalService:
    """A chore of housekeeping, in as many processes as there are."""

    def __init__(
        self,
        subscriptions: SubscriptionRepository,
        settler: Settler,
        transaction: Transaction,
        clock: Clock,
    ):
        self._subscriptions = subscriptions
        self._settler = settler
        self._transaction = transaction
        self._clock = clock

    async def settle_due(self) -> int:
        """Bring every subscription up to now; how many that were.

        After a downtime all the periods that were missed are charged, each once. What
        another process is about is left to it, or to the next time.
        """
        now = self._clock().replace(microsecond=0)
        total = 0
        while due := await self._subscriptions.due(now, _AT_ONCE):
            settled = 0
            for subscription_id in due:
                settled += await self._settle(subscription_id, at=now)
                # Requests come in between.
                await asyncio.sleep(0)
            if not settled:
                break
            total += settled
        return total

    async def _settle(self, subscription_id: ObjectId, *, at: datetime) -> bool:
        """Whether this one was due still."""
        try:
            async with self._transaction() as tx:
                subscription = await self._subscriptions.find(subscription_id, tx=tx)
                if subscription is None or not is_due(subscription, at=at):
                    return False
                await self._settler.settle(subscription, at=at, tx=tx)
                return True
        except WriteConflict:
            return False
