"""Orders with an `Idempotency-Key`, and whether each was placed once."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from repositories.shop.idempotency_keys import COLLECTION as KEYS
from repositories.shop.orders import COLLECTION as ORDERS
from repositories.shop.products import ProductRepository
from repositories.storage import Storage
from scripts.crash.connection import NoAnswer
from scripts.crash.shopping import ADDRESS
from scripts.prove.history import History
from scripts.prove.http_client import HttpClient, Reply
from scripts.seeding.shop import keep_missing
from services.shop.product_editing import new_product

PRODUCT = "ordered-by-key"
PIECES = 1_000_000


@dataclass(frozen=True)
class Ordered:
    """A key of a customer; the order's notes name both, so that the store tells whose it is."""

    customer: str
    key: str

    @property
    def notes(self) -> str:
        """What the order is known by."""
        return f"{self.customer} {self.key}"

    def body(self, notes: str | None = None) -> dict[str, Any]:
        """The order, or another one with other notes."""
        return {"shipping_address": ADDRESS, "notes": notes or self.notes}


class KeyedOrders:
    """What was sent with which key, and the order it was answered with."""

    def __init__(self, tokens: dict[str, str], history: History):
        self._tokens = tokens
        self._history = history
        self.answered: dict[str, str] = {}
        #: Sent and perhaps never answered; placed or not, but not twice.
        self.sent: set[str] = set()
        self.problems: list[str] = []

    def renew(self, tokens: dict[str, str]) -> None:
        """Go on with newer access tokens."""
        self._tokens |= tokens

    async def add_item(self, client: HttpClient, customer: str) -> Reply:
        """Put one more piece into the cart. Raises NoAnswer."""
        item = {"product_id": PRODUCT, "quantity": 1}
        return await client.post("/api/v1/cart/items", item, token=self._tokens[customer])

    async def send(self, client: HttpClient, ordered: Ordered, notes: str | None = None) -> Reply:
        """Order what is in the cart. Raises NoAnswer."""
        self.sent.add(ordered.notes)
        entry = self._history.sent("order", {"customer": ordered.customer, "key": ordered.key})
        reply = await client.call(
            "POST",
            "/api/v1/orders",
            ordered.body(notes),
            token=self._tokens[ordered.customer],
            headers={"Idempotency-Key": ordered.key},
        )
        entry.answered(reply.status)
        return reply

    async def order(self, client: HttpClient, ordered: Ordered) -> bool:
        """Order, and hold the answer against the first one; False when there was none."""
        try:
            reply = await self.send(client, ordered)
        except NoAnswer:
            return False
        if reply.status != 201:
            self.problems.append(f"{ordered.notes} was answered {reply.status} {reply.content!r}")
            return True
        order_id = reply.body["data"]["id"]
        first = self.answered.setdefault(ordered.notes, order_id)
        if first != order_id:
            self.problems.append(f"{ordered.notes} was answered {first}, and again {order_id}")
        return True

    async def refuse_other_body(self, client: HttpClient, ordered: Ordered) -> None:
        """The key with another order is refused."""
        reply = await self.send(client, ordered, notes="another order")
        if reply.status != 409:
            self.problems.append(f"{ordered.notes} with another body was answered {reply.status}")


@dataclass(frozen=True)
class Audit:
    """What the store holds of the orders that were sent."""

    orders: int
    doubled: int
    lost: int
    problems: list[str]


async def audit(storage: Storage, orders: KeyedOrders) -> Audit:
    """Count every order that is kept, against what was sent and answered."""
    kept = await storage[ORDERS].find({}).to_list(None)
    times = Counter(order["notes"] for order in kept)
    ids = {order["notes"]: str(order["_id"]) for order in kept}
    doubled = [notes for notes, count in times.items() if count > 1]
    lost = [notes for notes, order_id in orders.answered.items() if ids.get(notes) != order_id]
    unasked = set(times) - orders.sent
    problems = [f"{notes} was ordered {times[notes]} times" for notes in doubled]
    problems += [f"{notes} was acknowledged, and is lost" for notes in lost]
    problems += [f"nobody ordered {notes}" for notes in unasked]
    problems += [problem async for problem in _wrong_keys(storage, ids)]
    sold = sum(item["quantity"] for order in kept for item in order["items"])
    product = await ProductRepository(storage).find(PRODUCT)
    if product is None or product["stock"] + sold != PIECES:
        problems.append(f"{sold} pieces were sold, and not taken from the stock")
    return Audit(len(kept), len(doubled), len(lost), problems)


async def placed_notes(storage: Storage) -> set[str]:
    """Which orders are kept, by what they are known by."""
    return {order["notes"] async for order in storage[ORDERS].find({})}


async def _wrong_keys(storage: Storage, ids: dict[str, str]) -> AsyncIterator[str]:
    order_ids = set(ids.values())
    async for key in storage[KEYS].find({}):
        if str(key["order_id"]) not in order_ids:
            yield f"the key {key['key']!r} is kept for an order that is not there"


async def offer(storage: Storage) -> None:
    """Put what is ordered into the store."""
    product = new_product(
        {
            "_id": PRODUCT,
            "sku": PRODUCT.upper(),
            "name": "Ordered by key",
            "base_price": {"amount": 1_999, "currency": "USD"},
            "stock": PIECES,
        }
    )
    await keep_missing(storage, [product], clock=lambda: datetime.now(UTC))


def keys_of(customer: str, prefix: str, count: int) -> Iterator[Ordered]:
    """Keys that are the same for every customer, each customer's being its own."""
    return (Ordered(customer, f"{prefix}-{number}") for number in range(count))
