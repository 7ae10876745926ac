"""Promotions, for those who manage them."""

from datetime import datetime
from typing import Annotated

import msgspec

from handlers.base import Answer
from handlers.bodies import Body, Int64
from handlers.data import DataHandler
from handlers.pagination import Meta, PagedHandler, PageQuery
from handlers.shop.money import Money, Price
from handlers.timestamps import as_timestamp
from repositories.types import Document
from services.shop.promotion_terms import PromotionTerms

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment with its offset from UTC, so that nobody has to guess."""


class PromotionView(Answer, frozen=True, kw_only=True):
    """A promotion; a limit that is null does not limit."""

    id: str
    code: str
    percent: int | None
    amount: Money | None
    minimum_spend: Money | None
    starts_at: datetime | None
    ends_at: datetime | None
    max_uses: int | None
    max_uses_per_user: int | None
    uses: int
    status: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, promotion: Document) -> "PromotionView":
        """A promotion as its managers see it."""
        amount, least = promotion["amount"], promotion["minimum_spend"]
        return cls(
            id=str(promotion["_id"]),
            code=promotion["code"],
            percent=promotion["percent"],
            amount=None if amount is None else Money.of(amount),
            minimum_spend=None if least is None else Money.of(least),
            starts_at=promotion["starts_at"],
            ends_at=promotion["ends_at"],
            max_uses=promotion["max_uses"],
            max_uses_per_user=promotion["max_uses_per_user"],
            uses=promotion["uses"],
            status=promotion["status"],
            created_at=as_timestamp(promotion["created_at"]),
            updated_at=as_timestamp(promotion["updated_at"]),
        )


class PromotionBody(Body, frozen=True, kw_only=True):
    """The terms of a promotion as a whole: either `percent` or `amount`, and any limits."""

    code: str
    percent: Int64 | None = None
    amount: Price | None = None
    minimum_spend: Price | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    max_uses: Int64 | None = None
    max_uses_per_user: Int64 | None = None
    status: str = "active"

    def as_terms(self) -> PromotionTerms:
        """The terms, not yet checked."""
        return PromotionTerms(
            code=self.code,
            percent=self.percent,
            amount=_as_money(self.amount),
            minimum_spend=_as_money(self.minimum_spend),
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            max_uses=self.max_uses,
            max_uses_per_user=self.max_uses_per_user,
            status=self.status,
        )


class PromotionsQuery(PageQuery, frozen=True, kw_only=True):
    """Which page of all promotions, or of those with a `status`."""

    status: str | None = None


class PromotionsHandler(PagedHandler, DataHandler):
    """See all promotions, or make one."""

    async def get(self) -> None:
        """Beyond the document: newest first, of one `status` if it is given."""
        status = self.read_query(PromotionsQuery).status
        page = await self.services.shop.promotions.page(status, self.page_request())
        self.render_data([PromotionView.of(each) for each in page.items], meta=Meta.of(page))

    async def post(self) -> None:
        """Beyond the document: codes are the same in any case, and kept in capitals."""
        terms = self.parse(PromotionBody).as_terms()
        promotion = await self.services.shop.promotions.create(terms, actor=self.actor)
        self.render_data(PromotionView.of(promotion), status=201)


class PromotionHandler(DataHandler):
    """See a promotion, give it other terms, or archive it."""

    async def get(self, promotion_id: str) -> None:
        """Beyond the document: an archived one, too."""
        promotion = await self.services.shop.promotions.get(promotion_id)
        self.render_data(PromotionView.of(promotion))

    async def put(self, promotion_id: str) -> None:
        """Beyond the document: the whole of its terms, while its uses stay counted."""
        terms = self.parse(PromotionBody).as_terms()
        promotion = await self.services.shop.promotions.replace(
            promotion_id, terms, actor=self.actor
        )
        self.render_data(PromotionView.of(promotion))

    async def delete(self, promotion_id: str) -> None:
        """Beyond the document: archiving, since orders refer to it."""
        await self.services.shop.promotions.archive(promotion_id, actor=self.actor)
        self.render_nothing()


def _as_money(price: Price | None) -> Document | None:
    return None if price is None else {"amount": price.amount, "currency": price.currency}
