"""Carts: one document an account, with its lines.

A cart is

    _id           ObjectId
    user_id       ObjectId, unique
    items         [{"id": ObjectId, "product_id": str, "quantity": int,
                    "attributes": [[name, value]], by name}]
    version       int, one more at each change
    created_at, updated_at

Prices are not in it: they are the product's, read anew each time. Attributes are pairs,
since their names are the client's and may have dots and dollar signs.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel

from repositories.errors import Taken, WriteConflict, unique
from repositories.types import Document, Tx

COLLECTION = "carts"
INDEXES = (IndexModel([("user_id", ASCENDING)], name="user_id", unique=True),)


class CartRepository:
    """Finds and keeps carts."""

    def __init__(self, storage: Any):
        self._carts = storage[COLLECTION]

    async def find(self, user_id: ObjectId, *, tx: Tx = None) -> Document | None:
        """The account's cart."""
        return await self._carts.find_one({"user_id": user_id}, session=tx)

    async def insert(self, user_id: ObjectId, *, at: datetime, tx: Tx) -> Document:
        """An empty cart for an account that has none. Raises WriteConflict when it has one."""
        cart: Document = {
            "_id": ObjectId(),
            "user_id": user_id,
            "items": [],
            "version": 0,
            "created_at": at,
            "updated_at": at,
        }
        try:
            with unique("user_id"):
                await self._carts.insert_one(cart, session=tx)
        except Taken as taken:
            raise WriteConflict(str(taken)) from taken
        return cart

    async def put_items(
        self, cart: Document, items: Sequence[Document], *, at: datetime, tx: Tx
    ) -> Document:
        """Give the cart these lines; raises WriteConflict if it changed since it was read."""
        result = await self._carts.update_one(
            {"_id": cart["_id"], "version": cart["version"]},
            {"$set": {"items": list(items), "updated_at": at}, "$inc": {"version": 1}},
            session=tx,
        )
        if not result.modified_count:
            raise WriteConflict("The cart changed meanwhile")
        return {**cart, "items": list(items), "version": cart["version"] + 1, "updated_at": at}

    async def delete_of(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Delete the account's cart."""
        await self._carts.delete_one({"user_id": user_id}, session=tx)
