"""What becomes of an order once it is placed: its steps, and calling it off."""

from bson import ObjectId

from repositories.shop.orders import OrderFilter, OrderRepository
from repositories.shop.products import ProductRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.access.audit import AuditAction, AuditLog
from services.clock import Clock
from services.errors import Conflict, Forbidden
from services.pagination import Page, PageRequest
from services.shop.order_statuses import OrderStatus, before
from services.shop.orders import CUSTOMER, OrderNotFound, as_order_id
from services.shop.promotions import Promotions


class NotYourOrderToCancel(Forbidden):
    """The order is somebody else's."""

    code = "not_your_order"

    def __init__(self) -> None:
        super().__init__("You don't have permission to cancel this order")


class StatusNotAllowed(Conflict):
    """The order's status can't be followed by the one asked for."""

    code = "status_not_allowed"

    def __init__(self, now: str, wanted: str):
        super().__init__(f"An order that is {now} can't become {wanted}")


class OrderChangeService:
    """Moves orders on, one allowed step at a time; cancelling gives back what was taken."""

    def __init__(
        self,
        orders: OrderRepository,
        products: ProductRepository,
        promotions: Promotions,
        audit: AuditLog,
        transaction: Transaction,
        clock: Clock,
    ):
        self._orders = orders
        self._products = products
        self._promotions = promotions
        self._audit = audit
        self._transaction = transaction
        self._clock = clock

    async def every(self, which: OrderFilter, page: PageRequest) -> Page:
        """A page of everybody's orders, newest first."""
        items = await self._orders.page(which, page.offset, page.size)
        return Page(items, await self._orders.count(which), page)

    async def cancel(self, order_id: str, *, actor: Actor) -> Document:
        """Call off the caller's own order while it is pending.

        Raises OrderNotFound, NotYourOrderToCancel or StatusNotAllowed.
        """
        async with self._transaction() as tx:
            order = await self._get(order_id, tx=tx)
            if order["user_id"] != actor.id:
                raise NotYourOrderToCancel
            allowed = [OrderStatus.PENDING]
            return await self._move(order, OrderStatus.CANCELLED, allowed, by=CUSTOMER, tx=tx)

    async def set_status(self, order_id: str, status: OrderStatus, *, actor: Actor) -> Document:
        """Move anybody's order on. Raises OrderNotFound or StatusNotAllowed."""
        async with self._transaction() as tx:
            order = await self._get(order_id, tx=tx)
            moved = await self._move(order, status, before(status), by=str(actor.id), tx=tx)
            details = {"from": order["status"], "to": status.value}
            await self._audit.record(
                AuditAction.SET_ORDER_STATUS, order["_id"], actor=actor, tx=tx, details=details
            )
        return moved

    async def _get(self, order_id: str, *, tx: Tx) -> Document:
        order = await self._orders.find(as_order_id(order_id), tx=tx)
        if order is None:
            raise OrderNotFound
        return order

    async def _move(
        self,
        order: Document,
        status: OrderStatus,
        allowed_from: list[OrderStatus],
        *,
        by: str,
        tx: Tx,
    ) -> Document:
        entry = {"status": status.value, "at": self._clock().replace(microsecond=0), "by": by}
        names = [each.value for each in allowed_from]
        moved = await self._orders.claim_status(order["_id"], names, entry, tx=tx)
        if moved is None:
            raise StatusNotAllowed(order["status"], status.value)
        if status is OrderStatus.CANCELLED:
            await self._give_back(moved, tx=tx)
        return moved

    async def _give_back(self, order: Document, *, tx: Tx) -> None:
        """Put stock and promotion uses back; whoever cancelled the order does it, once."""
        # In one order for everybody, so that two transactions never wait for each other.
        for item in sorted(order["items"], key=lambda item: str(item["product_id"])):
            await self._products.return_stock(item["product_id"], item["quantity"], tx=tx)
        user_id: ObjectId | None = order["user_id"]
        ids = [promotion["id"] for promotion in order["promotions"]]
        await self._promotions.give_back(ids, user_id=user_id, tx=tx)
