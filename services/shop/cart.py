"""The cart: what a customer means to order (CONTRACT section 7)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bson import ObjectId

from repositories.shop.cart import CartRepository
from repositories.shop.products import ACTIVE, ProductRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.clock import Clock
from services.errors import Invalid, NotFound
from services.shop.customers import Customers
from services.shop.errors import CurrencyMismatch, OutOfStock

MAX_QUANTITY = 999
_MAX_LINES = 100
_MAX_ATTRIBUTES = 20
_ATTRIBUTE_LENGTH = 200


class InvalidQuantity(Invalid):
    """A line has 1 to 999 pieces."""

    code = "invalid_quantity"

    def __init__(self) -> None:
        super().__init__(f"quantity must be from 1 to {MAX_QUANTITY} in one line of the cart")


class InvalidAttributes(Invalid):
    """A line has a few short attributes."""

    code = "invalid_attributes"

    def __init__(self) -> None:
        super().__init__(
            f"attributes takes at most {_MAX_ATTRIBUTES}, "
            f"with names and values of at most {_ATTRIBUTE_LENGTH} characters"
        )


class UnknownProduct(Invalid):
    """The body names a product that is not sold."""

    code = "unknown_product"

    def __init__(self) -> None:
        super().__init__("product_id names no product that is sold")


class UnknownVariant(Invalid):
    """The body names a variant that the product does not have."""

    code = "unknown_variant"

    def __init__(self) -> None:
        super().__init__("variant_id names no variant of this product")


class CartFull(Invalid):
    """A cart has so many lines and no more."""

    code = "cart_full"

    def __init__(self) -> None:
        super().__init__(f"A cart has at most {_MAX_LINES} lines")


class ItemIdRequired(Invalid):
    """The path names no line."""

    code = "item_id_required"

    def __init__(self) -> None:
        super().__init__("Item ID is required")


class ItemNotFound(NotFound):
    """The cart has no such line."""

    code = "item_not_found"

    def __init__(self) -> None:
        super().__init__("Item not found in cart")


@dataclass(frozen=True, slots=True)
class CartLine:
    """A line of a cart and its product as it is now."""

    item: Document
    product: Document

    @property
    def price(self) -> Document:
        """What one piece costs now: the sale price when there is one."""
        price: Document = self.product["sale_price"] or self.product["base_price"]
        return price


@dataclass(frozen=True, slots=True)
class Cart:
    """A cart with what its products are now; a product that is gone takes its line along."""

    document: Document
    lines: Sequence[CartLine]


class CartService:
    """Fills and empties carts. Everybody has one, from the first look at it."""

    def __init__(
        self,
        carts: CartRepository,
        products: ProductRepository,
        customers: Customers,
        transaction: Transaction,
        clock: Clock,
    ):
        self._carts = carts
        self._products = products
        self._customers = customers
        self._transaction = transaction
        self._clock = clock

    async def get(self, *, actor: Actor) -> Cart:
        """The caller's cart."""
        cart = await self._carts.find(actor.id)
        if cart is None:
            async with self._transaction() as tx:
                cart = await self._open(actor, tx=tx)
        return await self.with_products(cart)

    async def with_products(self, cart: Document, *, tx: Tx = None) -> Cart:
        """A cart and the products of its lines, as they are now."""
        ids = sorted({item["product_id"] for item in cart["items"]})
        found = await self._products.find_many(ids, tx=tx) if ids else []
        products = {product["_id"]: product for product in found}
        return Cart(
            cart,
            [
                CartLine(item, products[item["product_id"]])
                for item in cart["items"]
                if item["product_id"] in products
            ],
        )

    async def add(
        self,
        product_id: str,
        variant_id: str | None,
        quantity: int,
        attributes: Mapping[str, str],
        *,
        actor: Actor,
    ) -> Cart:
        """Put pieces of a product into the cart, on the line that has the same already.

        Raises InvalidQuantity, InvalidAttributes, UnknownProduct, UnknownVariant,
        CartFull, OutOfStock or CurrencyMismatch; then the cart stays as it is.
        """
        _check_quantity(quantity)
        pairs = _as_pairs(attributes)
        async with self._transaction() as tx:
            cart = await self._open(actor, tx=tx)
            product = await self._products.find(product_id, tx=tx)
            if product is None or product["status"] != ACTIVE:
                raise UnknownProduct
            if variant_id is not None:
                # Products have no variants.
                raise UnknownVariant
            items = _with_pieces(cart["items"], product_id, pairs, quantity)
            return await self._keep(cart, items, changed=product_id, tx=tx)

    async def set_quantity(self, item_id: str, quantity: int, *, actor: Actor) -> Cart:
        """Have another number of pieces on a line.

        Raises InvalidQuantity, ItemIdRequired, ItemNotFound or OutOfStock.
        """
        _check_quantity(quantity)
        async with self._transaction() as tx:
            cart = await self._open(actor, tx=tx)
            item = _get_item(cart, item_id)
            items = _replaced(cart["items"], item, {**item, "quantity": quantity})
            return await self._keep(cart, items, changed=item["product_id"], tx=tx)

    async def remove(self, item_id: str, *, actor: Actor) -> Cart:
        """Take a line out. Raises ItemIdRequired or ItemNotFound."""
        async with self._transaction() as tx:
            cart = await self._open(actor, tx=tx)
            item = _get_item(cart, item_id)
            items = [other for other in cart["items"] if other is not item]
            return await self._keep(cart, items, changed=None, tx=tx)

    async def clear(self, *, actor: Actor) -> Cart:
        """Take everything out."""
        async with self._transaction() as tx:
            cart = await self._open(actor, tx=tx)
            return await self._keep(cart, [], changed=None, tx=tx)

    async def erase(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Delete the cart with its account (CONTRACT section 4)."""
        await self._carts.delete_of(user_id, tx=tx)

    async def _open(self, actor: Actor, *, tx: Tx) -> Document:
        """The caller's cart, which is made if there is none."""
        await self._customers.lock(actor, tx=tx)
        found = await self._carts.find(actor.id, tx=tx)
        return found or await self._carts.insert(actor.id, at=self._clock(), tx=tx)

    async def _keep(
        self, cart: Document, items: list[Document], *, changed: str | None, tx: Tx
    ) -> Cart:
        """Keep the lines; those of the product that changed are checked together."""
        filled = await self.with_products({**cart, "items": items}, tx=tx)
        if changed is not None:
            check_stock([line for line in filled.lines if line.product["_id"] == changed])
            currency_of(filled.lines)
        kept = await self._carts.put_items(cart, items, at=self._clock(), tx=tx)
        return Cart(kept, filled.lines)


def check_stock(lines: Sequence[CartLine]) -> None:
    """That the lines of each product are together within its stock. Raises OutOfStock."""
    wanted = pieces_by_product(lines)
    for line in lines:
        product = line.product
        if wanted[product["_id"]] > product["stock"]:
            raise OutOfStock(product["sku"], product["stock"])


def pieces_by_product(lines: Sequence[CartLine]) -> dict[str, int]:
    """How many pieces of each product all lines together have, by the product's id."""
    pieces: Counter[str] = Counter()
    for line in lines:
        pieces[line.product["_id"]] += line.item["quantity"]
    return dict(pieces)


def currency_of(lines: Sequence[CartLine]) -> str:
    """The one currency of some lines, at least one. Raises CurrencyMismatch."""
    first: str = lines[0].price["currency"]
    for line in lines:
        if line.price["currency"] != first:
            raise CurrencyMismatch(first, line.price["currency"])
    return first


def _check_quantity(quantity: int) -> None:
    if not 1 <= quantity <= MAX_QUANTITY:
        raise InvalidQuantity


def _as_pairs(attributes: Mapping[str, str]) -> list[list[str]]:
    """The attributes by name, so that the same ones are equal in whichever order they came."""
    if len(attributes) > _MAX_ATTRIBUTES or any(
        len(text) > _ATTRIBUTE_LENGTH for pair in attributes.items() for text in pair
    ):
        raise InvalidAttributes
    return [list(pair) for pair in sorted(attributes.items())]


def _with_pieces(
    items: list[Document], product_id: str, attributes: list[list[str]], quantity: int
) -> list[Document]:
    """The lines with more pieces of a product, on the line that has the same if there is one."""
    for item in items:
        if (item["product_id"], item["attributes"]) == (product_id, attributes):
            _check_quantity(item["quantity"] + quantity)
            return _replaced(items, item, {**item, "quantity": item["quantity"] + quantity})
    if len(items) >= _MAX_LINES:
        raise CartFull
    line: Document = {
        "id": ObjectId(),
        "product_id": product_id,
        "attributes": attributes,
        "quantity": quantity,
    }
    return [*items, line]


def _get_item(cart: Document, item_id: str) -> Document:
    if not item_id.strip():
        raise ItemIdRequired
    for item in cart["items"]:
        if str(item["id"]) == item_id:
            found: Document = item
            return found
    raise ItemNotFound


def _replaced(items: list[Document], old: Document, new: Document) -> list[Document]:
    return [new if item is old else item for item in items]
