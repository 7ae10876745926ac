"""The ledger: what subscriptions were charged and credited, one entry each, never changed.

An entry is

    _id              ObjectId
    user_id          ObjectId, or None once the account is deleted
    subscription_id  ObjectId
    type             "charge" or "credit"
    period           int, the number of the subscription's period that it is for
    period_start_at, period_end_at   datetime
    amount_minor     int, not negative, in minor units of
    currency         str
    reason           "subscribed", "renewed" or "changed"
    created_at       when it fell due; after a downtime it is written later than that
"""

from collections.abc import Sequence
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel

from repositories.errors import Taken, WriteConflict, unique
from repositories.types import Document, Tx

COLLECTION = "ledger_entries"
# The charge that begins a period has a higher number than the credit that ends the one before.
_NEWEST_FIRST = [("created_at", DESCENDING), ("period", DESCENDING), ("_id", DESCENDING)]
INDEXES = (
    IndexModel(
        [("subscription_id", ASCENDING), ("period", ASCENDING), ("type", ASCENDING)],
        name="subscription_id_period_type",
        unique=True,
    ),
    IndexModel([("user_id", ASCENDING), *_NEWEST_FIRST], name="user_id_created_at"),
)


class LedgerRepository:
    """Keeps the entries: of a period one charge and one credit at most."""

    def __init__(self, storage: Any):
        self._entries = storage[COLLECTION]

    async def insert(self, entries: Sequence[Document], *, tx: Tx) -> None:
        """Keep some. Raises WriteConflict when a period has such an entry already."""
        try:
            with unique("subscription_id"):
                await self._entries.insert_many(entries, session=tx)
        except Taken as taken:
            raise WriteConflict(str(taken)) from taken

    async def page(self, user_id: ObjectId, offset: int, limit: int) -> list[Document]:
        """Some of an account's, newest first."""
        found = self._entries.find({"user_id": user_id}).sort(_NEWEST_FIRST)
        return await found.skip(offset).limit(limit).to_list(limit)

    async def count(self, user_id: ObjectId) -> int:
        """How many an account has."""
        return await self._entries.count_documents({"user_id": user_id})

    async def forget_holder(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Take whose they were off an account's entries."""
        await self._entries.update_many(
            {"user_id": user_id}, {"$set": {"user_id": None}}, session=tx
        )
