"""The routes of orders: the customer's, and those of the staff who handle them."""

from handlers.access import holding
from handlers.pagination import PageQuery
from handlers.routing import SIGNED_IN, Access, Route
from handlers.shop.managed_orders import (
    ManagedOrdersHandler,
    OrdersQuery,
    OrderStatusBody,
    OrderStatusHandler,
)
from handlers.shop.order_views import ManagedOrderView, OrderView, QuoteView
from handlers.shop.orders import (
    CancelOrderHandler,
    OrderHandler,
    OrdersHandler,
    PlaceOrder,
    PlaceOrderHeaders,
    QuoteHandler,
)
from services.access.actor import Permission
from services.shop.order_changes import NotYourOrderToCancel, StatusNotAllowed
from services.shop.orders import IdempotencyKeyReused, NotYourOrder, OrderNotFound

_ORDERS = "/api/v1/orders"
_MANAGED = "/api/v1/admin/orders"
# The service decides, since only it knows whose order it is.
_OWNER_OR_STAFF = Access("owner, or holding view_orders", lambda _actor: True, reads_granted=True)

ROUTES = (
    Route(
        "POST",
        _ORDERS,
        OrdersHandler,
        SIGNED_IN,
        PlaceOrder,
        OrderView,
        headers=PlaceOrderHeaders,
        status=201,
        errors=(IdempotencyKeyReused,),
    ),
    Route("GET", _ORDERS, OrdersHandler, SIGNED_IN, answer=list[OrderView], query=PageQuery),
    Route("POST", f"{_ORDERS}/quote", QuoteHandler, SIGNED_IN, PlaceOrder, QuoteView),
    Route(
        "GET",
        f"{_ORDERS}/{{order_id}}",
        OrderHandler,
        _OWNER_OR_STAFF,
        answer=OrderView,
        errors=(NotYourOrder, OrderNotFound),
    ),
    Route(
        "POST",
        f"{_ORDERS}/{{order_id}}/cancel",
        CancelOrderHandler,
        SIGNED_IN,
        answer=OrderView,
        errors=(NotYourOrderToCancel, OrderNotFound, StatusNotAllowed),
    ),
    Route(
        "GET",
        _MANAGED,
        ManagedOrdersHandler,
        holding(Permission.VIEW_ORDERS),
        answer=list[ManagedOrderView],
        query=OrdersQuery,
    ),
    Route(
        "PATCH",
        f"{_MANAGED}/{{order_id}}/status",
        OrderStatusHandler,
        holding(Permission.MANAGE_ORDERS),
        OrderStatusBody,
        ManagedOrderView,
        errors=(OrderNotFound, StatusNotAllowed),
    ),
)
