"""Everybody's orders, for those who handle them."""

import msgspec

from handlers.bodies import Body
from handlers.data import DataHandler
from handlers.pagination import Meta, PagedHandler, PageQuery
from handlers.parameters import Day
from handlers.shop.order_views import ManagedOrderView
from services.shop.order_filters import read_order_filter, read_status


class OrdersQuery(PageQuery, frozen=True, kw_only=True):
    """Which orders; `from` and `to` are days in UTC, both inclusive."""

    status: str | None = None
    user_id: str | None = None
    order_number: str | None = None
    first_day: Day | None = msgspec.field(default=None, name="from")
    last_day: Day | None = msgspec.field(default=None, name="to")


class ManagedOrdersHandler(PagedHandler, DataHandler):
    """See everybody's orders, filtered by status, customer, number and day."""

    async def get(self) -> None:
        """Beyond the document: newest first; `from` and `to` are days, both inclusive."""
        query = self.read_query(OrdersQuery)
        which = read_order_filter(
            status=query.status,
            user_id=query.user_id,
            order_number=query.order_number,
            first_day=query.first_day,
            last_day=query.last_day,
        )
        page = await self.services.shop.order_changes.every(which, self.page_request())
        self.render_data([ManagedOrderView.of(each) for each in page.items], meta=Meta.of(page))


class OrderStatusBody(Body, frozen=True, kw_only=True):
    """The status that the order gets."""

    status: str


class OrderStatusHandler(DataHandler):
    """Move an order on: paid, shipped, delivered, or cancelled."""

    async def patch(self, order_id: str) -> None:
        """Beyond the document: the steps that `services/shop/order_statuses.py` allows."""
        status = read_status(self.parse(OrderStatusBody).status)
        order = await self.services.shop.order_changes.set_status(
            order_id, status, actor=self.actor
        )
        self.render_data(ManagedOrderView.of(order))
