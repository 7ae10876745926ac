"""Documents whose time is over, as the indexes of the product say (`expireAfterSeconds`)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from repositories.indexes import INDEXES
from repositories.types import Document

_AT_ONCE = 500


def lifetimes() -> dict[str, dict[str, timedelta]]:
    """By collection, the fields with a date and how long after it a document goes."""
    found: dict[str, dict[str, timedelta]] = {}
    for collection, indexes in INDEXES.items():
        for index in indexes:
            definition = index.document
            if "expireAfterSeconds" in definition:
                (field,) = definition["key"]
                lifetime = timedelta(seconds=definition["expireAfterSeconds"])
                found.setdefault(collection, {})[field] = lifetime
    return found


class ExpiryRepository:
    """Counts and deletes what has expired."""

    def __init__(self, storage: Any):
        self._storage = storage
        self._lifetimes: Mapping[str, Mapping[str, timedelta]] = lifetimes()

    @property
    def collections(self) -> list[str]:
        """The collections whose documents expire."""
        return sorted(self._lifetimes)

    async def count(self, collection: str, *, at: datetime) -> int:
        """How many documents of a collection have expired."""
        documents = self._storage[collection]
        counts = [await documents.count_documents(query) for query in self._expired(collection, at)]
        return sum(counts)

    async def delete_some(self, collection: str, *, at: datetime) -> int:
        """Delete some hundreds that have expired, and answer how many; 0 when there are none."""
        documents, deleted = self._storage[collection], 0
        for query in self._expired(collection, at):
            found = await documents.find(query, {"_id": 1}).limit(_AT_ONCE).to_list(_AT_ONCE)
            ids = [document["_id"] for document in found]
            if ids:
                # Asked again: a session may have been refreshed since.
                result = await documents.delete_many({**query, "_id": {"$in": ids}})
                deleted += result.deleted_count
        return deleted

    def _expired(self, collection: str, at: datetime) -> list[Document]:
        return [
            {field: {"$lte": at - lifetime}}
            for field, lifetime in self._lifetimes[collection].items()
        ]
