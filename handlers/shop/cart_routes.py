"""The routes of the cart."""

from handlers.routing import SIGNED_IN, Route
from handlers.shop.cart import (
    AddToCart,
    CartHandler,
    CartItemHandler,
    CartItemsHandler,
    CartView,
    ChangeQuantity,
)
from services.shop.cart import ItemNotFound

_CART = "/api/v1/cart"
_ITEMS = f"{_CART}/items"
_ITEM = f"{_ITEMS}/{{item_id}}"

ROUTES = (
    Route("GET", _CART, CartHandler, SIGNED_IN, answer=CartView),
    Route("DELETE", _CART, CartHandler, SIGNED_IN, answer=CartView),
    Route("POST", _ITEMS, CartItemsHandler, SIGNED_IN, AddToCart, CartView),
    Route(
        "PATCH", _ITEM, CartItemHandler, SIGNED_IN, ChangeQuantity, CartView, errors=(ItemNotFound,)
    ),
    Route("DELETE", _ITEM, CartItemHandler, SIGNED_IN, answer=CartView, errors=(ItemNotFound,)),
    # Without an id: the documented 400 rather than 405.
    Route("PATCH", _ITEMS, CartItemHandler, SIGNED_IN, ChangeQuantity, CartView),
    Route("DELETE", _ITEMS, CartItemHandler, SIGNED_IN, answer=CartView),
)
