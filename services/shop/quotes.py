"""What a cart would cost: looks up what a price depends on, and lets `pricing` do the sums.

An order and its quote both come from here, so that an order charges what was quoted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bson import ObjectId

from repositories.shop.products import ACTIVE
from repositories.types import Document, Tx
from services.errors import Invalid
from services.shop.cart import CartLine, CartService, check_stock, currency_of
from services.shop.order_requests import OrderRequest
from services.shop.pricing import Line, Quote, price, tax_percent
from services.shop.promotions import Promotions, as_discount


class CartEmpty(Invalid):
    """There is nothing to order."""

    code = "cart_empty"

    def __init__(self) -> None:
        super().__init__("Cart is empty")


class ProductUnavailable(Invalid):
    """A product in the cart is not sold any more."""

    code = "product_unavailable"

    def __init__(self, sku: str):
        super().__init__(f"{sku} is not sold any more; take it out of the cart")


class UnknownShippingMethod(Invalid):
    """There is no such way of shipping."""

    code = "unknown_shipping_method"

    def __init__(self, method: str, known: Sequence[str]):
        super().__init__(
            f"shipping_method_id: {method} is unknown; it is one of {', '.join(known)}"
        )


@dataclass(frozen=True, slots=True)
class PricedCart:
    """The lines of a cart with their quote, in the same order, and the promotions in it."""

    lines: Sequence[CartLine]
    currency: str
    promotions: Sequence[Document]
    quote: Quote


class Quoter:
    """Prices carts by the shop's tax rates (percent by place) and shipping (minor by method)."""

    def __init__(
        self,
        cart: CartService,
        promotions: Promotions,
        tax_rates: Mapping[str, Decimal],
        shipping_methods: Mapping[str, int],
    ):
        self._cart = cart
        self._promotions = promotions
        self._tax_rates = tax_rates
        self._shipping_methods = shipping_methods

    async def quote(
        self,
        cart: Document | None,
        request: OrderRequest,
        *,
        user_id: ObjectId,
        at: datetime,
        tx: Tx,
    ) -> PricedCart:
        """What an order of this cart would be charged now.

        Raises CartEmpty, ProductUnavailable, OutOfStock, CurrencyMismatch,
        UnknownShippingMethod or PromotionRefused.
        """
        lines = [] if cart is None else (await self._cart.with_products(cart, tx=tx)).lines
        if not lines:
            raise CartEmpty
        for line in lines:
            if line.product["status"] != ACTIVE:
                raise ProductUnavailable(line.product["sku"])
        check_stock(lines)
        currency = currency_of(lines)
        priced = [
            Line(line.product["sku"], line.price["amount"], line.item["quantity"]) for line in lines
        ]
        shipping_minor = self._shipping_minor(request.shipping_method_id)
        promotions = await self._promotions.get_usable(
            request.promotion_codes,
            sum(line.amount_minor for line in priced),
            currency,
            user_id=user_id,
            at=at,
            tx=tx,
        )
        address = request.shipping_address
        found = price(
            priced,
            [as_discount(promotion) for promotion in promotions],
            tax_percent=tax_percent(self._tax_rates, address.country, address.state),
            shipping_minor=shipping_minor,
            shipping_label=request.shipping_method_id,
        )
        return PricedCart(lines, currency, promotions, found)

    def _shipping_minor(self, method: str) -> int:
        if method not in self._shipping_methods:
            raise UnknownShippingMethod(method, sorted(self._shipping_methods))
        return self._shipping_methods[method]
