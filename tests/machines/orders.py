"""Carts, orders, their statuses, stock and a promotion with few uses (CONTRACT section 7)."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from hypothesis import strategies as st

from tests.factories import stored
from tests.harness import Api, Reply
from tests.machines.machine import Action, Subject, act
from tests.shop.people import Person, join, join_as
from tests.shop.shopping import add_product, add_promotion, order, put_in_cart

_COLLECTIONS = (
    "users",
    "sessions",
    "products",
    "carts",
    "orders",
    "promotions",
    "promotion_uses",
    "idempotency_keys",
    "audit_entries",
    "outbox",
    "postings",
    "product_texts",
)
_CUSTOMERS = range(2)
_STOCKS = {"prod-1": 3, "prod-2": 5}
_CODE, _USES, _USES_EACH = "FEW", 2, 1
_KEY_HOURS = 24
_UNKNOWN_ID = "507f1f77bcf86cd799439011"
_NEXT = {
    "pending": {"paid", "cancelled"},
    "paid": {"shipped", "cancelled"},
    "shipped": {"delivered"},
}


@dataclass
class _Order:
    who: int
    pieces: Counter[str]
    has_promotion: bool
    statuses: list[str]


@dataclass
class _Key:
    has_promotion: bool
    number: int
    until: datetime


@dataclass
class OrdersModel:
    """Orders by their number from 1 on, and what is left to be sold."""

    now: datetime
    stock: Counter[str]
    carts: list[Counter[str]] = field(default_factory=lambda: [Counter() for _ in _CUSTOMERS])
    orders: dict[int, _Order] = field(default_factory=dict)
    uses: Counter[int] = field(default_factory=Counter)
    keys: dict[tuple[int, str], _Key] = field(default_factory=dict)

    def named(self, action: Action) -> Action:
        name, facts = action
        if "number" not in facts:
            return action
        return name, {**facts, "number": len(self.orders) - facts["number"]}

    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    def fill(self, who: int, product: str, quantity: int) -> Any:
        if self.carts[who][product] + quantity > self.stock[product]:
            return 400, "out_of_stock"
        self.carts[who][product] += quantity
        return 200

    def clear(self, who: int) -> Any:
        self.carts[who] = Counter()
        return 200

    def place(self, who: int, key: str | None, has_promotion: bool) -> Any:
        first = self.keys.get((who, key or ""))
        if first is not None and first.until > self.now:
            if first.has_promotion is not has_promotion:
                return 409, "idempotency_key_reused"
            return 201, first.number, "pending"
        refused = self._refusal(who, has_promotion)
        if refused is not None:
            return 400, refused
        number = len(self.orders) + 1
        self.stock -= self.carts[who]
        self.uses[who] += has_promotion
        self.orders[number] = _Order(who, self.carts[who], has_promotion, ["pending"])
        self.carts[who] = Counter()
        if key is not None:
            until = self.now + timedelta(hours=_KEY_HOURS)
            self.keys[who, key] = _Key(has_promotion, number, until)
        return 201, number, "pending"

    def _refusal(self, who: int, has_promotion: bool) -> str | None:
        cart = self.carts[who]
        if not cart:
            return "cart_empty"
        if any(cart[product] > self.stock[product] for product in cart):
            return "out_of_stock"
        if has_promotion and (self.uses.total() >= _USES or self.uses[who] >= _USES_EACH):
            return "promotion_used_up"
        return None

    def cancel(self, who: int, number: int) -> Any:
        found = self.orders.get(number)
        if found is None:
            return 404, "order_not_found"
        if found.who != who:
            return 403, "not_your_order"
        if found.statuses[-1] != "pending":
            return 409, "status_not_allowed"
        return self._move(found, "cancelled")

    def set_status(self, number: int, status: str) -> Any:
        found = self.orders.get(number)
        if found is None:
            return 404, "order_not_found"
        if status not in _NEXT.get(found.statuses[-1], ()):
            return 409, "status_not_allowed"
        return self._move(found, status)

    def _move(self, found: _Order, status: str) -> Any:
        found.statuses.append(status)
        if status == "cancelled":
            self.stock += found.pieces
            self.uses[found.who] -= found.has_promotion
        return 200, status

    def restock(self, product: str, stock: int) -> Any:
        self.stock[product] = stock
        return 200

    def seen(self) -> Any:
        orders = {
            number: (each.who, dict(each.pieces), each.has_promotion, each.statuses)
            for number, each in self.orders.items()
        }
        stock = {product: self.stock[product] for product in _STOCKS}
        uses = {who: self.uses[who] for who in _CUSTOMERS}
        return stock, [dict(+cart) for cart in self.carts], orders, self.uses.total(), uses


class OrdersWorld:
    """The shop, with two customers and one of the staff."""

    _keeper: Person

    def __init__(self, api: Api):
        self._api = api
        self._customers: list[Person] = []
        self._before_first = 0
        self._ids: dict[int, str] = {}

    async def begin(self, now: datetime) -> OrdersModel:
        storage = self._api.agora.storage
        for name in _COLLECTIONS:
            await storage[name].delete_many({})
        for product, stock in _STOCKS.items():
            await add_product(self._api, product, stock=stock)
        await add_promotion(self._api, _CODE, max_uses=_USES, max_uses_per_user=_USES_EACH)
        self._customers = [await join(self._api, f"customer{number}") for number in _CUSTOMERS]
        self._keeper = await join_as(self._api, "superadmin")
        async with storage.transaction() as tx:
            self._before_first = int(await storage.take_numbers("orders", tx=tx))
        return OrdersModel(now, Counter(_STOCKS))

    async def time_passed(self) -> None:
        self._customers = [await self._signed_in(each) for each in self._customers]
        self._keeper = await self._signed_in(self._keeper)

    async def _signed_in(self, who: Person) -> Person:
        session = await self._api.agora.services.accounts.sessions.open(ObjectId(who.id))
        return replace(who, token=session.access)

    async def fill(self, who: int, product: str, quantity: int) -> Any:
        token = self._customers[who].token
        return _said(await put_in_cart(self._api, token, product, quantity))

    async def clear(self, who: int) -> Any:
        token = self._customers[who].token
        return _said(await self._api.call("DELETE", "/api/v1/cart", token=token))

    async def place(self, who: int, key: str | None, has_promotion: bool) -> Any:
        codes = [_CODE] if has_promotion else []
        reply = await order(self._api, self._customers[who].token, key, promotion_codes=codes)
        if reply.status != 201:
            return _said(reply)
        (kept,) = await stored(
            self._api, "orders", {"order_number": reply.body["data"]["order_number"]}
        )
        return 201, kept["number"] - self._before_first, reply.body["data"]["status"]

    async def cancel(self, who: int, number: int) -> Any:
        path = f"/api/v1/orders/{self._ids.get(number, _UNKNOWN_ID)}/cancel"
        return _moved(await self._api.post(path, token=self._customers[who].token))

    async def set_status(self, number: int, status: str) -> Any:
        path = f"/api/v1/admin/orders/{self._ids.get(number, _UNKNOWN_ID)}/status"
        body = {"status": status}
        return _moved(await self._api.call("PATCH", path, body, token=self._keeper.token))

    async def restock(self, product: str, stock: int) -> Any:
        path = f"/api/v1/admin/catalog/products/{product}/stock"
        reply = await self._api.call("PUT", path, {"stock": stock}, token=self._keeper.token)
        return reply.status

    async def seen(self) -> Any:
        numbers = {ObjectId(each.id): number for number, each in enumerate(self._customers)}
        products = await stored(self._api, "products")
        stock = {each["_id"]: each["stock"] for each in products}
        carts: list[dict[str, int]] = [{} for _ in _CUSTOMERS]
        for cart in await stored(self._api, "carts"):
            pieces = {item["product_id"]: item["quantity"] for item in cart["items"]}
            carts[numbers[cart["user_id"]]] = pieces
        kept = await stored(self._api, "orders")
        self._ids = {each["number"] - self._before_first: str(each["_id"]) for each in kept}
        orders = {
            each["number"] - self._before_first: _as_seen(each, numbers[each["user_id"]])
            for each in kept
        }
        (promotion,) = await stored(self._api, "promotions")
        uses = dict.fromkeys(_CUSTOMERS, 0)
        for each in await stored(self._api, "promotion_uses"):
            uses[numbers[each["user_id"]]] = each["count"]
        return stock, carts, orders, promotion["uses"], uses


def _as_seen(kept: dict[str, Any], who: int) -> Any:
    pieces = {item["product_id"]: item["quantity"] for item in kept["items"]}
    statuses = [entry["status"] for entry in kept["history"]]
    assert statuses[-1] == kept["status"]
    return who, pieces, bool(kept["promotions"]), statuses


def _said(reply: Reply) -> Any:
    """The status, with the code of a refusal."""
    if reply.status < 300:
        return reply.status
    return reply.status, reply.body["error"]["code"]


def _moved(reply: Reply) -> Any:
    if reply.status == 200:
        return 200, reply.body["data"]["status"]
    return _said(reply)


_who, _number = st.sampled_from(_CUSTOMERS), st.integers(0, 2)
_product = st.sampled_from(sorted(_STOCKS))

ORDERS = Subject(
    name="orders",
    world=OrdersWorld,
    actions=st.one_of(
        act("fill", who=_who, product=_product, quantity=st.integers(1, 2)),
        act("fill", who=_who, product=_product, quantity=st.integers(1, 2)),
        act("clear", who=_who),
        act(
            "place",
            who=_who,
            key=st.sampled_from([None, None, "a", "b"]),
            has_promotion=st.booleans(),
        ),
        act("place", who=_who, key=st.none(), has_promotion=st.booleans()),
        act("cancel", who=_who, number=_number),
        act(
            "set_status",
            number=_number,
            status=st.sampled_from(["paid", "paid", "shipped", "delivered", "cancelled"]),
        ),
        act("restock", product=_product, stock=st.integers(0, 5)),
    ),
    events=act("time_passes", minutes=st.sampled_from([0, 1, 14, 16, 60, 23 * 60, 24 * 60])),
    starts=(datetime(2025, 1, 18, 10, tzinfo=UTC),),
)
