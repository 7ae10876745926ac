"""Sign-ins at another provider that have begun: one document a `state`, gone when it is used."""

from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel

from repositories.errors import unique

COLLECTION = "oauth_states"
INDEXES = (IndexModel([("expires_at", ASCENDING)], name="expires_at", expireAfterSeconds=0),)


class OAuthStateRepository:
    """Keeps the hashes of states, each for one use."""

    def __init__(self, storage: Any):
        self._states = storage[COLLECTION]

    async def put(self, state_hash: bytes, *, expires_at: datetime, at: datetime) -> None:
        """Keep a state. Raises Taken("state") while the same one is live."""
        with unique("state"):
            # Matches only one that is over: while it lives, the upsert is refused.
            await self._states.update_one(
                {"_id": state_hash, "expires_at": {"$lte": at}},
                {"$set": {"expires_at": expires_at}},
                upsert=True,
            )

    async def take(self, state_hash: bytes, *, at: datetime) -> bool:
        """Use a state up; one of several callers at once gets it."""
        result = await self._states.delete_one({"_id": state_hash, "expires_at": {"$gt": at}})
        return bool(result.deleted_count)
