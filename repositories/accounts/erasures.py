"""Deletions that go on: one document for each deleted account that still has children."""

from collections.abc import Collection
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING

from repositories.types import Tx

COLLECTION = "erasures"


class ErasureRepository:
    """Keeps whose children are still to be erased; `_id` is the deleted account's."""

    def __init__(self, storage: Any):
        self._erasures = storage[COLLECTION]

    async def insert(self, parent_id: ObjectId, *, tx: Tx) -> None:
        """Keep that an account is gone and children of it are not."""
        await self._erasures.insert_one({"_id": parent_id}, session=tx)

    async def find_oldest(self, *, but: Collection[ObjectId], tx: Tx) -> ObjectId | None:
        """The oldest of the accounts with children to erase, but for some."""
        others = {"_id": {"$nin": list(but)}}
        found = await self._erasures.find_one(others, sort=[("_id", ASCENDING)], session=tx)
        return None if found is None else found["_id"]

    async def delete(self, parent_id: ObjectId, *, tx: Tx) -> None:
        """Forget an account: its children are erased."""
        await self._erasures.delete_one({"_id": parent_id}, session=tx)
