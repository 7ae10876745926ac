"""SHOP: what it answers, to whom, what comes in and what goes out."""

from handlers.routing import Route
from handlers.shop import (
    cart_routes,
    catalog_routes,
    order_routes,
    promotion_routes,
    role_routes,
)

ROUTES: tuple[Route, ...] = (
    *catalog_routes.ROUTES,
    *cart_routes.ROUTES,
    *order_routes.ROUTES,
    *promotion_routes.ROUTES,
    *role_routes.ROUTES,
)
