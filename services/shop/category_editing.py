"""Categories in the hands of staff.

A category is archived only when nothing is in it any more: no category that is active,
and no product that is not archived. What is in it is moved or archived first.
"""

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from repositories.errors import Taken
from repositories.shop.categories import CategoryRepository
from repositories.shop.products import ProductRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.access.audit import AuditAction, AuditLog
from services.clock import Clock
from services.errors import Conflict, Invalid
from services.shop.errors import CategoryNotFound, SlugTaken
from services.shop.slugs import check_names, slug_of


class UnknownParent(Invalid):
    """The category above is unknown or archived."""

    code = "unknown_parent"

    def __init__(self) -> None:
        super().__init__("parent_id names no category")


class CategoryCycle(Invalid):
    """A category would come to be in itself."""

    code = "category_cycle"

    def __init__(self) -> None:
        super().__init__("A category can't be in itself or in one that is below it")


class CategoryInUse(Conflict):
    """Something is in the category."""

    code = "category_in_use"

    def __init__(self) -> None:
        super().__init__("Move or archive the products and categories in this category first")


class CategoryEditor:
    """Makes, changes and archives categories."""

    def __init__(
        self,
        categories: CategoryRepository,
        products: ProductRepository,
        audit: AuditLog,
        transaction: Transaction,
        clock: Clock,
    ):
        self._categories = categories
        self._products = products
        self._audit = audit
        self._transaction = transaction
        self._clock = clock

    async def create(self, given: Mapping[str, Any], *, actor: Actor) -> Document:
        """Make a category; `given` has at least `name`. Without `slug` it is made of the name.

        Raises InvalidNames, UnknownParent or SlugTaken.
        """
        now = self._clock().replace(microsecond=0)
        category: Document = {
            "_id": str(ObjectId()),
            "slug": slug_of(given["name"]),
            "description": "",
            "parent_id": None,
            "image_url": "",
            **given,
            "active": True,
            "created_at": now,
            "updated_at": now,
        }
        check_names(category)
        try:
            async with self._transaction() as tx:
                await self._check_above(category, tx=tx)
                await self._categories.insert(category, tx=tx)
                await self._audit.record_fields(
                    AuditAction.CREATE_CATEGORY,
                    category,
                    given,
                    named_by="name",
                    actor=actor,
                    tx=tx,
                )
        except Taken as taken:
            raise SlugTaken from taken
        return category

    async def update(self, category_id: str, given: Mapping[str, Any], *, actor: Actor) -> Document:
        """Change what is given.

        Raises CategoryNotFound, InvalidNames, UnknownParent, CategoryCycle, CategoryInUse
        or SlugTaken.
        """
        return await self._update(AuditAction.UPDATE_CATEGORY, category_id, given, actor)

    async def archive(self, category_id: str, *, actor: Actor) -> None:
        """Take a category out of the catalog; again is as once.

        Raises CategoryNotFound or CategoryInUse.
        """
        await self._update(AuditAction.ARCHIVE_CATEGORY, category_id, {"active": False}, actor)

    async def _update(
        self, action: AuditAction, category_id: str, given: Mapping[str, Any], actor: Actor
    ) -> Document:
        try:
            async with self._transaction() as tx:
                before = await self._categories.lock(category_id, tx=tx)
                if before is None:
                    raise CategoryNotFound
                changes = {**given, "updated_at": self._clock().replace(microsecond=0)}
                after = {**before, **changes}
                check_names(after)
                if after["active"]:
                    await self._check_above(after, tx=tx)
                else:
                    await self._check_empty(category_id, tx=tx)
                await self._categories.change(category_id, changes, tx=tx)
                await self._audit.record_changes(
                    action, before, after, given, named_by="name", actor=actor, tx=tx
                )
        except Taken as taken:
            raise SlugTaken from taken
        return after

    async def _check_above(self, category: Document, *, tx: Tx) -> None:
        """That all above are active, and stay so until `tx` ends, and none is the category."""
        above = category["parent_id"]
        while above is not None:
            if above == category["_id"]:
                raise CategoryCycle
            parent = await self._categories.lock(above, tx=tx)
            if parent is None or not parent["active"]:
                raise UnknownParent
            above = parent["parent_id"]

    async def _check_empty(self, category_id: str, *, tx: Tx) -> None:
        if await self._categories.children([category_id], tx=tx):
            raise CategoryInUse
        if await self._products.is_category_used(category_id, tx=tx):
            raise CategoryInUse
