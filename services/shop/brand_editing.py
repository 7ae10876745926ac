"""Brands in the hands of staff; one is archived when all of its products are."""

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from repositories.errors import Taken
from repositories.shop.brands import BrandRepository
from repositories.shop.products import ProductRepository
from repositories.types import Document, Transaction
from services.access.actor import Actor
from services.access.audit import AuditAction, AuditLog
from services.clock import Clock
from services.errors import Conflict
from services.shop.errors import BrandNotFound, SlugTaken
from services.shop.slugs import check_names, slug_of


class BrandInUse(Conflict):
    """The brand has products."""

    code = "brand_in_use"

    def __init__(self) -> None:
        super().__init__("Archive the products of this brand, or give them another, first")


class BrandEditor:
    """Makes, changes and archives brands."""

    def __init__(
        self,
        brands: BrandRepository,
        products: ProductRepository,
        audit: AuditLog,
        transaction: Transaction,
        clock: Clock,
    ):
        self._brands = brands
        self._products = products
        self._audit = audit
        self._transaction = transaction
        self._clock = clock

    async def create(self, given: Mapping[str, Any], *, actor: Actor) -> Document:
        """Make a brand; `given` has at least `name`. Without `slug` it is made of the name.

        Raises InvalidNames or SlugTaken.
        """
        now = self._clock().replace(microsecond=0)
        brand: Document = {
            "_id": str(ObjectId()),
            "slug": slug_of(given["name"]),
            "description": "",
            "logo_url": "",
            **given,
            "active": True,
            "created_at": now,
            "updated_at": now,
        }
        check_names(brand)
        try:
            async with self._transaction() as tx:
                await self._brands.insert(brand, tx=tx)
                await self._audit.record_fields(
                    AuditAction.CREATE_BRAND, brand, given, named_by="name", actor=actor, tx=tx
                )
        except Taken as taken:
            raise SlugTaken from taken
        return brand

    async def update(self, brand_id: str, given: Mapping[str, Any], *, actor: Actor) -> Document:
        """Change what is given. Raises BrandNotFound, InvalidNames, BrandInUse or SlugTaken."""
        return await self._update(AuditAction.UPDATE_BRAND, brand_id, given, actor)

    async def archive(self, brand_id: str, *, actor: Actor) -> None:
        """Take a brand out of the catalog; again is as once. Raises BrandNotFound, BrandInUse."""
        await self._update(AuditAction.ARCHIVE_BRAND, brand_id, {"active": False}, actor)

    async def _update(
        self, action: AuditAction, brand_id: str, given: Mapping[str, Any], actor: Actor
    ) -> Document:
        try:
            async with self._transaction() as tx:
                before = await self._brands.lock(brand_id, tx=tx)
                if before is None:
                    raise BrandNotFound
                changes = {**given, "updated_at": self._clock().replace(microsecond=0)}
                after = {**before, **changes}
                check_names(after)
                if not after["active"] and await self._products.is_brand_used(brand_id, tx=tx):
                    raise BrandInUse
                await self._brands.change(brand_id, changes, tx=tx)
                await self._audit.record_changes(
                    action, before, after, given, named_by="name", actor=actor, tx=tx
                )
        except Taken as taken:
            raise SlugTaken from taken
        return after
