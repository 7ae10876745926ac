"""Categories: a tree in which each has at most one above it.

`_id` is a str: ObjectId's 24 hex digits, or a documented name such as `cat-1`. `number`
counts from 1 in the order of creation, which is the order of lists. An archived category
is not `active`.
"""

from collections.abc import Collection, Sequence
from typing import Any

from pymongo import ASCENDING, IndexModel

from repositories.errors import unique
from repositories.types import Document, Tx

COLLECTION = "categories"
INDEXES = (
    IndexModel([("slug", ASCENDING)], name="slug", unique=True),
    IndexModel([("active", ASCENDING), ("number", ASCENDING)], name="active_number"),
    IndexModel([("parent_id", ASCENDING)], name="parent_id"),
)


class CategoryRepository:
    """Finds and keeps categories."""

    def __init__(self, storage: Any):
        self._storage = storage
        self._categories = storage[COLLECTION]

    async def insert(self, category: Document, *, tx: Tx) -> None:
        """Keep a new category, with the next number. Raises Taken of `slug`."""
        number = int(await self._storage.take_numbers(COLLECTION, tx=tx))
        with unique("slug"):
            await self._categories.insert_one({**category, "number": number}, session=tx)

    async def find(self, category_id: str, *, tx: Tx = None) -> Document | None:
        """The category with this id, archived or not."""
        return await self._categories.find_one({"_id": category_id}, session=tx)

    async def lock(self, category_id: str, *, tx: Tx) -> Document | None:
        """The category, which nobody else changes until `tx` ends."""
        found: Document | None = await self._storage.lock(COLLECTION, category_id, tx=tx)
        return found

    async def change(self, category_id: str, changes: Document, *, tx: Tx) -> None:
        """Set some fields of a category. Raises Taken of `slug`."""
        with unique("slug"):
            await self._categories.update_one({"_id": category_id}, {"$set": changes}, session=tx)

    async def children(self, parent_ids: Sequence[str], *, tx: Tx = None) -> list[Document]:
        """The active categories that are directly in one of `parent_ids`."""
        found = self._categories.find(
            {"parent_id": {"$in": list(parent_ids)}, "active": True}, session=tx
        )
        return await found.to_list(None)

    async def active_ids(self, category_ids: Collection[str], *, tx: Tx = None) -> set[str]:
        """Those of the ids that are of an active category."""
        if not category_ids:
            return set()
        found = self._categories.find(
            {"_id": {"$in": list(category_ids)}, "active": True}, session=tx
        )
        return {category["_id"] for category in await found.to_list(None)}

    async def page(self, offset: int, limit: int) -> list[Document]:
        """Active categories, oldest first."""
        found = self._categories.find({"active": True}).sort("number", ASCENDING)
        return await found.skip(offset).limit(limit).to_list(limit)

    async def count(self) -> int:
        """How many are active: few enough to count them in the index each time."""
        return await self._categories.count_documents({"active": True})
