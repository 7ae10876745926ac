"""Renewing and ending subscriptions whose time has come, without anybody asking."""

from collections.abc import Collection
from datetime import datetime
from functools import partial

from bson import ObjectId

from repositories.sociox.subscriptions import SubscriptionRepository
from repositories.types import Transaction
from services.clock import Clock
from services.housekeeping import do_each
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
        another process is about, or fails, is left to the next time.
        """
        now = self._clock().replace(microsecond=0)

        async def due(left: Collection[ObjectId]) -> list[ObjectId]:
            return await self._subscriptions.due(now, _AT_ONCE, but=left)

        return await do_each("renewals", due, partial(self._settle, at=now))

    async def _settle(self, subscription_id: ObjectId, *, at: datetime) -> bool:
        """Whether this one was due still."""
        async with self._transaction() as tx:
            subscription = await self._subscriptions.find(subscription_id, tx=tx)
            if subscription is None or not is_due(subscription, at=at):
                return False
            await self._settler.settle(subscription, at=at, tx=tx)
        return True
