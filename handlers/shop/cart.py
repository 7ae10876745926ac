"""The cart: its lines, and what they cost at this moment."""

from datetime import datetime

from handlers.base import Answer
from handlers.bodies import Body, Int64
from handlers.data import DataHandler
from handlers.shop.money import Money
from handlers.timestamps import as_timestamp
from services.shop.cart import Cart, CartLine


class CartItemView(Answer, frozen=True, kw_only=True):
    """A line of a cart; `price` is what one piece costs now."""

    id: str
    product_id: str
    variant_id: str | None = None
    sku: str
    name: str
    price: Money
    quantity: int
    attributes: dict[str, str]

    @classmethod
    def of(cls, line: CartLine) -> "CartItemView":
        """A line as it is shown."""
        return cls(
            id=str(line.item["id"]),
            product_id=line.product["_id"],
            sku=line.product["sku"],
            name=line.product["name"],
            price=Money.of(line.price),
            quantity=line.item["quantity"],
            attributes=dict(line.item["attributes"]),
        )


class CartView(Answer, frozen=True, kw_only=True):
    """A cart; it belongs to an account, so that `session_id` is always empty."""

    id: str
    user_id: str
    session_id: str = ""
    items: list[CartItemView]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, cart: Cart) -> "CartView":
        """A cart as its owner sees it."""
        document = cart.document
        return cls(
            id=str(document["_id"]),
            user_id=str(document["user_id"]),
            items=[CartItemView.of(line) for line in cart.lines],
            created_at=as_timestamp(document["created_at"]),
            updated_at=as_timestamp(document["updated_at"]),
        )


class CartHandler(DataHandler):
    """See the cart, or take everything out of it."""

    async def get(self) -> None:
        """SHOP "GET /api/v1/cart"."""
        self.render_data(CartView.of(await self.services.shop.cart.get(actor=self.actor)))

    async def delete(self) -> None:
        """SHOP "DELETE /api/v1/cart"."""
        self.render_data(CartView.of(await self.services.shop.cart.clear(actor=self.actor)))


class AddToCart(Body, frozen=True, kw_only=True):
    """How many pieces of which product."""

    product_id: str
    quantity: Int64
    variant_id: str | None = None
    attributes: dict[str, str] = {}


class CartItemsHandler(DataHandler):
    """Put a product into the cart."""

    async def post(self) -> None:
        """SHOP "POST /api/v1/cart/items"."""
        body = self.parse(AddToCart)
        cart = await self.services.shop.cart.add(
            body.product_id, body.variant_id, body.quantity, body.attributes, actor=self.actor
        )
        self.render_data(CartView.of(cart))


class ChangeQuantity(Body, frozen=True, kw_only=True):
    """How many pieces."""

    quantity: Int64


class CartItemHandler(DataHandler):
    """Change how many pieces are on a line, or take it out."""

    async def patch(self, item_id: str = "") -> None:
        """SHOP "PATCH /api/v1/cart/items/:id"."""
        body = self.parse(ChangeQuantity)
        cart = await self.services.shop.cart.set_quantity(item_id, body.quantity, actor=self.actor)
        self.render_data(CartView.of(cart))

    async def delete(self, item_id: str = "") -> None:
        """SHOP "DELETE /api/v1/cart/items/:id"."""
        cart = await self.services.shop.cart.remove(item_id, actor=self.actor)
        self.render_data(CartView.of(cart))
