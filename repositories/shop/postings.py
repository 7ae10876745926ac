"""Postings: which products are listed under a term, for lists and for the search.

A term is a part of a word, a category, or all that is listed; its products are a set of
numbers (`number_sets.py`). A document is one chunk of one term, `_id` "TERM CHUNK", so
that a term is a range of `_id`s. How many products a list has, and which are on its
hundredth page, is then known without reading any other product.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from repositories.shop import number_sets
from repositories.shop.number_sets import Chunks
from repositories.types import Tx

COLLECTION = "postings"

Numbers = Mapping[str, Iterable[int]]
"""Product numbers by term."""


class PostingRepository:
    """Keeps the sets of all terms."""

    def __init__(self, storage: Any):
        self._postings = storage[COLLECTION]

    async def numbers(self, term: str) -> Chunks:
        """The products under a term."""
        # "!" comes after the space, and neither is ever part of a term.
        found = self._postings.find({"_id": {"$gte": f"{term} ", "$lt": f"{term}!"}})
        return {
            int(kept["_id"].rpartition(" ")[2]): number_sets.decode(kept)
            for kept in await found.to_list(None)
        }

    async def change(self, gained: Numbers, lost: Numbers, *, tx: Tx) -> None:
        """Put products under terms, and take products from under terms."""
        added, removed = _by_chunk(gained), _by_chunk(lost)
        ids = [*added.keys() | removed.keys()]
        if not ids:
            return
        found = await self._postings.find({"_id": {"$in": ids}}, session=tx).to_list(None)
        chunks = {kept["_id"]: number_sets.decode(kept) for kept in found}
        changed = []
        for key in ids:
            bits = chunks.get(key, 0) & ~number_sets.bits_of(removed.get(key, ()))
            bits |= number_sets.bits_of(added.get(key, ()))
            if bits:
                changed.append({"_id": key, **number_sets.encode(bits)})
        if chunks:
            await self._postings.delete_many({"_id": {"$in": list(chunks)}}, session=tx)
        if changed:
            await self._postings.insert_many(changed, session=tx)


def _by_chunk(numbers: Numbers) -> dict[str, list[int]]:
    return {
        f"{term} {chunk}": places
        for term, some in numbers.items()
        for chunk, places in number_sets.by_chunk(some).items()
    }
