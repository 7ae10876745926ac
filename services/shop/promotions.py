"""Promotions at an order: which codes hold, and that no use is counted beyond the limits."""

from collections.abc import Sequence
from datetime import datetime

from bson import ObjectId

from repositories.shop.promotions import PromotionRepository
from repositories.types import Document, Tx
from services.errors import Invalid
from services.shop.amounts import amount_text
from services.shop.pricing import Discount

ACTIVE = "active"
ARCHIVED = "archived"


class PromotionRefused(Invalid):
    """A code does not hold for this order; the message names it and says why."""

    code = "promotion_refused"

    def __init__(self, code: str, problem: str):
        super().__init__(f"promotion_codes: {code} {problem}")


class UnknownPromotion(PromotionRefused):
    """There is no promotion with this code."""

    code = "unknown_promotion"

    def __init__(self, code: str):
        super().__init__(code, "is unknown")


class PromotionNotRunning(PromotionRefused):
    """The promotion has ended, or has not begun."""

    code = "promotion_expired"


class PromotionUsedUp(PromotionRefused):
    """No use of the promotion is left, in all or for this customer."""

    code = "promotion_used_up"

    def __init__(self, code: str):
        super().__init__(code, "has been used as often as it may be")


class MinimumSpend(PromotionRefused):
    """The subtotal is too small for the promotion."""

    code = "promotion_minimum_spend"


def check_terms(promotion: Document, subtotal_minor: int, currency: str, *, at: datetime) -> None:
    """That a promotion holds for an order of this subtotal at this moment.

    It runs from `starts_at` on and until before `ends_at`. Raises UnknownPromotion,
    PromotionNotRunning, MinimumSpend or PromotionRefused.
    """
    code = promotion["code"]
    if promotion["status"] != ACTIVE:
        raise UnknownPromotion(code)
    if promotion["starts_at"] is not None and at < promotion["starts_at"]:
        raise PromotionNotRunning(code, "has not begun yet")
    if promotion["ends_at"] is not None and at >= promotion["ends_at"]:
        raise PromotionNotRunning(code, "has ended")
    for money in (promotion["amount"], promotion["minimum_spend"]):
        if money is not None and money["currency"] != currency:
            raise PromotionRefused(code, f"is for orders in {money['currency']}")
    least = promotion["minimum_spend"]
    if least is not None and subtotal_minor < least["amount"]:
        needed = amount_text(least["amount"], currency)
        raise MinimumSpend(code, f"needs a subtotal of at least {needed}")


def as_discount(promotion: Document) -> Discount:
    """What a promotion takes off, as a value for `services/shop/pricing.py`."""
    if promotion["percent"] is not None:
        return Discount(promotion["code"], percent=promotion["percent"])
    return Discount(promotion["code"], fixed_minor=promotion["amount"]["amount"])


class Promotions:
    """The promotions behind the codes of an order."""

    def __init__(self, promotions: PromotionRepository):
        self._promotions = promotions

    async def get_usable(
        self,
        codes: Sequence[str],
        subtotal_minor: int,
        currency: str,
        *,
        user_id: ObjectId,
        at: datetime,
        tx: Tx,
    ) -> list[Document]:
        """The promotions of some codes, in their order.

        Raises what `check_terms` does, or PromotionUsedUp.
        """
        if not codes:
            return []
        found = await self._promotions.with_codes(codes, tx=tx)
        by_code = {promotion["code"]: promotion for promotion in found}
        used = await self._promotions.uses_by(user_id, [each["_id"] for each in found], tx=tx)
        for code in codes:
            if code not in by_code:
                raise UnknownPromotion(code)
            promotion = by_code[code]
            check_terms(promotion, subtotal_minor, currency, at=at)
            own = used.get(promotion["_id"], 0)
            if _is_reached(promotion["max_uses"], promotion["uses"]) or _is_reached(
                promotion["max_uses_per_user"], own
            ):
                raise PromotionUsedUp(code)
        return [by_code[code] for code in codes]

    async def take(self, promotions: Sequence[Document], *, user_id: ObjectId, tx: Tx) -> None:
        """Count a use of each. Raises PromotionUsedUp where none is left."""
        for promotion in promotions:
            promotion_id = promotion["_id"]
            taken = await self._promotions.take_use(promotion_id, promotion["max_uses"], tx=tx)
            if not taken or not await self._promotions.take_use_by(
                user_id, promotion_id, promotion["max_uses_per_user"], tx=tx
            ):
                raise PromotionUsedUp(promotion["code"])

    async def give_back(
        self, promotion_ids: Sequence[ObjectId], *, user_id: ObjectId | None, tx: Tx
    ) -> None:
        """Take the uses of an order off the counts."""
        for promotion_id in promotion_ids:
            await self._promotions.return_use(user_id, promotion_id, tx=tx)

    async def forget_customer(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Forget what a deleted account used."""
        await self._promotions.delete_uses_of(user_id, tx=tx)


def _is_reached(limit: int | None, count: int) -> bool:
    return limit is not None and count >= limit
