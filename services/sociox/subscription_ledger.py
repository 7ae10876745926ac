"""The ledger as it is read, and what becomes of it when an account goes."""

from bson import ObjectId

from repositories.sociox.ledger import LedgerRepository
from repositories.sociox.subscriptions import SubscriptionRepository
from repositories.types import Transaction, Tx
from services.clock import Clock
from services.pagination import Page, PageRequest
from services.sociox.settling import Settler
from services.sociox.subscription_state import is_due


class SubscriptionLedger:
    """Shows an account's charges and credits, of all subscriptions it ever had."""

    def __init__(
        self,
        ledger: LedgerRepository,
        subscriptions: SubscriptionRepository,
        settler: Settler,
        transaction: Transaction,
        clock: Clock,
    ):
        self._ledger = ledger
        self._subscriptions = subscriptions
        self._settler = settler
        self._transaction = transaction
        self._clock = clock

    async def page(self, user_id: ObjectId, page: PageRequest) -> Page:
        """A page of an account's entries, newest first, with every renewal until now."""
        await self._settle(user_id)
        items = await self._ledger.page(user_id, page.offset, page.size)
        return Page(items, await self._ledger.count(user_id), page)

    async def _settle(self, user_id: ObjectId) -> None:
        now = self._clock().replace(microsecond=0)
        newest = await self._subscriptions.find_newest(user_id)
        if newest is None or not is_due(newest, at=now):
            return
        async with self._transaction() as tx:
            subscription = await self._subscriptions.find(newest["_id"], tx=tx)
            if subscription is not None:
                await self._settler.settle(subscription, at=now, tx=tx)


class SubscriptionEraser:
    """Takes an account out of subscriptions and ledger."""

    def __init__(self, subscriptions: SubscriptionRepository, ledger: LedgerRepository):
        self._subscriptions = subscriptions
        self._ledger = ledger

    async def erase(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Delete the subscriptions; the ledger stays, as orders do, and forgets whose it was."""
        await self._subscriptions.delete_of(user_id, tx=tx)
        await self._ledger.forget_holder(user_id, tx=tx)
