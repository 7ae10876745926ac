"""Roles: a name, and the permissions that whoever has it holds."""

from collections.abc import Sequence
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel, ReturnDocument

from repositories.errors import unique
from repositories.types import Document, Tx

COLLECTION = "roles"
INDEXES = (
    # In lower case: `Admin` beside `admin` would only mislead.
    IndexModel([("name_key", ASCENDING)], name="name_key", unique=True),
    # Multikey, for the roles that lose a permission when it is deleted.
    IndexModel([("permission_ids", ASCENDING)], name="permission_ids"),
)


class RoleRepository:
    """Finds and keeps roles."""

    def __init__(self, storage: Any):
        self._storage = storage
        self._roles = storage[COLLECTION]

    async def insert(self, role: Document, *, tx: Tx = None) -> None:
        """Keep a new role. Raises Taken("name_key")."""
        with unique("name_key"):
            await self._roles.insert_one(role, session=tx)

    async def all(self) -> list[Document]:
        """Every role, by name."""
        return await self._roles.find().sort("name_key", ASCENDING).to_list(None)

    async def find(self, role_id: ObjectId) -> Document | None:
        """The role with this id."""
        return await self._roles.find_one({"_id": role_id})

    async def find_many(self, role_ids: Sequence[ObjectId], *, tx: Tx = None) -> list[Document]:
        """The roles with these ids, in no order."""
        found = self._roles.find({"_id": {"$in": list(role_ids)}}, session=tx)
        return await found.to_list(None)

    async def find_by_name(self, name_key: str, *, tx: Tx) -> Document | None:
        """The role of this name in lower case."""
        return await self._roles.find_one({"name_key": name_key}, session=tx)

    async def lock(self, role_id: ObjectId, *, tx: Tx) -> Document | None:
        """The role, which stays as it is until the transaction ends."""
        found: Document | None = await self._storage.lock(COLLECTION, role_id, tx=tx)
        return found

    async def update(self, role_id: ObjectId, changes: Document, *, tx: Tx) -> Document | None:
        """Set `changes`; the role as it is then, None when it is gone. Raises Taken("name_key")."""
        with unique("name_key"):
            return await self._roles.find_one_and_update(
                {"_id": role_id},
                {"$set": changes},
                return_document=ReturnDocument.AFTER,
                session=tx,
            )

    async def add_permission(self, role_id: ObjectId, permission_id: ObjectId, *, tx: Tx) -> None:
        """Let the role's holders hold a permission."""
        await self._roles.update_one(
            {"_id": role_id}, {"$addToSet": {"permission_ids": permission_id}}, session=tx
        )

    async def remove_permission(
        self, role_id: ObjectId, permission_id: ObjectId, *, tx: Tx
    ) -> None:
        """Take a permission from the role's holders."""
        await self._roles.update_one(
            {"_id": role_id}, {"$pull": {"permission_ids": permission_id}}, session=tx
        )

    async def remove_permission_from_all(self, permission_id: ObjectId, *, tx: Tx) -> None:
        """Take a permission from every role."""
        await self._roles.update_many(
            {"permission_ids": permission_id},
            {"$pull": {"permission_ids": permission_id}},
            session=tx,
        )

    async def delete(self, role_id: ObjectId, *, tx: Tx) -> None:
        """Delete the role."""
        await self._roles.delete_one({"_id": role_id}, session=tx)
