"""The last pieces of a product, wanted by many at once; the server may be killed meanwhile."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from repositories.shop import promotions
from repositories.shop.orders import COLLECTION as ORDERS
from repositories.shop.products import ProductRepository
from repositories.storage import Storage
from repositories.types import Document
from scripts.crash.connection import Connection, NoAnswer
from scripts.crash.shopping import ADDRESS
from scripts.prove.history import History
from scripts.seeding.shop import keep_missing
from scripts.server_process import Process
from services.shop.product_editing import new_product


@dataclass
class Findings:
    """What is wrong after a sale: pieces, uses of its promotion, and all of it in words."""

    oversold: int = 0
    lost: int = 0
    overruns: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass
class Sale:
    """One product's last pieces; what customers were answered who bought one after the other.

    With a `code` they order by that promotion until it is used up for them; `history` keeps
    what was asked and answered.
    """

    product_id: str
    pieces: int = 100
    code: str | None = None
    history: History | None = None
    placed: list[str] = field(default_factory=list)
    #: Answers that are neither an order nor a clear refusal.
    wrong: list[str] = field(default_factory=list)
    refused: int = 0
    #: How often the promotion was refused.
    used_up: int = 0

    async def offer(self, storage: Storage) -> None:
        """Put the product into a store that lacks it."""
        product = new_product(
            {
                "_id": self.product_id,
                "sku": self.product_id.upper(),
                "name": "The last pieces",
                "base_price": {"amount": 1000, "currency": "USD"},
                "stock": self.pieces,
            }
        )
        await keep_missing(storage, [product], clock=lambda: datetime.now(UTC))

    async def run(
        self, servers: Sequence[Process], tokens: Sequence[str], *, kill_at: int | None = None
    ) -> None:
        """Let everybody buy until nothing is left, or kill the first server at so many orders.

        Customers are spread over the servers, which have one store.
        """

        async def buy(server: Process, token: str) -> None:
            try:
                connection = await Connection.open(server.port, token)
            except NoAnswer:
                return
            try:
                await self._buy(connection, servers[0], kill_at)
            except NoAnswer as problem:
                if kill_at is None or server is not servers[0]:
                    self.wrong.append(f"no answer: {problem}")
            finally:
                await connection.close()

        buying = [buy(servers[number % len(servers)], token) for number, token in enumerate(tokens)]
        await asyncio.gather(*buying)

    async def _buy(self, connection: Connection, doomed: Process, kill_at: int | None) -> None:
        code, outcome = self.code, "placed"
        item = {"product_id": self.product_id, "quantity": 1}
        await connection.call("DELETE", "/api/v1/cart", {})
        while outcome == "placed":
            status, answer = await connection.call("POST", "/api/v1/cart/items", item)
            if status != 200:
                self._refusal(status, answer)
                return
            outcome = await self._order(connection, code)
            if outcome == "promotion_used_up":
                code = None
                outcome = await self._order(connection, code)
            if kill_at is not None and len(self.placed) >= kill_at:
                doomed.kill()

    async def _order(self, connection: Connection, code: str | None) -> str:
        """Order what is in the cart; `placed`, or why not."""
        order = {"shipping_address": ADDRESS, "promotion_codes": [code] if code else []}
        noted = None
        if self.history is not None:
            noted = self.history.sent("order", {"product": self.product_id, "code": code})
        status, answer = await connection.call("POST", "/api/v1/orders", order)
        if noted is not None:
            noted.answered(status)
        if status == 201:
            self.placed.append(answer["data"]["id"])
            return "placed"
        return self._refusal(status, answer)

    def _refusal(self, status: int, answer: Any) -> str:
        reason = str(answer["error"]["code"]) if status == 400 else ""
        if reason == "out_of_stock":
            self.refused += 1
        elif reason == "promotion_used_up" and self.code is not None:
            self.used_up += 1
        else:
            self.wrong.append(f"{status} {answer}")
        return reason

    async def look(self, storage: Storage, *, is_over: bool) -> Findings:
        """What is wrong with the stock, the orders and the promotion's uses that are kept."""
        found = Findings()
        product = await ProductRepository(storage).find(self.product_id)
        stock = -1 if product is None else product["stock"]
        orders = [
            order
            for order in await storage[ORDERS].find({}).to_list(None)
            if order["items"][0]["product_id"] == self.product_id
        ]
        sold = sum(item["quantity"] for order in orders for item in order["items"])
        kept = {str(order["_id"]) for order in orders}
        found.problems += [
            f"order {order_id} was acknowledged, and is lost"
            for order_id in self.placed
            if order_id not in kept
        ]
        found.oversold = max(0, -stock, stock + sold - self.pieces)
        found.lost = max(0, self.pieces - stock - sold)
        if found.oversold or found.lost:
            found.problems.append(f"{stock} left and {sold} sold of {self.pieces}")
        if is_over and stock != 0:
            found.problems.append(f"{stock} left, and refused")
        if self.code is not None:
            await self._look_at_uses(storage, self.code, orders, found)
        found.problems += self.wrong
        return found

    async def _look_at_uses(
        self, storage: Storage, code: str, orders: Sequence[Document], found: Findings
    ) -> None:
        promotion = await storage[promotions.COLLECTION].find_one({"code": code})
        if promotion is None:
            found.problems.append(f"{code} is gone")
            return
        used = [
            order["user_id"]
            for order in orders
            if any(each["code"] == code for each in order["promotions"])
        ]
        found.overruns = max(0, len(used) - promotion["max_uses"])
        found.overruns += sum(
            max(0, uses - promotion["max_uses_per_user"]) for uses in Counter(used).values()
        )
        if found.overruns:
            found.problems.append(f"{code} was used {found.overruns} times too often")
        if promotion["uses"] != len(used):
            found.problems.append(f"{code}: {promotion['uses']} uses counted of {len(used)}")
        counts = {
            each["user_id"]: each["count"]
            async for each in storage[promotions.USES_COLLECTION].find(
                {"promotion_id": promotion["_id"]}
            )
        }
        if counts != Counter(used):
            found.problems.append(f"{code}: uses by customer are counted wrong")
