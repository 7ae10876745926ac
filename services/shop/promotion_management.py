"""Making, changing and archiving promotions."""

from bson import ObjectId

from repositories.errors import Taken
from repositories.shop.promotions import PromotionRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.access.audit import AuditAction, AuditLog
from services.clock import Clock
from services.errors import Conflict, NotFound
from services.pagination import Page, PageRequest
from services.shop.promotion_terms import InvalidPromotion, PromotionTerms
from services.shop.promotions import ACTIVE, ARCHIVED


class PromotionNotFound(NotFound):
    """There is no such promotion."""

    code = "promotion_not_found"

    def __init__(self) -> None:
        super().__init__("Promotion not found")


class PromotionCodeTaken(Conflict):
    """Another promotion, perhaps an archived one, has this code."""

    code = "promotion_code_taken"

    def __init__(self) -> None:
        super().__init__("Promotion code already exists")


class PromotionManagementService:
    """Keeps promotions; their uses are counted by orders alone."""

    def __init__(
        self,
        promotions: PromotionRepository,
        audit: AuditLog,
        transaction: Transaction,
        clock: Clock,
    ):
        self._promotions = promotions
        self._audit = audit
        self._transaction = transaction
        self._clock = clock

    async def page(self, status: str | None, page: PageRequest) -> Page:
        """A page of promotions, newest first. Raises InvalidPromotion for another status."""
        if status not in (None, ACTIVE, ARCHIVED):
            raise InvalidPromotion(f"status must be {ACTIVE} or {ARCHIVED}")
        items = await self._promotions.page(status, page.offset, page.size)
        return Page(items, await self._promotions.count(status), page)

    async def get(self, promotion_id: str) -> Document:
        """A promotion, archived or not. Raises PromotionNotFound."""
        promotion = await self._promotions.find(_as_id(promotion_id))
        if promotion is None:
            raise PromotionNotFound
        return promotion

    async def create(self, terms: PromotionTerms, *, actor: Actor) -> Document:
        """Make a promotion that nobody used yet. Raises InvalidPromotion or PromotionCodeTaken."""
        now = self._clock().replace(microsecond=0)
        promotion = {
            "_id": ObjectId(),
            **terms.as_document(),
            "uses": 0,
            "created_at": now,
            "updated_at": now,
        }
        try:
            async with self._transaction() as tx:
                await self._promotions.insert(promotion, tx=tx)
                await self._record(AuditAction.CREATE_PROMOTION, promotion, actor, tx)
        except Taken:
            raise PromotionCodeTaken from None
        return promotion

    async def replace(self, promotion_id: str, terms: PromotionTerms, *, actor: Actor) -> Document:
        """Give a promotion other terms; its uses stay counted.

        Raises PromotionNotFound, InvalidPromotion or PromotionCodeTaken.
        """
        changes = terms.as_document()
        return await self._change(AuditAction.UPDATE_PROMOTION, promotion_id, changes, actor)

    async def archive(self, promotion_id: str, *, actor: Actor) -> None:
        """End a promotion for good; its orders keep it. Raises PromotionNotFound."""
        changes = {"status": ARCHIVED}
        await self._change(AuditAction.ARCHIVE_PROMOTION, promotion_id, changes, actor)

    async def _change(
        self, action: AuditAction, promotion_id: str, changes: Document, actor: Actor
    ) -> Document:
        changes = {**changes, "updated_at": self._clock().replace(microsecond=0)}
        try:
            async with self._transaction() as tx:
                promotion = await self._promotions.change(_as_id(promotion_id), changes, tx=tx)
                if promotion is None:
                    raise PromotionNotFound
                await self._record(action, promotion, actor, tx)
        except Taken:
            raise PromotionCodeTaken from None
        return promotion

    async def _record(self, action: AuditAction, promotion: Document, actor: Actor, tx: Tx) -> None:
        details = {"code": promotion["code"]}
        await self._audit.record(action, promotion["_id"], actor=actor, tx=tx, details=details)


def _as_id(text: str) -> ObjectId:
    if not ObjectId.is_valid(text):
        raise PromotionNotFound
    return ObjectId(text)
