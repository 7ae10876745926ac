"""Everybody's orders, for those who handle them."""

from handlers.bodies import Body
from handlers.data import DataHandler
from handlers.pagination import Meta, PagedHandler
from handlers.shop.order_views import ManagedOrderView
from services.shop.order_filters import read_order_filter, read_status


class ManagedOrdersHandler(PagedHandler, DataHandler):
    """See everybody's orders, filtered by status, customer, number and day."""

    async def get(self) -> None:
        """Beyond the document: newest first; `from` and `to` are days, both inclusive."""
        which = read_order_filter(
            status=self._given("status"),
            user_id=self._given("user_id"),
            order_number=self._given("order_number"),
            first_day=self._given("from"),
            last_day=self._given("to"),
        )
        page = await self.services.shop.order_changes.every(which, self.page_request())
        self.render_data([ManagedOrderView.of(each) for each in page.items], meta=Meta.of(page))

    def _given(self, name: str) -> str | None:
        return self.get_query_argument(name, None)


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
