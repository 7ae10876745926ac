"""Sign-ins: one document a session, with the hash of its refresh token."""

from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel

from repositories.types import Document, Tx

COLLECTION = "sessions"
INDEXES = (
    IndexModel([("refresh_hash", ASCENDING)], name="refresh_hash", unique=True),
    # Multikey: the refresh tokens that were rotated away, so that a stolen one is recognised.
    IndexModel([("rotated_hashes", ASCENDING)], name="rotated_hashes"),
    IndexModel([("user_id", ASCENDING)], name="user_id"),
    IndexModel([("expires_at", ASCENDING)], name="expires_at", expireAfterSeconds=0),
)


class SessionRepository:
    """Finds, keeps and ends sessions."""

    def __init__(self, storage: Any):
        self._sessions = storage[COLLECTION]

    async def insert(self, session: Document, *, tx: Tx = None) -> None:
        """Keep a new session."""
        await self._sessions.insert_one(session, session=tx)

    async def find(self, session_id: ObjectId) -> Document | None:
        """The session with this id."""
        return await self._sessions.find_one({"_id": session_id})

    async def find_by_refresh(self, refresh_hash: bytes) -> Document | None:
        """The session whose current refresh token has this hash."""
        return await self._sessions.find_one({"refresh_hash": refresh_hash})

    async def find_by_rotated(self, refresh_hash: bytes) -> Document | None:
        """The session whose refresh token with this hash was rotated away."""
        return await self._sessions.find_one({"rotated_hashes": refresh_hash})

    async def delete(self, session_id: ObjectId) -> bool:
        """End a session; tells whether it was there."""
        result = await self._sessions.delete_one({"_id": session_id})
        return bool(result.deleted_count)

    async def delete_of(self, user_id: ObjectId, *, tx: Tx = None) -> None:
        """End every session of an account."""
        await self._sessions.delete_many({"user_id": user_id}, session=tx)

    async def claim_rotation(
        self, session_id: ObjectId, *, old_hash: bytes, new_hash: bytes, at: datetime
    ) -> bool:
        """Put a new refresh token in place of the old; one of two callers at once wins."""
        result = await self._sessions.update_one(
            {"_id": session_id, "refresh_hash": old_hash, "expires_at": {"$gt": at}},
            {"$set": {"refresh_hash": new_hash}, "$push": {"rotated_hashes": old_hash}},
        )
        return bool(result.modified_count)
