"""Orders: placed whole or not at all, shown to those who may see them (CONTRACT section 7)."""

from dataclasses import asdict
from datetime import datetime, timedelta

from bson import ObjectId

from repositories.shop.cart import CartRepository
from repositories.shop.idempotency_keys import IdempotencyKeyRepository
from repositories.shop.orders import OrderFilter, OrderRepository
from repositories.shop.products import ProductRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor, Permission
from services.clock import Clock
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.pagination import Page, PageRequest
from services.shop.cart import pieces_by_product
from services.shop.customers import Customers
from services.shop.errors import OutOfStock
from services.shop.order_mail import OrderConfirmations
from services.shop.order_requests import OrderRequest
from services.shop.order_statuses import OrderStatus
from services.shop.promotions import Promotions
from services.shop.quotes import PricedCart, Quoter

KEY_LIFETIME = timedelta(hours=24)
CUSTOMER = "customer"
_KEY_LENGTH = 255


class InvalidIdempotencyKey(Invalid):
    """The header holds no usable key."""

    code = "invalid_idempotency_key"

    def __init__(self) -> None:
        super().__init__(f"Idempotency-Key must be 1 to {_KEY_LENGTH} characters")


class IdempotencyKeyReused(Conflict):
    """The key came with another order before."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another order; take a new one")


class OrderIdRequired(Invalid):
    """The path has a place for an id, and nothing there."""

    code = "order_id_required"

    def __init__(self) -> None:
        super().__init__("Order ID is required")


class OrderNotFound(NotFound):
    """There is no such order."""

    code = "order_not_found"

    def __init__(self) -> None:
        super().__init__("Order not found")


class NotYourOrder(Forbidden):
    """The order is somebody else's, and the caller is not of the staff."""

    code = "not_your_order"

    def __init__(self) -> None:
        super().__init__("You don't have permission to view this order")


