"""Products in the hands of staff: made, changed, stocked, archived."""

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from repositories.shop.products import ARCHIVED, ProductRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.access.audit import AuditAction, AuditLog
from services.shop.errors import ProductNotFound
from services.shop.product_keeping import ProductKeeper
from services.shop.product_rules import DEFAULTS, check_product


class ProductEditor:
    """Makes and changes products; an archived one is kept for its orders and shown to staff."""

    def __init__(
        self,
        products: ProductRepository,
        keeper: ProductKeeper,
        audit: AuditLog,
        transaction: Transaction,
    ):
        self._products = products
        self._keeper = keeper
        self._audit = audit
        self._transaction = transaction

    async def get(self, product_id: str, *, tx: Tx = None) -> Document:
        """A product, whatever its status. Raises ProductNotFound."""
        product = await self._products.find(product_id, tx=tx)
        if product is None:
            raise ProductNotFound
        return product

    async def create(self, given: Mapping[str, Any], *, actor: Actor) -> Document:
        """Make a product; `given` has at least `sku`, `name` and `base_price`.

        Raises InvalidProduct or SkuTaken.
        """
        product = new_product(given)
        check_product(product)
        async with self._transaction() as tx:
            await self._keeper.keep([(None, product)], tx=tx)
            await self._audit.record_fields(
                AuditAction.CREATE_PRODUCT, product, given, named_by="sku", actor=actor, tx=tx
            )
        return product

    async def update(self, product_id: str, given: Mapping[str, Any], *, actor: Actor) -> Document:
        """Change what is given. Raises ProductNotFound, InvalidProduct or SkuTaken."""
        return await self._update(AuditAction.UPDATE_PRODUCT, product_id, given, actor)

    async def archive(self, product_id: str, *, actor: Actor) -> None:
        """Take a product out of the catalog for good; again is as once. Raises ProductNotFound."""
        changes = {"status": ARCHIVED}
        await self._update(AuditAction.ARCHIVE_PRODUCT, product_id, changes, actor)

    async def _update(
        self, action: AuditAction, product_id: str, given: Mapping[str, Any], actor: Actor
    ) -> Document:
        async with self._transaction() as tx:
            before = await self.get(product_id, tx=tx)
            after = {**before, **given}
            check_product(after)
            await self._keeper.keep([(before, after)], tx=tx)
            await self._audit.record_changes(
                action, before, after, given, named_by="sku", actor=actor, tx=tx
            )
        return after


def new_product(given: Mapping[str, Any]) -> Document:
    """A product with the defaults of what is not given; its number comes when it is kept."""
    return {"_id": str(ObjectId()), **DEFAULTS, **given}
