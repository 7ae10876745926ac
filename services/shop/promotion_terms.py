"""The terms of a promotion: what staff may set, checked as a whole."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from repositories.types import Document
from services.errors import Invalid
from services.shop.product_rules import MAX_AMOUNT
from services.shop.promotions import ACTIVE, ARCHIVED

_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_MAX_USES = 10**9


class InvalidPromotion(Invalid):
    """A field of a promotion can't be used; the message names it."""

    code = "invalid_promotion"


@dataclass(frozen=True, slots=True)
class PromotionTerms:
    """What a promotion gives, to whom and when.

    Either `percent`, from 1 to 100, or `amount`, a document of money. None in any of the
    others is no limit.
    """

    code: str
    percent: int | None = None
    amount: Document | None = None
    minimum_spend: Document | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    max_uses: int | None = None
    max_uses_per_user: int | None = None
    status: str = ACTIVE

    def as_document(self) -> Document:
        """The terms as they are kept. Raises InvalidPromotion."""
        if not _CODE.fullmatch(self.code):
            raise InvalidPromotion("code must be 1 to 64 letters, digits, _ or -")
        if (self.percent is None) == (self.amount is None):
            raise InvalidPromotion("give either percent or amount")
        if self.status not in (ACTIVE, ARCHIVED):
            raise InvalidPromotion(f"status must be {ACTIVE} or {ARCHIVED}")
        _check_number("percent", self.percent, 1, 100)
        _check_number("max_uses", self.max_uses, 1, _MAX_USES)
        _check_number("max_uses_per_user", self.max_uses_per_user, 1, _MAX_USES)
        _check_money("amount", self.amount, 1)
        _check_money("minimum_spend", self.minimum_spend, 0)
        starts_at, ends_at = _moment("starts_at", self.starts_at), _moment("ends_at", self.ends_at)
        if starts_at is not None and ends_at is not None and starts_at >= ends_at:
            raise InvalidPromotion("ends_at must be after starts_at")
        return {
            "code": self.code.upper(),
            "percent": self.percent,
            "amount": self.amount,
            "minimum_spend": self.minimum_spend,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "max_uses": self.max_uses,
            "max_uses_per_user": self.max_uses_per_user,
            "status": self.status,
        }


def _check_number(name: str, value: int | None, least: int, most: int) -> None:
    if value is not None and not least <= value <= most:
        raise InvalidPromotion(f"{name} must be from {least} to {most}")


def _check_money(name: str, money: Document | None, least: int) -> None:
    if money is None:
        return
    _check_number(f"{name}.amount", money["amount"], least, MAX_AMOUNT)
    if not _CURRENCY.fullmatch(money["currency"]):
        raise InvalidPromotion(f"{name}.currency must be three capital letters, as in USD")


def _moment(name: str, given: datetime | None) -> datetime | None:
    try:
        return None if given is None else given.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        raise InvalidPromotion(f"{name} is out of range") from None
