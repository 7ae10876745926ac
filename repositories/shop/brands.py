"""Brands: who makes the products.

`_id` is a str: ObjectId's 24 hex digits, or a documented name such as `brand-1`. `number`
counts from 1 in the order of creation, which is the order of lists. An archived brand is
not `active`.
"""

from collections.abc import Collection
from typing import Any

from pymongo import ASCENDING, IndexModel

from repositories.errors import unique
from repositories.types import Document, Tx

COLLECTION = "brands"
INDEXES = (
    IndexModel([("slug", ASCENDING)], name="slug", unique=True),
    IndexModel([("active", ASCENDING), ("number", ASCENDING)], name="active_number"),
)


class BrandRepository:
    """Finds and keeps brands."""

    def __init__(self, storage: Any):
        self._storage = storage
        self._brands = storage[COLLECTION]

    async def insert(self, brand: Document, *, tx: Tx) -> None:
        """Keep a new brand, with the next number. Raises Taken of `slug`."""
        number = int(await self._storage.take_numbers(COLLECTION, tx=tx))
        with unique("slug"):
            await self._brands.insert_one({**brand, "number": number}, session=tx)

    async def find(self, brand_id: str, *, tx: Tx = None) -> Document | None:
        """The brand with this id, archived or not."""
        return await self._brands.find_one({"_id": brand_id}, session=tx)

    async def lock(self, brand_id: str, *, tx: Tx) -> Document | None:
        """The brand, which nobody else changes until `tx` ends."""
        found: Document | None = await self._storage.lock(COLLECTION, brand_id, tx=tx)
        return found

    async def change(self, brand_id: str, changes: Document, *, tx: Tx) -> None:
        """Set some fields of a brand. Raises Taken of `slug`."""
        with unique("slug"):
            await self._brands.update_one({"_id": brand_id}, {"$set": changes}, session=tx)

    async def active_ids(self, brand_ids: Collection[str], *, tx: Tx = None) -> set[str]:
        """Those of the ids that are of an active brand."""
        if not brand_ids:
            return set()
        wanted = {"_id": {"$in": list(brand_ids)}, "active": True}
        found = self._brands.find(wanted, session=tx)
        return {brand["_id"] for brand in await found.to_list(None)}

    async def page(self, offset: int, limit: int) -> list[Document]:
        """Active brands, oldest first."""
        found = self._brands.find({"active": True}).sort("number", ASCENDING)
        return await found.skip(offset).limit(limit).to_list(limit)

    async def count(self) -> int:
        """How many are active: few enough to count them in the index each time."""
        return await self._brands.count_documents({"active": True})
