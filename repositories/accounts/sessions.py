"""Sign-ins: one document a session, with the hash of its refresh token.

A refresh token that was rotated away is a document of its own, as long as it would
have lived: a session is read at each request, and must stay small.
"""

from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel

from repositories.types import Document, Tx

COLLECTION = "sessions"
INDEXES = (
    IndexModel([("refresh_hash", ASCENDING)], name="refresh_hash", unique=True),
    IndexModel([("user_id", ASCENDING)], name="user_id"),
    IndexModel([("expires_at", ASCENDING)], name="expires_at", expireAfterSeconds=0),
)
ROTATED_COLLECTION = "rotated_tokens"
ROTATED_INDEXES = (
    IndexModel([("expires_at", ASCENDING)], name="expires_at", expireAfterSeconds=0),
)


class SessionRepository:
    """Finds, keeps and ends sessions."""

    def __init__(self, storage: Any):
        self._sessions = storage[COLLECTION]
        self._rotated = storage[ROTATED_COLLECTION]

    async def insert(self, session: Document, *, tx: Tx = None) -> None:
        """Keep a new session."""
        await self._sessions.insert_one(session, session=tx)

    async def find(self, session_id: ObjectId) -> Document | None:
        """The session with this id."""
        return await self._sessions.find_one({"_id": session_id})

    async def live_of(self, user_id: ObjectId, *, at: datetime) -> list[Document]:
        """The sessions of an account that have not expired."""
        found = self._sessions.find({"user_id": user_id, "expires_at": {"$gt": at}})
        return await found.to_list(None)

    async def find_by_refresh(self, refresh_hash: bytes) -> Document | None:
        """The session whose current refresh token has this hash."""
        return await self._sessions.find_one({"refresh_hash": refresh_hash})

    async def find_by_rotated(self, refresh_hash: bytes) -> Document | None:
        """The session whose refresh token with this hash was rotated away."""
        rotated = await self._rotated.find_one({"_id": refresh_hash})
        return await self.find(rotated["session_id"]) if rotated else None

    async def delete(self, session_id: ObjectId) -> bool:
        """End a session; tells whether it was there."""
        result = await self._sessions.delete_one({"_id": session_id})
        return bool(result.deleted_count)

    async def delete_of(
        self, user_id: ObjectId, *, but: ObjectId | None = None, tx: Tx = None
    ) -> None:
        """End every session of an account, or every one but one."""
        others = {"user_id": user_id} if but is None else {"user_id": user_id, "_id": {"$ne": but}}
        await self._sessions.delete_many(others, session=tx)

    async def claim_rotation(
        self,
        session_id: ObjectId,
        *,
        old_hash: bytes,
        new_hash: bytes,
        expires_at: datetime,
        at: datetime,
        tx: Tx = None,
    ) -> bool:
        """Put a new refresh token, good until `expires_at`, in place of the old.

        One of several callers at once wins.
        """
        result = await self._sessions.update_one(
            {"_id": session_id, "refresh_hash": old_hash, "expires_at": {"$gt": at}},
            {"$set": {"refresh_hash": new_hash, "expires_at": expires_at}},
            session=tx,
        )
        if not result.modified_count:
            return False
        await self._rotated.insert_one(
            {"_id": old_hash, "session_id": session_id, "expires_at": expires_at}, session=tx
        )
        return True
