"""Products: what is sold, for how much, and how many pieces there are.

A product is

    _id           str: ObjectId's 24 hex digits, or a documented name such as `prod-1`
    number        int from 1, in the order of creation: the order of lists is newest first
    sku           str, unique
    name, description
    base_price    {"amount": int in minor units, "currency": "USD"}
    sale_price    the same with the same currency, or None; what is charged when it is there
    status        "active" (shown and sold), "inactive" or "archived"
    brand_id, category_id    str or None
    images        [str], addresses
    attributes    {str: str}
    stock         int, pieces that can be sold; never negative
    created_at, updated_at

Products have no variants: a `variant_id` other than None is of none.
"""

from collections.abc import Sequence
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from repositories.errors import unique
from repositories.types import SHOWN_ONLY, Document, Tx

COLLECTION = "products"
INDEXES = (
    IndexModel([("number", ASCENDING)], name="number", unique=True),
    IndexModel([("sku", ASCENDING)], name="sku", unique=True),
    IndexModel([("category_id", ASCENDING), ("status", ASCENDING)], name="category_id_status"),
    IndexModel([("brand_id", ASCENDING), ("status", ASCENDING)], name="brand_id_status"),
)
ACTIVE = "active"
INACTIVE = "inactive"
ARCHIVED = "archived"


class ProductRepository:
    """Finds and keeps products, and takes from their stock."""

    def __init__(self, storage: Any):
        self._storage = storage
        self._products = storage[COLLECTION]
        self._shown = self._products.with_options(SHOWN_ONLY)

    async def next_number(self, count: int = 1, *, tx: Tx = None) -> int:
        """The first of the next `count` numbers; without `tx`, they are never given again."""
        return int(await self._storage.take_numbers(COLLECTION, count, tx=tx))

    async def insert(self, products: Sequence[Document], *, tx: Tx) -> None:
        """Keep new products. Raises Taken of `sku`."""
        with unique("sku"):
            await self._products.insert_many(list(products), session=tx)

    async def find(self, product_id: str, *, tx: Tx = None) -> Document | None:
        """The product with this id, whatever its status."""
        return await self._products.find_one({"_id": product_id}, session=tx)

    async def find_many(self, product_ids: Sequence[str], *, tx: Tx = None) -> list[Document]:
        """Those of the products that there are, whatever their status, in no order."""
        found = self._products.find({"_id": {"$in": list(product_ids)}}, session=tx)
        return await found.to_list(None)

    async def with_skus(self, skus: Sequence[str], *, tx: Tx = None) -> list[Document]:
        """Those of the products that there are, whatever their status, in no order."""
        found = self._products.find({"sku": {"$in": list(skus)}}, session=tx)
        return await found.to_list(None)

    async def known_skus(self, skus: Sequence[str]) -> set[str]:
        """Those of the SKUs that products have, whatever their status."""
        found = self._products.find({"sku": {"$in": list(skus)}}, {"sku": 1})
        return {product["sku"] for product in await found.to_list(None)}

    async def with_numbers(self, numbers: Sequence[int]) -> list[Document]:
        """Those of the products that are active, newest first; `numbers` come so too.

        Numbers that are close together, as on most pages, are read as a range, which takes
        half as long as looking each up.
        """
        wanted = set(numbers)
        low, high = min(wanted), max(wanted)
        by_number: Document = {"$in": list(numbers)}
        if high - low < 2 * len(wanted):
            by_number = {"$gte": low, "$lte": high}
        found = self._shown.find({"number": by_number}).sort("number", DESCENDING)
        products = await found.limit(high - low + 1).to_list(high - low + 1)
        return [
            product
            for product in products
            if product["number"] in wanted and product["status"] == ACTIVE
        ]

    async def change(self, product_id: str, changes: Document, *, tx: Tx) -> None:
        """Set some fields of a product. Raises Taken of `sku`."""
        with unique("sku"):
            await self._products.update_one({"_id": product_id}, {"$set": changes}, session=tx)

    async def take_stock(self, product_id: str, quantity: int, *, tx: Tx) -> bool:
        """Take pieces of an active product; tells whether there were as many."""
        result = await self._products.update_one(
            {"_id": product_id, "status": ACTIVE, "stock": {"$gte": quantity}},
            {"$inc": {"stock": -quantity}},
            session=tx,
        )
        return bool(result.modified_count)

    async def return_stock(self, product_id: str, quantity: int, *, tx: Tx) -> None:
        """Put back pieces that were taken, whatever the product's status is now."""
        await self._products.update_one(
            {"_id": product_id}, {"$inc": {"stock": quantity}}, session=tx
        )

    async def is_category_used(self, category_id: str, *, tx: Tx) -> bool:
        """Whether any product that is not archived is in this very category."""
        used = {"category_id": category_id, "status": {"$in": [ACTIVE, INACTIVE]}}
        return await self._products.find_one(used, session=tx) is not None

    async def is_brand_used(self, brand_id: str, *, tx: Tx) -> bool:
        """Whether any product that is not archived is of this brand."""
        used = {"brand_id": brand_id, "status": {"$in": [ACTIVE, INACTIVE]}}
        return await self._products.find_one(used, session=tx) is not None
