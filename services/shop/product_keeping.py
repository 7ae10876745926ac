"""Keeping products with all that hangs on them: their lists, their category and brand."""

from collections.abc import Iterable, Sequence

from repositories.errors import Taken
from repositories.shop.brands import BrandRepository
from repositories.shop.categories import CategoryRepository
from repositories.shop.products import ARCHIVED, ProductRepository
from repositories.types import Document, Tx
from services.clock import Clock
from services.errors import Conflict
from services.shop.listing import Change, Listing
from services.shop.product_rules import InvalidProduct


class SkuTaken(Conflict):
    """Another product, perhaps an archived one, has this SKU."""

    code = "sku_taken"

    def __init__(self) -> None:
        super().__init__("SKU already exists")


class UnknownGroup(InvalidProduct):
    """A product's category or brand is unknown or archived."""

    def __init__(self, field: str, group_id: str):
        super().__init__(field, f"names none that there is: {group_id[:64]}")


class ProductKeeper:
    """Writes products that are as they have to be (`product_rules`)."""

    def __init__(
        self,
        products: ProductRepository,
        categories: CategoryRepository,
        brands: BrandRepository,
        listing: Listing,
        clock: Clock,
    ):
        self._products = products
        self._categories = categories
        self._brands = brands
        self._listing = listing
        self._clock = clock

    async def keep(self, changes: Sequence[Change], *, tx: Tx) -> None:
        """Keep products as they are after the changes, new ones with the next numbers.

        A new one that has its number was announced (`listing.py`). What did not change in a
        product is not written, so that a sale at the same time keeps its stock. Raises
        SkuTaken or UnknownGroup.
        """
        now = self._clock().replace(microsecond=0)
        await self._check_places([after for _, after in changes if after is not None], tx=tx)
        new = [after for before, after in changes if before is None and after is not None]
        announced = {product["number"] for product in new if "number" in product}
        unnumbered = [product for product in new if "number" not in product]
        if unnumbered:
            number = await self._products.next_number(len(unnumbered), tx=tx)
            for each, product in enumerate(unnumbered, number):
                product["number"] = each
        for product in new:
            product.update(created_at=now, updated_at=now)
        try:
            if new:
                await self._products.insert(new, tx=tx)
            for before, after in changes:
                if before is not None and after is not None:
                    changed = {key: after[key] for key in after if after[key] != before[key]}
                    after["updated_at"] = changed["updated_at"] = now
                    await self._products.change(before["_id"], changed, tx=tx)
        except Taken as taken:
            raise SkuTaken from taken
        await self._listing.update(changes, announced=announced, tx=tx)

    async def _check_places(self, products: Sequence[Document], *, tx: Tx) -> None:
        """That the categories and brands are there, and stay so until `tx` ends."""
        shown = [product for product in products if product["status"] != ARCHIVED]
        for category_id in sorted(ids_in(shown, "category_id")):
            category = await self._categories.lock(category_id, tx=tx)
            if category is None or not category["active"]:
                raise UnknownGroup("category_id", category_id)
        for brand_id in sorted(ids_in(shown, "brand_id")):
            brand = await self._brands.lock(brand_id, tx=tx)
            if brand is None or not brand["active"]:
                raise UnknownGroup("brand_id", brand_id)


def ids_in(products: Iterable[Document], field: str) -> set[str]:
    """The categories or brands that products name."""
    return {product[field] for product in products if product[field] is not None}
