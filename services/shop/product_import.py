"""Many products at once, from a file: those whose SKU is known are changed, others are made."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from time import monotonic
from typing import Any, Literal, TypeVar

from repositories.errors import WriteConflict
from repositories.number_sets import SPAN
from repositories.shop.brands import BrandRepository
from repositories.shop.categories import CategoryRepository
from repositories.shop.postings import Sets
from repositories.shop.products import ARCHIVED, ProductRepository
from repositories.types import Document, Transaction, Tx
from services.shop.listing import Change, Listing, announcement
from services.shop.product_editing import new_product
from services.shop.product_keeping import ProductKeeper, UnknownGroup, ids_in
from services.shop.product_rules import InvalidProduct, check_product

Row = Mapping[str, Any]
"""What a row gives of a product: at least `sku`, `name` and `base_price`; other fields stay."""

T = TypeVar("T")

_FIRST_ANNOUNCED = 200
_FEWEST_ROWS, _MOST_ROWS = 4, 1_000
# How long a transaction may keep the writers of other processes waiting, about.
_HOLD_SECONDS = 0.06
# Between transactions, for those writers to have their turn.
_PAUSE_SECONDS = 0.003
_RETRIES = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of a row: `kind`, and why for one that is bad."""

    kind: Literal["new", "changed", "same", "bad"]
    problem: str = ""


class ProductImport:
    """Takes rows with different SKUs; what they come to can be seen before they are kept."""

    def __init__(
        self,
        products: ProductRepository,
        categories: CategoryRepository,
        brands: BrandRepository,
        listing: Listing,
        keeper: ProductKeeper,
        transaction: Transaction,
    ):
        self._products = products
        self._categories = categories
        self._brands = brands
        self._listing = listing
        self._keeper = keeper
        self._transaction = transaction

    async def preview(self, rows: Sequence[Row]) -> list[Outcome]:
        """What each row of a batch would come to."""
        known = await self._products.with_skus([row["sku"] for row in rows])
        return [outcome for outcome, _ in await self._changes(rows, known, {}, tx=None)]

    async def load(self, rows: Iterable[Row]) -> AsyncIterator[list[Outcome]]:
        """Keep the rows that are not bad, in batches, and tell of each what it came to.

        A batch is kept as a whole or not at all. A row that changes nothing writes nothing,
        so rows may come again. The words of new products are announced before, those of all
        products together whose numbers share the chunks of sets (docs/decisions/0010): so
        most chunks are written once in an import, and not once in each batch.
        """
        left = iter(rows)
        pace = _Pace()
        # Where a chunk ends is known when the first numbers are.
        room = _FIRST_ANNOUNCED
        while together := list(islice(left, room)):
            announced = await self._announce(together)
            if announced:
                last = max(product["number"] for product in announced.values())
                room = SPAN - (last + 1) % SPAN
            else:
                room = min(2 * room, SPAN)
            kept = 0
            while batch := together[kept : kept + pace.rows]:
                outcomes, seconds = await _repeated(partial(self._keep, batch, announced))
                pace.took(len(batch), seconds)
                kept += len(batch)
                yield outcomes

    async def _announce(self, rows: Sequence[Row]) -> dict[str, Document]:
        """Number the products that are new and announce their words; they come by their SKU.

        A number whose product is not kept after all is of no product for ever.
        """
        known = await self._products.known_skus([row["sku"] for row in rows])
        new = [new_product(row) for row in rows if row["sku"] not in known]
        if not new:
            return {}
        for number, product in enumerate(new, await self._products.next_number(len(new))):
            product["number"] = number
        for part in announcement(new):
            await _repeated(partial(self._put, part))
        return {product["sku"]: product for product in new}

    async def _put(self, part: Sets) -> None:
        async with self._transaction() as tx:
            await self._listing.announce(part, tx=tx)

    async def _keep(
        self, rows: Sequence[Row], announced: Mapping[str, Document]
    ) -> tuple[list[Outcome], float]:
        """What the rows came to, and for how many seconds nobody else could write."""
        async with self._transaction() as tx:
            known = await self._products.with_skus([row["sku"] for row in rows], tx=tx)
            began = monotonic()
            changes = await self._changes(rows, known, announced, tx=tx)
            wanted = [change for _, change in changes if change is not None]
            if wanted:
                await self._keeper.keep(wanted, tx=tx)
        return [outcome for outcome, _ in changes], monotonic() - began

    async def _changes(
        self,
        rows: Sequence[Row],
        known: Sequence[Document],
        announced: Mapping[str, Document],
        *,
        tx: Tx,
    ) -> list[tuple[Outcome, Change | None]]:
        by_sku = {product["sku"]: product for product in known}
        befores = [by_sku.get(row["sku"]) for row in rows]
        afters = [
            {**before, **row} if before else announced.get(row["sku"]) or new_product(row)
            for before, row in zip(befores, rows, strict=True)
        ]
        shown = [after for after in afters if after["status"] != ARCHIVED]
        categories = await self._categories.active_ids(ids_in(shown, "category_id"), tx=tx)
        brands = await self._brands.active_ids(ids_in(shown, "brand_id"), tx=tx)
        changes: list[tuple[Outcome, Change | None]] = []
        for before, after in zip(befores, afters, strict=True):
            try:
                check_product(after)
                _check_groups(after, categories, brands)
            except InvalidProduct as problem:
                changes.append((Outcome("bad", problem.message), None))
                continue
            changes.append(_change(before, after))
        return changes


class _Pace:
    """How many rows the next transaction takes, by how long the last one held the writers."""

    def __init__(self) -> None:
        self.rows = _FEWEST_ROWS

    def took(self, rows: int, seconds: float) -> None:
        fitting = int(rows * _HOLD_SECONDS / max(seconds, 0.001))
        self.rows = max(_FEWEST_ROWS, min(fitting, 2 * self.rows, _MOST_ROWS))


async def _repeated(transaction: Callable[[], Awaitable[T]]) -> T:
    """Run a transaction, again when it lost against another, and let others have a turn."""
    for attempt in range(_RETRIES):
        try:
            return await transaction()
        except WriteConflict:
            await asyncio.sleep(_PAUSE_SECONDS * 2**attempt)
        finally:
            await asyncio.sleep(_PAUSE_SECONDS)
    return await transaction()


def _check_groups(product: Document, categories: set[str], brands: set[str]) -> None:
    if product["status"] == ARCHIVED:
        return
    for field, known in (("category_id", categories), ("brand_id", brands)):
        if product[field] is not None and product[field] not in known:
            raise UnknownGroup(field, product[field])


def _change(before: Document | None, after: Document) -> tuple[Outcome, Change | None]:
    if before is None:
        return Outcome("new"), (None, after)
    if before == after:
        return Outcome("same"), None
    return Outcome("changed"), (before, after)
