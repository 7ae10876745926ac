"""Postings: which products are listed under a term, for lists and for the search.

A term is a part of a word, a category, or all that is listed; its products are a set of
numbers (`number_sets.py`). A document is one chunk of one term, `_id` "TERM CHUNK", so
that a term is a range of `_id`s. How many products a list has, and which are on its
hundredth page, is then known without reading any other product.

Beside them is counted how often the texts of products changed, for who remembers these.
"""

from collections.abc import Mapping
from typing import Any

from repositories import number_sets
from repositories.number_sets import Chunks
from repositories.types import Tx

COLLECTION = "postings"
TEXTS_COLLECTION = "product_texts"
_TEXTS = "texts"

Sets = Mapping[str, Chunks]
"""Sets of product numbers by term."""


class PostingRepository:
    """Keeps the sets of all terms."""

    def __init__(self, storage: Any):
        self._postings = storage[COLLECTION]
        self._texts = storage[TEXTS_COLLECTION]

    async def numbers(self, term: str) -> Chunks:
        """The products under a term."""
        # "!" comes after the space, and neither is ever part of a term.
        found = self._postings.find({"_id": {"$gte": f"{term} ", "$lt": f"{term}!"}})
        return {
            int(kept["_id"].rpartition(" ")[2]): number_sets.decode(kept)
            for kept in await found.to_list(None)
        }

    async def change(self, gained: Sets, lost: Sets, *, tx: Tx) -> None:
        """Put products under terms, and take products from under terms."""
        added, removed = _by_id(gained), _by_id(lost)
        ids = [*added.keys() | removed.keys()]
        if not ids:
            return
        found = await self._postings.find({"_id": {"$in": ids}}, session=tx).to_list(None)
        before = {kept["_id"]: kept for kept in found}
        if before:
            await self._postings.delete_many({"_id": {"$in": list(before)}}, session=tx)
        # The beginnings of a rare word all have the same products.
        new = {added[key] for key in added if key not in before}
        encoded = {bits: number_sets.encode(bits) for bits in new}
        kept = []
        for key in ids:
            without, bits = removed.get(key, 0), added.get(key, 0)
            if key in before:
                fields = number_sets.changed(before[key], without, bits)
            else:
                fields = encoded.get(bits, {})
            # Nothing is kept of a set that has become empty.
            if any(fields.values()):
                kept.append({"_id": key, **fields})
        if kept:
            await self._postings.insert_many(kept, session=tx)

    async def count_text_change(self, *, tx: Tx) -> None:
        """Count a change of the texts of products that are there."""
        await self._texts.update_one(
            {"_id": _TEXTS}, {"$inc": {"changes": 1}}, upsert=True, session=tx
        )

    async def text_changes(self) -> int:
        """How often the texts of products that were there have changed."""
        counted = await self._texts.find_one({"_id": _TEXTS})
        return 0 if counted is None else int(counted["changes"])


def _by_id(sets: Sets) -> dict[str, int]:
    return {
        f"{term} {chunk}": bits for term, chunks in sets.items() for chunk, bits in chunks.items()
    }
