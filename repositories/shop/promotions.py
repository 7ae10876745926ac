"""Promotions, and how often each was used, in all and by each account.

A promotion is

    _id           ObjectId
    code          str in upper case, unique
    percent       int from 1 to 100, or None where `amount` is given
    amount        {"amount": int in minor units, "currency": "USD"}, or None
    minimum_spend the same, or None
    starts_at, ends_at            datetime or None
    max_uses, max_uses_per_user   int or None
    uses          int, orders that used it and were not cancelled
    status        "active" or "archived"
    created_at, updated_at
"""

from collections.abc import Sequence
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument

from repositories.errors import Taken, unique
from repositories.types import Document, Tx

COLLECTION = "promotions"
INDEXES = (
    IndexModel([("code", ASCENDING)], name="code", unique=True),
    IndexModel([("created_at", DESCENDING), ("code", ASCENDING)], name="created_at_code"),
    IndexModel(
        [("status", ASCENDING), ("created_at", DESCENDING), ("code", ASCENDING)],
        name="status_created_at_code",
    ),
)
USES_COLLECTION = "promotion_uses"
USES_INDEXES = (
    IndexModel(
        [("user_id", ASCENDING), ("promotion_id", ASCENDING)],
        name="user_id_promotion_id",
        unique=True,
    ),
)
_NEWEST_FIRST = [("created_at", DESCENDING), ("code", ASCENDING)]


class PromotionRepository:
    """Finds and keeps promotions; a use is counted only where one is left."""

    def __init__(self, storage: Any):
        self._promotions = storage[COLLECTION]
        self._uses = storage[USES_COLLECTION]

    async def insert(self, promotion: Document, *, tx: Tx = None) -> None:
        """Keep a new promotion. Raises Taken of `code`."""
        with unique("code"):
            await self._promotions.insert_one(promotion, session=tx)

    async def find(self, promotion_id: ObjectId) -> Document | None:
        """The promotion with this id."""
        return await self._promotions.find_one({"_id": promotion_id})

    async def with_codes(self, codes: Sequence[str], *, tx: Tx) -> list[Document]:
        """Those that there are, whatever their status, in no order."""
        found = self._promotions.find({"code": {"$in": list(codes)}}, session=tx)
        return await found.to_list(None)

    async def page(self, status: str | None, offset: int, limit: int) -> list[Document]:
        """Some promotions, newest first."""
        found = self._promotions.find(_of_status(status)).sort(_NEWEST_FIRST)
        return await found.skip(offset).limit(limit).to_list(limit)

    async def count(self, status: str | None) -> int:
        """How many there are."""
        return await self._promotions.count_documents(_of_status(status))

    async def change(self, promotion_id: ObjectId, changes: Document, *, tx: Tx) -> Document | None:
        """Set some fields; the promotion as it is then, or None. Raises Taken of `code`."""
        with unique("code"):
            return await self._promotions.find_one_and_update(
                {"_id": promotion_id},
                {"$set": changes},
                return_document=ReturnDocument.AFTER,
                session=tx,
            )

    async def uses_by(
        self, user_id: ObjectId, promotion_ids: Sequence[ObjectId], *, tx: Tx
    ) -> dict[ObjectId, int]:
        """How often the account used each of these, by the promotion's id."""
        query = {"user_id": user_id, "promotion_id": {"$in": list(promotion_ids)}}
        found = await self._uses.find(query, session=tx).to_list(None)
        return {use["promotion_id"]: use["count"] for use in found}

    async def take_use(self, promotion_id: ObjectId, limit: int | None, *, tx: Tx) -> bool:
        """Count a use, if fewer than `limit` are counted; tells whether it was."""
        left = {} if limit is None else {"uses": {"$lt": limit}}
        result = await self._promotions.update_one(
            {"_id": promotion_id, **left}, {"$inc": {"uses": 1}}, session=tx
        )
        return bool(result.modified_count)

    async def take_use_by(
        self, user_id: ObjectId, promotion_id: ObjectId, limit: int | None, *, tx: Tx
    ) -> bool:
        """Count a use of the account's own, if fewer than `limit` are; tells whether it was."""
        left = {} if limit is None else {"count": {"$lt": limit}}
        try:
            # One that has no use left is not matched, and a second one cannot be made.
            with unique("user_id"):
                await self._uses.update_one(
                    {"user_id": user_id, "promotion_id": promotion_id, **left},
                    {"$inc": {"count": 1}},
                    upsert=True,
                    session=tx,
                )
        except Taken:
            return False
        return True

    async def return_use(self, user_id: ObjectId | None, promotion_id: ObjectId, *, tx: Tx) -> None:
        """Take a use off the counts; an account that is gone has none of its own."""
        await self._promotions.update_one(
            {"_id": promotion_id, "uses": {"$gt": 0}}, {"$inc": {"uses": -1}}, session=tx
        )
        await self._uses.update_one(
            {"user_id": user_id, "promotion_id": promotion_id, "count": {"$gt": 0}},
            {"$inc": {"count": -1}},
            session=tx,
        )

    async def set_uses(self, promotion_id: ObjectId, uses: int, *, tx: Tx) -> None:
        """Correct how often a promotion was used in all."""
        await self._promotions.update_one(
            {"_id": promotion_id}, {"$set": {"uses": uses}}, session=tx
        )

    async def set_uses_of(
        self, user_id: ObjectId, promotion_id: ObjectId, count: int, *, tx: Tx
    ) -> None:
        """Correct how often an account used a promotion."""
        await self._uses.update_one(
            {"user_id": user_id, "promotion_id": promotion_id},
            {"$set": {"count": count}},
            upsert=True,
            session=tx,
        )

    async def delete_uses_of(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Forget what an account used; the totals stay."""
        await self._uses.delete_many({"user_id": user_id}, session=tx)


def _of_status(status: str | None) -> Document:
    return {} if status is None else {"status": status}