class OrderService:
    """Quotes, places and shows orders."""

    def __init__(
        self,
        orders: OrderRepository,
        keys: IdempotencyKeyRepository,
        carts: CartRepository,
        products: ProductRepository,
        promotions: Promotions,
        quoter: Quoter,
        customers: Customers,
        confirmations: OrderConfirmations,
        transaction: Transaction,
        clock: Clock,
    ):
        self._orders = orders
        self._keys = keys
        self._carts = carts
        self._products = products
        self._promotions = promotions
        self._quoter = quoter
        self._customers = customers
        self._confirmations = confirmations
        self._transaction = transaction
        self._clock = clock

    async def quote(self, request: OrderRequest, *, actor: Actor) -> PricedCart:
        """What the caller's cart would be charged now. Raises what `Quoter.quote` does."""
        cart = await self._carts.find(actor.id)
        return await self._quoter.quote(cart, request, user_id=actor.id, at=self._clock(), tx=None)

    async def place(self, request: OrderRequest, key: str | None, *, actor: Actor) -> Document:
        """Order what is in the caller's cart: stock, promotions, cart and order at once.

        A request that comes again with its `key` within 24 hours gets what the first
        one got. Raises InvalidIdempotencyKey, IdempotencyKeyReused or what
        `Quoter.quote` does; then nothing has changed and the key is free.
        """
        if key is not None and not 1 <= len(key) <= _KEY_LENGTH:
            raise InvalidIdempotencyKey
        now = self._clock().replace(microsecond=0)
        if first := await self._first(request, key, actor, now, tx=None):
            return first
        async with (
            self._confirmations.allowance(actor.id) as may_confirm,
            self._transaction() as tx,
        ):
            user = await self._customers.lock(actor, tx=tx)
            # Once more, as the same request may have been carried out just before.
            if first := await self._first(request, key, actor, now, tx=tx):
                return first
            cart = await self._carts.find(actor.id, tx=tx)
            priced = await self._quoter.quote(cart, request, user_id=actor.id, at=now, tx=tx)
            await self._take_stock(priced, tx=tx)
            await self._promotions.take(priced.promotions, user_id=actor.id, tx=tx)
            if cart is not None:
                await self._carts.put_items(cart, [], at=now, tx=tx)
            number = await self._orders.next_number(tx=tx)
            order = _new_order(number, request, priced, user_id=actor.id, at=now)
            await self._orders.insert(order, tx=tx)
            if key is not None:
                await self._keep(key, request, order, at=now, tx=tx)
            if may_confirm:
                await self._confirmations.send(order, user, tx=tx)
        return order

    async def _first(
        self, request: OrderRequest, key: str | None, actor: Actor, at: datetime, *, tx: Tx
    ) -> Document | None:
        """The order as the first request with this key was answered, if there was one."""
        if key is None:
            return None
        found = await self._keys.find(actor.id, key, at=at, tx=tx)
        if found is None:
            return None
        if found["body_hash"] != request.fingerprint():
            raise IdempotencyKeyReused
        order = await self._orders.find(found["order_id"], tx=tx)
        if order is None:
            return None
        return {**order, "status": OrderStatus.PENDING.value, "updated_at": order["created_at"]}

    async def _take_stock(self, priced: PricedCart, *, tx: Tx) -> None:
        products = {line.product["_id"]: line.product for line in priced.lines}
        # In one order for everybody, so that two transactions never wait for each other.
        for product_id, pieces in sorted(pieces_by_product(priced.lines).items()):
            if not await self._products.take_stock(product_id, pieces, tx=tx):
                product = products[product_id]
                raise OutOfStock(product["sku"], product["stock"])

    async def _keep(
        self, key: str, request: OrderRequest, order: Document, *, at: datetime, tx: Tx
    ) -> None:
        result = {
            "body_hash": request.fingerprint(),
            "order_id": order["_id"],
            "expires_at": at + KEY_LIFETIME,
        }
        await self._keys.put(order["user_id"], key, result, at=at, tx=tx)

    async def own(self, page: PageRequest, *, actor: Actor) -> Page:
        """A page of the caller's orders, newest first."""
        which = OrderFilter(user_id=actor.id)
        items = await self._orders.page(which, page.offset, page.size)
        return Page(items, await self._orders.count(which), page)

    async def get(self, order_id: str, *, actor: Actor) -> Document:
        """An order of the caller's own, or of anybody for the staff.

        Raises OrderIdRequired, OrderNotFound or NotYourOrder.
        """
        order = await self._orders.find(as_order_id(order_id))
        if order is None:
            raise OrderNotFound
        is_staff = actor.is_staff or actor.holds(Permission.VIEW_ORDERS)
        if order["user_id"] != actor.id and not is_staff:
            raise NotYourOrder
        return order

    async def erase(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Keep the account's orders without anything personal (CONTRACT section 4)."""
        await self._orders.forget_customer(user_id, tx=tx)
        await self._promotions.forget_customer(user_id, tx=tx)
        await self._keys.delete_of(user_id, tx=tx)


def as_order_id(text: str) -> ObjectId:
    """The id in a path. Raises OrderIdRequired, or OrderNotFound for one that no order can have."""
    if not text.strip():
        raise OrderIdRequired
    if not ObjectId.is_valid(text):
        raise OrderNotFound
    return ObjectId(text)


def order_number(number: int) -> str:
    """`ORD-` and 8 digits, unique for a hundred million orders.

    Multiplying by what has no factor in common with 10**8 is one to one, and does not
    tell a customer how many orders there were.
    """
    return f"ORD-{number * 61_803_399 % 10**8:08d}"


def _new_order(
    number: int, request: OrderRequest, priced: PricedCart, *, user_id: ObjectId, at: datetime
) -> Document:
    quote = priced.quote
    return {
        "_id": ObjectId(),
        "number": number,
        "order_number": order_number(number),
        "user_id": user_id,
        "status": OrderStatus.PENDING.value,
        "currency": priced.currency,
        "items": _items(priced),
        "subtotal_minor": quote.subtotal_minor,
        "discount_minor": quote.discount_minor,
        "tax_minor": quote.tax_minor,
        "shipping_minor": quote.shipping_minor,
        "total_minor": quote.total_minor,
        "shipping_address": asdict(request.shipping_address),
        "billing_address": asdict(request.billing_address),
        "shipping_method_id": request.shipping_method_id,
        "payment_method_id": request.payment_method_id,
        "promotions": [{"id": each["_id"], "code": each["code"]} for each in priced.promotions],
        "notes": request.notes,
        "history": [{"status": OrderStatus.PENDING.value, "at": at, "by": CUSTOMER}],
        "created_at": at,
        "updated_at": at,
    }


def _items(priced: PricedCart) -> list[Document]:
    return [
        {
            "id": ObjectId(),
            "product_id": line.product["_id"],
            "sku": line.product["sku"],
            "name": line.product["name"],
            "attributes": line.item["attributes"],
            "quantity": line.item["quantity"],
            "unit_price_minor": line.price["amount"],
            "discount_minor": cost.discount_minor,
            "tax_minor": cost.tax_minor,
            "total_minor": cost.total_minor,
        }
        for line, cost in zip(priced.lines, priced.quote.lines, strict=True)
    ]
