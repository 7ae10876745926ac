"""Orders: quoting, placing, seeing and calling them off."""

from typing import Annotated, ClassVar

import msgspec

from handlers.bodies import Body
from handlers.data import DataHandler
from handlers.pagination import Meta, PagedHandler
from handlers.parameters import Headers
from handlers.shop.order_views import OrderView, QuoteView
from services.shop.order_requests import OrderRequest, read_order_request


class AddressBody(Body, frozen=True, kw_only=True):
    """An address; which of its fields are needed is told by name."""

    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    phone_number: str | None = None


class PlaceOrder(Body, frozen=True, kw_only=True):
    """Where the order goes, by which way, and with which promotions."""

    shipping_address: AddressBody
    billing_address: AddressBody | None = None
    payment_method_id: str | None = None
    promotion_codes: list[str] = []
    shipping_method_id: str | None = None
    notes: str = ""

    def as_request(self) -> OrderRequest:
        """What is asked for. Raises InvalidAddress or InvalidOrderField."""
        billing = self.billing_address
        return read_order_request(
            msgspec.structs.asdict(self.shipping_address),
            None if billing is None else msgspec.structs.asdict(billing),
            self.shipping_method_id,
            self.promotion_codes,
            self.payment_method_id,
            self.notes,
        )


class PlaceOrderHeaders(Headers, frozen=True, kw_only=True):
    """A key of the caller's own, by which a repeated request gets the first one's answer."""

    idempotency_key: (
        Annotated[str, msgspec.Meta(extra={"schema": {"minLength": 1, "maxLength": 255}})] | None
    ) = msgspec.field(default=None, name="Idempotency-Key")

    as_written: ClassVar[frozenset[str]] = frozenset({"idempotency_key"})


class OrdersHandler(PagedHandler, DataHandler):
    """Order what is in the cart, or see one's orders."""

    async def post(self) -> None:
        """SHOP "POST /api/v1/orders"."""
        request = self.parse(PlaceOrder).as_request()
        key = self.read_headers(PlaceOrderHeaders).idempotency_key
        order = await self.services.shop.orders.place(request, key, actor=self.actor)
        self.render_data(OrderView.of(order), status=201)

    async def get(self) -> None:
        """SHOP "GET /api/v1/orders"."""
        page = await self.services.shop.orders.own(self.page_request(), actor=self.actor)
        self.render_data([OrderView.of(order) for order in page.items], meta=Meta.of(page))


class QuoteHandler(DataHandler):
    """See what an order of the cart would cost, and why."""

    async def post(self) -> None:
        """CONTRACT section 7: the body of an order, of which nothing is kept."""
        request = self.parse(PlaceOrder).as_request()
        priced = await self.services.shop.orders.quote(request, actor=self.actor)
        self.render_data(QuoteView.of(priced))


class OrderHandler(DataHandler):
    """See an order."""

    async def get(self, order_id: str) -> None:
        """SHOP "GET /api/v1/orders/:id"."""
        order = await self.services.shop.orders.get(order_id, actor=self.actor)
        self.render_data(OrderView.of(order))


class CancelOrderHandler(DataHandler):
    """Call off one's own order while it is pending."""

    async def post(self, order_id: str) -> None:
        """CONTRACT section 7: stock and promotion uses are given back."""
        order = await self.services.shop.order_changes.cancel(order_id, actor=self.actor)
        self.render_data(OrderView.of(order))
