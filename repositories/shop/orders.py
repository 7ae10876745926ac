"""Orders: what was sold to whom, for how much, and what became of it.

An order is

    _id, number   ObjectId, and an int from 1 in the order of placing
    order_number  str, `ORD-` and 8 digits, unique
    user_id       ObjectId, or None once the account is deleted
    status        str (`services/shop/order_statuses.py`)
    currency      str; every amount below is an int in its minor units
    items         [{"id": ObjectId, "product_id", "sku", "name", "attributes", "quantity",
                    "unit_price_minor", "discount_minor", "tax_minor", "total_minor"}]
    subtotal_minor, discount_minor, tax_minor, shipping_minor, total_minor
    shipping_address, billing_address    {field: str}, or None once the account is deleted
    shipping_method_id, notes            str
    payment_method_id                    str or None
    promotions    [{"id": ObjectId, "code": str}]
    history       [{"status": str, "at": datetime, "by": "customer" or an account's id}]
    created_at, updated_at
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument

from repositories.types import SHOWN_ONLY, Document, Tx

COLLECTION = "orders"
# Of three lines each, these are decoded in a millisecond.
_READ_AT_ONCE = 30
_NEWEST_FIRST = [("created_at", DESCENDING), ("number", DESCENDING)]
INDEXES = (
    IndexModel([("order_number", ASCENDING)], name="order_number", unique=True),
    IndexModel(_NEWEST_FIRST, name="created_at_number"),
    IndexModel([("user_id", ASCENDING), *_NEWEST_FIRST], name="user_id_created_at_number"),
    IndexModel([("status", ASCENDING), *_NEWEST_FIRST], name="status_created_at_number"),
    # Multikey, to count how often a promotion was used, in all or by one account.
    IndexModel(
        [("promotions.id", ASCENDING), ("status", ASCENDING), ("user_id", ASCENDING)],
        name="promotions_id_status_user_id",
    ),
)


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders; None asks for all. Placed from `placed_from` on and before `placed_before`."""

    user_id: ObjectId | None = None
    status: str | None = None
    order_number: str | None = None
    placed_from: datetime | None = None
    placed_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderTotal:
    """How many orders of a status and currency there are, and what they come to."""

    status: str
    currency: str
    orders: int
    total_minor: int


class OrderRepository:
    """Finds and keeps orders."""

    def __init__(self, storage: Any):
        self._storage = storage
        self._orders = storage[COLLECTION]
        self._shown = self._orders.with_options(SHOWN_ONLY)

    async def next_number(self, *, tx: Tx) -> int:
        """The number of the next order."""
        return int(await self._storage.take_numbers(COLLECTION, tx=tx))

    async def insert(self, order: Document, *, tx: Tx) -> None:
        """Keep a new order."""
        await self._orders.insert_one(order, session=tx)

    async def find(self, order_id: ObjectId, *, tx: Tx = None) -> Document | None:
        """The order with this id."""
        return await self._orders.find_one({"_id": order_id}, session=tx)

    async def page(self, which: OrderFilter, offset: int, limit: int) -> list[Document]:
        """Some orders, newest first."""
        found = self._orders.find(_query(which)).sort(_NEWEST_FIRST)
        return await found.skip(offset).limit(limit).to_list(limit)

    async def count(self, which: OrderFilter) -> int:
        """How many there are."""
        return await self._orders.count_documents(_query(which))

    async def totals(self, which: OrderFilter) -> list[OrderTotal]:
        """What orders come to, by status and currency. Reads them all, in short steps."""
        orders: dict[tuple[str, str], int] = defaultdict(int)
        total_minor: dict[tuple[str, str], int] = defaultdict(int)
        async for some in self._newest_first(which):
            for order in some:
                kind = order["status"], order["currency"]
                orders[kind] += 1
                total_minor[kind] += order["total_minor"]
        return [OrderTotal(*kind, count, total_minor[kind]) for kind, count in orders.items()]

    async def _newest_first(self, which: OrderFilter) -> AsyncIterator[list[Document]]:
        """All orders, some at a time: one of many lines takes a while to decode.

        Each look goes on at the moment of the last order seen, behind those of that moment.
        """
        query, seen = _query(which), 0
        fields = {"status": 1, "currency": 1, "total_minor": 1, "created_at": 1}
        while True:
            found = self._shown.find(query, fields).sort(_NEWEST_FIRST)
            some = await found.skip(seen).limit(_READ_AT_ONCE).to_list(_READ_AT_ONCE)
            if not some:
                return
            yield some
            last_at = some[-1]["created_at"]
            is_same = query.get("created_at", {}).get("$lte") == last_at
            seen = sum(order["created_at"] == last_at for order in some) + (seen if is_same else 0)
            query = {**query, "created_at": {**query.get("created_at", {}), "$lte": last_at}}
            await asyncio.sleep(0)

    async def claim_status(
        self, order_id: ObjectId, allowed_from: Sequence[str], entry: Document, *, tx: Tx
    ) -> Document | None:
        """Give the order the status of a new entry of its history, if it has one of some now.

        The order as it is then; None when it has another status: of two who ask for the
        same change at once, one gets it.
        """
        return await self._orders.find_one_and_update(
            {"_id": order_id, "status": {"$in": list(allowed_from)}},
            {
                "$set": {"status": entry["status"], "updated_at": entry["at"]},
                "$push": {"history": entry},
            },
            return_document=ReturnDocument.AFTER,
            session=tx,
        )

    async def forget_customer(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Take everything personal off an account's orders, and whose they are."""
        await self._forget_attributes(user_id, tx=tx)
        await self._orders.update_many(
            {"user_id": user_id},
            {
                "$set": {
                    "user_id": None,
                    "shipping_address": None,
                    "billing_address": None,
                    "payment_method_id": None,
                    "notes": "",
                }
            },
            session=tx,
        )

    async def _forget_attributes(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Take off the lines what the customer wrote on them, such as whom it is for."""
        found = self._orders.find({"user_id": user_id}, {"items": 1}, session=tx)
        for order in await found.to_list(None):
            if any(item["attributes"] for item in order["items"]):
                items = [{**item, "attributes": []} for item in order["items"]]
                await self._orders.update_one(
                    {"_id": order["_id"]}, {"$set": {"items": items}}, session=tx
                )


def _query(which: OrderFilter) -> Document:
    query: Document = {
        name: value
        for name, value in (
            ("user_id", which.user_id),
            ("status", which.status),
            ("order_number", which.order_number),
        )
        if value is not None
    }
    placed: Document = {}
    if which.placed_from is not None:
        placed["$gte"] = which.placed_from
    if which.placed_before is not None:
        placed["$lt"] = which.placed_before
    return {**query, "created_at": placed} if placed else query
