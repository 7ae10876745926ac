"""What is sold each day.

Orders are never deleted, and a cancelled one stays cancelled: as long as as many were placed in
a span of time and as many of them cancelled as before, their sum is the same. Both are counted
by an index, so that orders are read once, and again only where one was placed or cancelled.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from repositories.shop.orders import OrderFilter, OrderRepository
from services.console.days import DAY
from services.console.figures import Sales
from services.shop.order_statuses import OrderStatus

_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Span:
    """From a moment on, and before another."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class _Sold:
    """The orders of a span; `revenue_minor` is of those not cancelled, by currency."""

    placed: int
    cancelled: int
    revenue_minor: Mapping[str, int]


class ShopFigures:
    """Counts orders and sums them up."""

    def __init__(self, orders: OrderRepository):
        self._orders = orders
        self._known: dict[_Span, _Sold] = {}

    async def sales(self, days: Sequence[datetime]) -> Sales:
        """The orders of each day; the last day is still running."""
        known, by_day = self._known, []
        self._known = {}
        for day in days:
            sold = []
            for span in _spans(day, is_running=day == days[-1]):
                self._known[span] = await self._sold(span, known.get(span))
                sold.append(self._known[span])
                # Each is two looks into an index; requests come in between.
                await asyncio.sleep(0)
            by_day.append(_joined(sold))
        currencies = sorted({currency for sold in by_day for currency in sold.revenue_minor})
        return Sales(
            orders_by_day=tuple(sold.placed for sold in by_day),
            cancelled_by_day=tuple(sold.cancelled for sold in by_day),
            revenue_by_day={
                currency: tuple(sold.revenue_minor.get(currency, 0) for sold in by_day)
                for currency in currencies
            },
        )

    async def _sold(self, span: _Span, known: _Sold | None) -> _Sold:
        placed = await self._orders.count(_placed_in(span))
        cancelled = await self._orders.count(_placed_in(span, OrderStatus.CANCELLED))
        if known is not None and (known.placed, known.cancelled) == (placed, cancelled):
            return known
        return await self._read(span) if placed else _Sold(0, 0, {})

    async def _read(self, span: _Span) -> _Sold:
        placed = cancelled = 0
        revenue_minor: dict[str, int] = defaultdict(int)
        for total in await self._orders.totals(_placed_in(span)):
            placed += total.orders
            if total.status == OrderStatus.CANCELLED:
                cancelled += total.orders
            else:
                revenue_minor[total.currency] += total.total_minor
        return _Sold(placed, cancelled, revenue_minor)


def _spans(day: datetime, *, is_running: bool) -> Iterator[_Span]:
    """What is remembered as one: of the running day, each hour; else a new order would have
    all orders of the day read again."""
    step = _HOUR if is_running else DAY
    for number in range(DAY // step):
        yield _Span(day + step * number, day + step * (number + 1))


def _placed_in(span: _Span, status: OrderStatus | None = None) -> OrderFilter:
    return OrderFilter(
        status=None if status is None else status.value,
        placed_from=span.start,
        placed_before=span.end,
    )


def _joined(parts: Sequence[_Sold]) -> _Sold:
    revenue_minor: dict[str, int] = defaultdict(int)
    for part in parts:
        for currency, minor in part.revenue_minor.items():
            revenue_minor[currency] += minor
    return _Sold(
        sum(part.placed for part in parts), sum(part.cancelled for part in parts), revenue_minor
    )
