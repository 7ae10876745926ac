"""Finding a keyword's runs in the texts of products, where terms are not proof enough."""

import asyncio
from collections.abc import Sequence
from re import Pattern

from repositories import number_sets
from repositories.number_sets import Chunks
from repositories.shop.postings import PostingRepository
from repositories.shop.products import ProductRepository
from services.shop.search_terms import folded

_READ_TOGETHER = 64
_MOST_REMEMBERED = 64


class _Looked:
    """In which products a run was looked for, and which of them have it."""

    def __init__(self, text_changes: int):
        self.text_changes = text_changes
        self.looked: Chunks = {}
        self.having: Chunks = {}

    def add(self, looked: Sequence[int], having: Sequence[int]) -> None:
        self.looked = number_sets.union((self.looked, number_sets.chunks_of(looked)))
        self.having = number_sets.union((self.having, number_sets.chunks_of(having)))


class RunSearch:
    """Reads the texts, 9 us a product, and remembers what it read until a text changes.

    The texts of a product that is new are read when it is first found. That any process
    changed the text of a product that was there is a count in the storage.
    """

    def __init__(self, products: ProductRepository, postings: PostingRepository):
        self._products = products
        self._postings = postings
        self._remembered: dict[str, _Looked] = {}

    async def having(self, runs: Sequence[Pattern[str]], found: Chunks) -> Chunks:
        """Those of the active products `found` that have each run in one of their texts."""
        # Before any text is read, so that what changes meanwhile is read again next time.
        text_changes = await self._postings.text_changes()
        for run in runs:
            looked = self._looked(run, text_changes)
            await self._look(run, looked, number_sets.difference(found, looked.looked))
            found = number_sets.intersection(found, looked.having)
        return found

    def _looked(self, run: Pattern[str], text_changes: int) -> _Looked:
        looked = self._remembered.pop(run.pattern, None)
        if looked is None or looked.text_changes != text_changes:
            looked = _Looked(text_changes)
        # The one that was asked for last is forgotten last.
        self._remembered[run.pattern] = looked
        if len(self._remembered) > _MOST_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        return looked

    async def _look(self, run: Pattern[str], looked: _Looked, left: Chunks) -> None:
        for offset in range(0, number_sets.count(left), _READ_TOGETHER):
            numbers = number_sets.highest(left, offset, _READ_TOGETHER)
            # One that is no longer active does not come, and is looked at when it is again.
            products = await self._products.with_numbers(numbers)
            looked.add(
                [product["number"] for product in products],
                [
                    product["number"]
                    for product in products
                    if any(run.search(folded(product[text])) for text in ("name", "description"))
                ],
            )
            # Others have their turn, however many products there are to read.
            await asyncio.sleep(0)
