"""The audit log: what staff did, one entry an action, never changed.

An entry is

    _id          ObjectId
    at           when
    actor_id     ObjectId, who
    action       str, what
    target_kind  str, on what kind of thing
    target_id    str, on which, an ObjectId as its 24 hex digits
    address      str, from which network address
    details      {str: value}, what is worth knowing besides
"""

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from repositories.types import Document, Tx

COLLECTION = "audit_entries"
INDEXES = (
    IndexModel([("at", DESCENDING), ("_id", DESCENDING)], name="at"),
    IndexModel([("actor_id", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)], name="actor"),
    IndexModel([("action", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)], name="action"),
    IndexModel([("target_id", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)], name="target"),
)


class AuditEntryRepository:
    """Keeps the entries."""

    def __init__(self, storage: Any):
        self._entries = storage[COLLECTION]

    async def insert(self, entry: Document, *, tx: Tx) -> None:
        """Keep an entry, with what it tells of or not at all."""
        await self._entries.insert_one(entry, session=tx)
