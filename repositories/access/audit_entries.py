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

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel

from repositories.types import Document, Tx

COLLECTION = "audit_entries"
_NEWEST_FIRST = [("at", DESCENDING), ("_id", DESCENDING)]
INDEXES = (
    IndexModel(_NEWEST_FIRST, name="at"),
    IndexModel([("actor_id", ASCENDING), *_NEWEST_FIRST], name="actor"),
    IndexModel([("action", ASCENDING), *_NEWEST_FIRST], name="action"),
    IndexModel([("target_id", ASCENDING), *_NEWEST_FIRST], name="target"),
)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries; None asks for all. Done from `done_from` on and before `done_before`."""

    actor_id: ObjectId | None = None
    action: str | None = None
    target_id: str | None = None
    done_from: datetime | None = None
    done_before: datetime | None = None


class AuditEntryRepository:
    """Keeps the entries."""

    def __init__(self, storage: Any):
        self._entries = storage[COLLECTION]

    async def insert(self, entry: Document, *, tx: Tx) -> None:
        """Keep an entry, with what it tells of or not at all."""
        await self._entries.insert_one(entry, session=tx)

    async def page(self, which: AuditFilter, offset: int, limit: int) -> list[Document]:
        """Some entries, newest first."""
        found = self._entries.find(_query(which)).sort(_NEWEST_FIRST)
        return await found.skip(offset).limit(limit).to_list(limit)

    async def count(self, which: AuditFilter) -> int:
        """How many there are."""
        return await self._entries.count_documents(_query(which))


def _query(which: AuditFilter) -> Document:
    given = {
        "actor_id": which.actor_id,
        "action": which.action,
        "target_id": which.target_id,
    }
    query: Document = {name: value for name, value in given.items() if value is not None}
    done: Document = {}
    if which.done_from is not None:
        done["$gte"] = which.done_from
    if which.done_before is not None:
        done["$lt"] = which.done_before
    return {**query, "at": done} if done else query
