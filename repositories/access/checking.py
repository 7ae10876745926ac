"""Reading who has which roles, and what these grant, to see whether all of it is there."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING

from repositories.access import permissions, roles
from repositories.accounts import users
from repositories.types import Document, Tx


class AccessCheckingRepository:
    """Goes through accounts and roles, and looks single ones up."""

    def __init__(self, storage: Any):
        self._users = storage[users.COLLECTION]
        self._roles = storage[roles.COLLECTION]
        self._permissions = storage[permissions.COLLECTION]

    def users(self) -> AsyncIterator[Document]:
        """Every account: `role_ids`, if it ever had a role that is not a default one."""
        return aiter(self._users.find({}, {"role_ids": 1}).sort("number", ASCENDING))

    def roles(self) -> AsyncIterator[Document]:
        """Every role: `name` and `permission_ids`."""
        return aiter(self._roles.find().sort("name_key", ASCENDING))

    async def find_user(self, user_id: ObjectId, *, tx: Tx) -> Document | None:
        """The account with this id."""
        return await self._users.find_one({"_id": user_id}, session=tx)

    async def find_role(self, role_id: ObjectId, *, tx: Tx) -> Document | None:
        """The role with this id."""
        return await self._roles.find_one({"_id": role_id}, session=tx)

    async def missing_roles(self, role_ids: Sequence[ObjectId], *, tx: Tx) -> list[ObjectId]:
        """Those of the ids that no role has, in their order."""
        return await _missing(self._roles, role_ids, tx)

    async def missing_permissions(
        self, permission_ids: Sequence[ObjectId], *, tx: Tx
    ) -> list[ObjectId]:
        """Those of the ids that no permission has, in their order."""
        return await _missing(self._permissions, permission_ids, tx)


async def _missing(collection: Any, ids: Sequence[ObjectId], tx: Tx) -> list[ObjectId]:
    if not ids:
        return []
    found = collection.find({"_id": {"$in": list(ids)}}, {"_id": 1}, session=tx)
    known = {document["_id"] for document in await found.to_list(None)}
    return [each for each in ids if each not in known]
