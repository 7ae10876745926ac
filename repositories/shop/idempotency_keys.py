"""Which order a repeated request was answered with: one document a key of an account."""

from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel

from repositories.errors import Taken, WriteConflict, unique
from repositories.types import Document, Tx

COLLECTION = "idempotency_keys"
INDEXES = (
    IndexModel([("user_id", ASCENDING), ("key", ASCENDING)], name="user_id_key", unique=True),
    IndexModel([("expires_at", ASCENDING)], name="expires_at", expireAfterSeconds=0),
)


class IdempotencyKeyRepository:
    """Finds and keeps keys; one that has expired counts as none."""

    def __init__(self, storage: Any):
        self._keys = storage[COLLECTION]

    async def find(self, user_id: ObjectId, key: str, *, at: datetime, tx: Tx) -> Document | None:
        """The account's key, with `body_hash` and `order_id`, unless it has expired."""
        return await self._keys.find_one(
            {"user_id": user_id, "key": key, "expires_at": {"$gt": at}}, session=tx
        )

    async def put(
        self, user_id: ObjectId, key: str, result: Document, *, at: datetime, tx: Tx
    ) -> None:
        """Keep what a key was answered with. Raises WriteConflict when it was meanwhile."""
        try:
            with unique("user_id"):
                await self._keys.update_one(
                    {"user_id": user_id, "key": key, "expires_at": {"$lte": at}},
                    {"$set": result},
                    upsert=True,
                    session=tx,
                )
        except Taken as taken:
            raise WriteConflict(str(taken)) from taken

    async def delete_of(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Delete an account's keys."""
        await self._keys.delete_many({"user_id": user_id}, session=tx)
