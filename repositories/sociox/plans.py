"""Subscription plans.

A plan is

    _id              ObjectId
    name             str, unique among those not deleted
    display_name     str
    price            {"currency": "USD",
                      "amounts_minor": {cycle: int}, one or both of "monthly" and "yearly",
                      "savings_minor": int, what a year by the yearly price saves, or None}
    features         {str: JSON value}, numbers to the last digit (`decimals.py`): int or Decimal
    custom_features  [str]
    recommended      bool
    category         str or None
    status           "active" or "inactive"
    is_deleted       bool; a deleted plan is kept for the subscriptions that run on it
    created_at, updated_at
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel

from repositories.errors import unique
from repositories.sociox.decimals import as_stored, as_written
from repositories.types import Document, Tx

COLLECTION = "plans"
INDEXES = (
    IndexModel(
        [("name", ASCENDING)],
        name="live_name",
        unique=True,
        partialFilterExpression={"is_deleted": False},
    ),
    IndexModel(
        [("is_deleted", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)],
        name="is_deleted_created_at",
    ),
    IndexModel(
        [
            ("is_deleted", ASCENDING),
            ("category", ASCENDING),
            ("created_at", ASCENDING),
            ("_id", ASCENDING),
        ],
        name="is_deleted_category_created_at",
    ),
)
_OLDEST_FIRST = [("created_at", ASCENDING), ("_id", ASCENDING)]


class PlanRepository:
    """Finds and keeps plans; one that is deleted is found by its id alone."""

    def __init__(self, storage: Any):
        self._storage = storage
        self._plans = storage[COLLECTION]

    async def insert(self, plan: Document, *, tx: Tx) -> None:
        """Keep a new plan. Raises Taken of `name`."""
        with unique("name"):
            await self._plans.insert_one(_for_store(plan), session=tx)

    async def find(self, plan_id: ObjectId, *, tx: Tx = None) -> Document | None:
        """The plan with this id, deleted or not."""
        found = await self._plans.find_one({"_id": plan_id}, session=tx)
        return None if found is None else _from_store(found)

    async def lock(self, plan_id: ObjectId, *, tx: Tx) -> Document | None:
        """The plan, deleted or not, which stays as it is until the transaction ends."""
        found = await self._storage.lock(COLLECTION, plan_id, tx=tx)
        return None if found is None else _from_store(found)

    async def live(self, wanted: Mapping[str, str]) -> list[Document]:
        """Those not deleted whose fields are as wanted (`name`, `category`, `status`).

        The oldest first.
        """
        plans = []
        async for plan in self._plans.find({"is_deleted": False, **wanted}).sort(_OLDEST_FIRST):
            plans.append(_from_store(plan))
            # The numbers of one may take 2 ms to read: requests come in between.
            await asyncio.sleep(0)
        return plans

    async def names(self) -> list[Document]:
        """What every plan is called and whether it is offered, the live ones first.

        `_id`, `name`, `display_name`, `status` and `is_deleted`.
        """
        fields = ("name", "display_name", "status", "is_deleted")
        found = self._plans.find({"is_deleted": {"$in": [False, True]}}, dict.fromkeys(fields, 1))
        ordered = found.sort([("is_deleted", ASCENDING), *_OLDEST_FIRST])
        return await ordered.to_list(None)

    async def count_live(self, *, tx: Tx) -> int:
        """How many there are that are not deleted."""
        return int(await self._plans.count_documents({"is_deleted": False}, session=tx))

    async def update(self, plan_id: ObjectId, changes: Document, *, tx: Tx) -> None:
        """Set some fields. Raises Taken of `name`."""
        with unique("name"):
            await self._plans.update_one(
                {"_id": plan_id}, {"$set": _for_store(changes)}, session=tx
            )


def _for_store(fields: Document) -> Document:
    if "features" not in fields:
        return fields
    return {**fields, "features": as_stored(fields["features"])}


def _from_store(plan: Document) -> Document:
    return {**plan, "features": as_written(plan["features"])}
