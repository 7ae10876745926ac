"""Subscriptions: what an account has subscribed to, from when to when, at which price.

A subscription is

    _id, user_id   ObjectId
    is_live        bool; of those of an account one at most
    status         "active", "cancelled" or "expired"; "expired" is the one that is not live
    version        int, one more with every change
    plan_id        ObjectId
    plan_name, plan_display_name   str, as bought
    billing_cycle  "monthly" or "yearly"
    price_minor    int, what a period costs, as bought; in minor units of
    currency       str
    anchor_at      datetime, from which periods are counted, and
    anchor_period  int, the number of the period that begins there
    period         int, the number of the current period; the first ever is 1
    start_at, end_at   datetime, of the current period
    cancelled_at   datetime or None
    cancel_reason  str or None
    history        [{"event": str, "at": datetime, "by": str, "plan_id", "plan_name",
                     "billing_cycle", "price_minor", "currency", "reason"}], the newest 50
    created_at, updated_at

It is kept as it was when somebody last looked: `services/sociox/subscription_state.py`
says how it is at a moment.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument

from repositories.errors import WriteConflict, unique
from repositories.types import Document, Tx

COLLECTION = "subscriptions"
HISTORY_LENGTH = 50
_NEWEST_FIRST = [("created_at", DESCENDING), ("_id", DESCENDING)]
INDEXES = (
    IndexModel(
        [("user_id", ASCENDING)],
        name="live_user_id",
        unique=True,
        partialFilterExpression={"is_live": True},
    ),
    IndexModel(
        [("end_at", ASCENDING), ("_id", ASCENDING)],
        name="live_end_at",
        partialFilterExpression={"is_live": True},
    ),
    IndexModel([("user_id", ASCENDING), *_NEWEST_FIRST], name="user_id_created_at"),
    IndexModel([("plan_id", ASCENDING), ("status", ASCENDING)], name="plan_id_status"),
)


class SubscriptionRepository:
    """Finds and keeps subscriptions; each change knows what it changes."""

    def __init__(self, storage: Any):
        self._storage = storage
        self._subscriptions = storage[COLLECTION]

    async def insert(self, subscription: Document, *, tx: Tx) -> None:
        """Keep a new one. Raises Taken of `user_id` when the account has a live one."""
        with unique("user_id"):
            await self._subscriptions.insert_one(subscription, session=tx)

    async def find_newest(self, user_id: ObjectId, *, tx: Tx = None) -> Document | None:
        """The account's newest: the live one, if there is one."""
        return await self._subscriptions.find_one(
            {"user_id": user_id}, sort=_NEWEST_FIRST, session=tx
        )

    async def find(self, subscription_id: ObjectId, *, tx: Tx) -> Document | None:
        """The subscription with this id."""
        return await self._subscriptions.find_one({"_id": subscription_id}, session=tx)

    async def lock(self, subscription_id: ObjectId, *, tx: Tx) -> Document | None:
        """The subscription, which stays as it is until the transaction ends."""
        found: Document | None = await self._storage.lock(COLLECTION, subscription_id, tx=tx)
        return found

    async def due(
        self, at: datetime, limit: int, *, but: Collection[ObjectId] = ()
    ) -> list[ObjectId]:
        """The ids of some live ones whose period is over at `at`, the longest over first."""
        found = self._subscriptions.find(
            {"is_live": True, "end_at": {"$lte": at}, "_id": {"$nin": list(but)}}, {"_id": 1}
        )
        ordered = found.sort([("end_at", ASCENDING), ("_id", ASCENDING)])
        return [each["_id"] for each in await ordered.limit(limit).to_list(limit)]

    async def count(self, plan_id: ObjectId, status: str) -> int:
        """How many there are of a plan in a status, as they are kept."""
        return await self._subscriptions.count_documents({"plan_id": plan_id, "status": status})

    async def claim_change(
        self, subscription: Document, changes: Document, entry: Document | None, *, tx: Tx
    ) -> Document:
        """Set `changes` and add `entry` to the history of one that is as it was read.

        The subscription as it is then. Raises WriteConflict when somebody changed it since.
        """
        update: Document = {"$set": changes, "$inc": {"version": 1}}
        if entry is not None:
            update["$push"] = {"history": {"$each": [entry], "$slice": -HISTORY_LENGTH}}
        changed = await self._subscriptions.find_one_and_update(
            {"_id": subscription["_id"], "version": subscription["version"]},
            update,
            return_document=ReturnDocument.AFTER,
            session=tx,
        )
        if changed is None:
            raise WriteConflict("the subscription has changed since it was read")
        return changed

    async def delete_of(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Delete an account's subscriptions, past ones too."""
        await self._subscriptions.delete_many({"user_id": user_id}, session=tx)
