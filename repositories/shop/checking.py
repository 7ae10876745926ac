"""Reading orders, promotions and postings whole, to see whether they fit together."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING

from repositories import number_sets
from repositories.shop import orders, postings, products, promotions
from repositories.types import Document, Tx


class OrderCheckingRepository:
    """Goes through orders, promotions and their uses, and counts who used what."""

    def __init__(self, storage: Any):
        self._orders = storage[orders.COLLECTION]
        self._promotions = storage[promotions.COLLECTION]
        self._uses = storage[promotions.USES_COLLECTION]

    def orders(self) -> AsyncIterator[Document]:
        """Every order, without its addresses."""
        hidden = {"shipping_address": 0, "billing_address": 0, "history": 0}
        newest_first = [("created_at", DESCENDING), ("number", DESCENDING)]
        return aiter(self._orders.find({}, hidden).sort(newest_first))

    def promotions(self) -> AsyncIterator[Document]:
        """Every promotion: `_id`."""
        return aiter(self._promotions.find({}, {"_id": 1}).sort("code", ASCENDING))

    def uses(self) -> AsyncIterator[Document]:
        """Every account's count of a promotion: `user_id`, `promotion_id` and `count`."""
        by_user = [("user_id", ASCENDING), ("promotion_id", ASCENDING)]
        return aiter(self._uses.find().sort(by_user))

    async def find_promotion(self, promotion_id: ObjectId, *, tx: Tx) -> Document | None:
        """The promotion with this id."""
        return await self._promotions.find_one({"_id": promotion_id}, session=tx)

    async def count_of(self, user_id: ObjectId, promotion_id: ObjectId, *, tx: Tx) -> int:
        """How often the account used the promotion, as is kept."""
        query = {"user_id": user_id, "promotion_id": promotion_id}
        found = await self._uses.find_one(query, session=tx)
        return 0 if found is None else int(found["count"])

    async def orders_with(
        self,
        promotion_id: ObjectId,
        statuses: Collection[str],
        *,
        user_id: ObjectId | None = None,
        tx: Tx,
    ) -> int:
        """How many orders of these statuses used the promotion, in all or of an account."""
        query: Document = {"promotions.id": promotion_id, "status": {"$in": list(statuses)}}
        if user_id is not None:
            query["user_id"] = user_id
        return int(await self._orders.count_documents(query, session=tx))


class ListingCheckingRepository:
    """Goes through products and postings, and looks single ones up."""

    def __init__(self, storage: Any):
        self._products = storage[products.COLLECTION]
        self._postings = storage[postings.COLLECTION]

    def products(self) -> AsyncIterator[Document]:
        """Every product: what it is listed by."""
        shown = {"number": 1, "status": 1, "name": 1, "description": 1, "category_id": 1}
        return aiter(self._products.find({}, shown).sort("number", ASCENDING))

    async def postings(self) -> AsyncIterator[tuple[str, list[int]]]:
        """Every term with some of its numbers; a term comes once for each of its chunks."""
        async for kept in self._postings.find({}).sort("_id", ASCENDING):
            term, _, chunk = kept["_id"].rpartition(" ")
            first = int(chunk) * number_sets.SPAN
            yield term, [first + place for place in number_sets.places_of(number_sets.decode(kept))]

    async def find_product(self, number: int, *, tx: Tx) -> Document | None:
        """The product with this number."""
        return await self._products.find_one({"number": number}, session=tx)

    async def terms_with(self, number: int, terms: Sequence[str], *, tx: Tx) -> set[str]:
        """Those of the terms that have the number."""
        chunk, place = divmod(number, number_sets.SPAN)
        ids = [f"{term} {chunk}" for term in terms]
        found = await self._postings.find({"_id": {"$in": ids}}, session=tx).to_list(None)
        return {
            kept["_id"].rpartition(" ")[0]
            for kept in found
            if number_sets.decode(kept) >> place & 1
        }
