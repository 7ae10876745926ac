"""Many products at once, from a file: those whose SKU is known are changed, others are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from repositories.shop.brands import BrandRepository
from repositories.shop.categories import CategoryRepository
from repositories.shop.products import ARCHIVED, ProductRepository
from repositories.types import Document, Transaction, Tx
from services.shop.listing import Change
from services.shop.product_editing import new_product
from services.shop.product_keeping import ProductKeeper, UnknownGroup, ids_in
from services.shop.product_rules import InvalidProduct, check_product

Row = Mapping[str, Any]
"""What a row gives of a product: at least `sku`, `name` and `base_price`; other fields stay."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of a row: `kind`, and why for one that is bad."""

    kind: Literal["new", "changed", "same", "bad"]
    problem: str = ""


class ProductImport:
    """Takes rows in batches; what a batch comes to can be seen before it is kept."""

    def __init__(
        self,
        products: ProductRepository,
        categories: CategoryRepository,
        brands: BrandRepository,
        keeper: ProductKeeper,
        transaction: Transaction,
    ):
        self._products = products
        self._categories = categories
        self._brands = brands
        self._keeper = keeper
        self._transaction = transaction

    async def preview(self, rows: Sequence[Row]) -> list[Outcome]:
        """What each row of a batch, with different SKUs, would come to."""
        return [outcome for outcome, _ in await self._changes(rows, tx=None)]

    async def keep(self, rows: Sequence[Row]) -> list[Outcome]:
        """Keep the rows of a batch that are not bad, all of them or none.

        A row that changes nothing writes nothing, so a batch may come again.
        """
        async with self._transaction() as tx:
            changes = await self._changes(rows, tx=tx)
            wanted = [change for _, change in changes if change is not None]
            if wanted:
                await self._keeper.keep(wanted, tx=tx)
        return [outcome for outcome, _ in changes]

    async def _changes(self, rows: Sequence[Row], *, tx: Tx) -> list[tuple[Outcome, Change | None]]:
        known = await self._products.with_skus([row["sku"] for row in rows], tx=tx)
        by_sku = {product["sku"]: product for product in known}
        befores = [by_sku.get(row["sku"]) for row in rows]
        afters = [
            new_product(row) if before is None else {**before, **row}
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
