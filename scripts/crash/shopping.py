"""What a customer may do next: fill a cart, order, call off.

Each client is a customer of its own, so that nobody else changes its cart; products and
promotions are everybody's. The facts are

    ("cart", account)   ((product, quantity), ...) by product; none when the cart is empty
    ("order", name)     (account, what was in the cart, codes, status); the name is its note
"""

import random
from typing import Any

from scripts.crash.goods import CODES, PIECES
from scripts.crash.ledger import Key, Ledger
from scripts.crash.requests import Request

PENDING, CANCELLED = "pending", "cancelled"
_CART = "/api/v1/cart"
_ORDERS = "/api/v1/orders"
ADDRESS = {
    "first_name": "John",
    "last_name": "Doe",
    "address1": "123 Main St",
    "city": "New York",
    "state": "NY",
    "postal_code": "10001",
    "country": "US",
}
_REFUSED = 400
Lines = tuple[tuple[str, int], ...]


def is_customer(account: str) -> bool:
    """Whether an account shops."""
    return account.startswith("crash-customer-")


def customer_of(client: int) -> str:
    """The account that a client shops with."""
    return f"crash-customer-{client}"


class Shopping:
    """The cart and the orders of one customer, as far as it was told."""

    def __init__(self, client: int, ledger: Ledger, chance: random.Random):
        self._account = customer_of(client)
        self._cart_key: Key = ("cart", self._account)
        self._ledger = ledger
        self._chance = chance
        self._pending: list[Key] = []
        self._was_refused = False

    def take(self, key: Key, value: Any) -> None:
        """An order is there: after an answer, or found after a crash."""
        if key[0] == "order" and value[3] == PENDING:
            self._pending.append(key)

    def refused(self) -> None:
        """Something in the cart is sold out, or a promotion used up: begin a new cart."""
        self._was_refused = True

    def next(self) -> Request:
        """A request that can be sent now."""
        cart: Lines = self._ledger.facts.get(self._cart_key, ())
        what = self._chance.random()
        if self._pending and what < 0.15:
            return self._cancel()
        if not cart:
            self._was_refused = False
            return self._add(dict(cart))
        if self._was_refused or what > 0.95:
            self._was_refused = False
            return self._clear()
        return self._add(dict(cart)) if what > 0.8 else self._order(cart)

    def _add(self, cart: dict[str, int]) -> Request:
        product_id, quantity = self._chance.choice(list(PIECES)), self._chance.randint(1, 3)
        after = {**cart, product_id: cart.get(product_id, 0) + quantity}
        body = {"product_id": product_id, "quantity": quantity}
        path = f"{_CART}/items"
        return self._request(
            "add_to_cart", "POST", path, body, {self._cart_key: _lines(after)}, refusal=_REFUSED
        )

    def _clear(self) -> Request:
        return self._request("clear_cart", "DELETE", _CART, {}, {self._cart_key: None})

    def _order(self, cart: Lines) -> Request:
        name = f"{self._account} order {len(self._ledger.history)}"
        codes = tuple(code for code in CODES if self._chance.random() < 0.3)
        key: Key = ("order", name)
        order = (self._account, cart, codes, PENDING)
        return self._request(
            "place_order",
            "POST",
            _ORDERS,
            {"shipping_address": ADDRESS, "notes": name, "promotion_codes": codes},
            {key: order, self._cart_key: None},
            status=201,
            answer={"status": PENDING, "notes": name},
            numbered=(key, "id"),
            headers={"Idempotency-Key": name},
            refusal=_REFUSED,
        )

    def _cancel(self) -> Request:
        key = self._pending.pop(self._chance.randrange(len(self._pending)))
        account, lines, codes, _ = self._ledger.facts[key]
        return self._request(
            "cancel_order",
            "POST",
            f"{_ORDERS}/{self._ledger.numbers[key]}/cancel",
            {},
            {key: (account, lines, codes, CANCELLED)},
            answer={"status": CANCELLED},
        )

    def _request(
        self,
        name: str,
        method: str,
        path: str,
        body: Any,
        changes: dict[Key, Any],
        *,
        status: int = 200,
        **more: Any,
    ) -> Request:
        return Request(
            name, self._account, method, path, body, changes, status, inside="data", **more
        )


def _lines(cart: dict[str, int]) -> Lines:
    return tuple(sorted(cart.items()))
