"""Counted attempts: one document a key and window, shared by all server processes."""

from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from repositories.types import Document

COLLECTION = "throttles"
INDEXES = (IndexModel([("resets_at", ASCENDING)], name="resets_at", expireAfterSeconds=0),)


class ThrottleRepository:
    """Counts attempts; the count and its limit are checked in one update."""

    def __init__(self, storage: Any):
        self._throttles = storage[COLLECTION]

    async def take(self, key: str, *, limit: int, resets_at: datetime, at: datetime) -> bool:
        """Count one attempt if fewer than `limit` were counted in the running window.

        A window begins with its first attempt and ends at `resets_at`.
        """
        if await self._count(key, limit=limit, at=at):
            return True
        try:
            # Matches only a window that is over: while one runs, the upsert is refused.
            await self._throttles.update_one(
                {"_id": key, "resets_at": {"$lte": at}},
                {"$set": {"count": 1, "resets_at": resets_at}},
                upsert=True,
            )
        except DuplicateKeyError:
            return await self._count(key, limit=limit, at=at)
        return True

    async def _count(self, key: str, *, limit: int, at: datetime) -> bool:
        result = await self._throttles.update_one(
            {"_id": key, "resets_at": {"$gt": at}, "count": {"$lt": limit}}, {"$inc": {"count": 1}}
        )
        return bool(result.modified_count)

    async def give_back(self, key: str) -> None:
        """Uncount one attempt."""
        await self._throttles.update_one({"_id": key, "count": {"$gt": 0}}, {"$inc": {"count": -1}})

    async def clear(self, key: str) -> None:
        """Forget every attempt counted under `key`."""
        await self._throttles.delete_one({"_id": key})

    async def find(self, key: str) -> Document | None:
        """The last window of `key`, which may be over: its `count` and `resets_at`."""
        return await self._throttles.find_one({"_id": key})
