"""Which roles accounts have: default ones by name, others by id, in the account's document."""

from datetime import datetime
from typing import Any

from bson import ObjectId

from repositories.accounts.users import COLLECTION
from repositories.types import Document, Tx


class AssignmentRepository:
    """Gives roles to accounts and takes them."""

    def __init__(self, storage: Any):
        self._users = storage[COLLECTION]

    async def add_default(self, user_id: ObjectId, role: str, *, at: datetime, tx: Tx) -> None:
        """Give a default role."""
        await self._change(user_id, {"$addToSet": {"roles": role}}, at, tx)

    async def add(self, user_id: ObjectId, role_id: ObjectId, *, at: datetime, tx: Tx) -> None:
        """Give another role."""
        await self._change(user_id, {"$addToSet": {"role_ids": role_id}}, at, tx)

    async def remove_default(self, user_id: ObjectId, role: str, *, at: datetime, tx: Tx) -> None:
        """Take a default role."""
        await self._change(user_id, {"$pull": {"roles": role}}, at, tx)

    async def remove(self, user_id: ObjectId, role_id: ObjectId, *, at: datetime, tx: Tx) -> None:
        """Take another role."""
        await self._change(user_id, {"$pull": {"role_ids": role_id}}, at, tx)

    async def remove_from_all(self, role_id: ObjectId, *, at: datetime, tx: Tx) -> None:
        """Take a role that is not a default one from everybody; served by the index on it."""
        await self._users.update_many(
            {"role_ids": role_id},
            {"$pull": {"role_ids": role_id}, "$set": {"updated_at": at}},
            session=tx,
        )

    async def has_other_active(self, role: str, user_id: ObjectId, *, tx: Tx) -> bool:
        """Whether an active account other than this one has a default role."""
        found = await self._users.find_one(
            {"roles": role, "is_active": True, "_id": {"$ne": user_id}}, {"_id": 1}, session=tx
        )
        return found is not None

    async def _change(self, user_id: ObjectId, change: Document, at: datetime, tx: Tx) -> None:
        await self._users.update_one(
            {"_id": user_id}, {**change, "$set": {"updated_at": at}}, session=tx
        )
