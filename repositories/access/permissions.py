"""Permissions: what a role can let its holders do."""

from collections.abc import Sequence
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel, ReturnDocument

from repositories.errors import unique
from repositories.types import Document, Tx

COLLECTION = "permissions"
INDEXES = (IndexModel([("name_key", ASCENDING)], name="name_key", unique=True),)


class PermissionRepository:
    """Finds and keeps permissions."""

    def __init__(self, storage: Any):
        self._storage = storage
        self._permissions = storage[COLLECTION]

    async def insert(self, permission: Document, *, tx: Tx = None) -> None:
        """Keep a new permission. Raises Taken("name_key")."""
        with unique("name_key"):
            await self._permissions.insert_one(permission, session=tx)

    async def all(self) -> list[Document]:
        """Every permission, by name."""
        return await self._permissions.find().sort("name_key", ASCENDING).to_list(None)

    async def find(self, permission_id: ObjectId) -> Document | None:
        """The permission with this id."""
        return await self._permissions.find_one({"_id": permission_id})

    async def find_many(self, permission_ids: Sequence[ObjectId]) -> list[Document]:
        """The permissions with these ids, in no order."""
        found = self._permissions.find({"_id": {"$in": list(permission_ids)}})
        return await found.to_list(None)

    async def lock(self, permission_id: ObjectId, *, tx: Tx) -> Document | None:
        """The permission, which stays as it is until the transaction ends."""
        found: Document | None = await self._storage.lock(COLLECTION, permission_id, tx=tx)
        return found

    async def update(
        self, permission_id: ObjectId, changes: Document, *, tx: Tx
    ) -> Document | None:
        """Set `changes`; the permission as it is then, None when it is gone.

        Raises Taken("name_key").
        """
        with unique("name_key"):
            return await self._permissions.find_one_and_update(
                {"_id": permission_id},
                {"$set": changes},
                return_document=ReturnDocument.AFTER,
                session=tx,
            )

    async def delete(self, permission_id: ObjectId, *, tx: Tx) -> None:
        """Delete the permission."""
        await self._permissions.delete_one({"_id": permission_id}, session=tx)
