"""The last pieces of a product, wanted by many at once, with and without `kill -9`."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

from repositories.storage import Storage, open_storage
from scripts.bench.figures import Row, at_most
from scripts.bench.plan import Place, Plan
from scripts.prove.sale import Sale
from scripts.seeding.shop import keep_missing
from scripts.server_process import Process, ServerFailed, start_server
from services.shop.product_editing import new_product

_PIECES = 100
_KILLED_AFTER = (10, 90)
_PASSWORD = "a password of the sale"
T = TypeVar("T")


def sale_rows(place: Place, plan: Plan) -> Iterator[Row]:
    """As many sales of each kind as a cell has rounds."""
    market = Market(place, plan)
    yield market.row(with_kill=False)
    yield market.row(with_kill=True)


class Market:
    """A server with customers, and a new product for each sale."""

    def __init__(self, place: Place, plan: Plan):
        self._data_dir = place.shop(0)
        self._log = place.log
        self._plan = plan
        self._chance = random.Random(plan.seed)
        self._tokens: list[str] = []

    def row(self, *, with_kill: bool) -> Row:
        """Hold the sales of a kind, and count what went wrong."""
        problems: list[str] = []
        sales = []
        for number in range(self._plan.rounds):
            sale = Sale(f"sale-{'killed' if with_kill else 'whole'}-{number}", _PIECES)
            sales.append(sale)
            problems += self._hold(sale, with_kill=with_kill)
        placed, refused = (sum(len(sale.placed) for sale in sales), sum(s.refused for s in sales))
        meanwhile = ", `kill -9` meanwhile" if with_kill else ""
        name = f"{self._plan.clients} clients order the last {_PIECES} pieces{meanwhile}: wrong"
        figure = (
            f"{len(sales)} times: {len(problems)} wrong; {placed} orders acknowledged, "
            f"{refused} refused with 400"
        )
        if problems:
            figure += f"; first: {problems[0]}"
        return Row(name, len(problems), figure, bar=at_most(0))

    def _hold(self, sale: Sale, *, with_kill: bool) -> list[str]:
        self._with_storage(lambda storage: _offer(storage, sale.product_id))
        problems = []
        if with_kill:
            with self._server() as server:
                kill_at = self._chance.randint(*_KILLED_AFTER)
                asyncio.run(sale.run([server], self._tokens, kill_at=kill_at))
            problems += self._with_storage(lambda kept: sale.look(kept, is_over=False)).problems
        with self._server() as server:
            asyncio.run(sale.run([server], self._tokens))
        return problems + self._with_storage(lambda kept: sale.look(kept, is_over=True)).problems

    def _server(self) -> Process:
        server = start_server(self._data_dir, self._log, "--bcrypt-cost=4")
        try:
            server.wait_until_healthy()
            self._tokens = [
                _customer(server, f"customer-{number}") for number in range(self._plan.clients)
            ]
        except BaseException:
            server.stop()
            raise
        return server

    def _with_storage(self, work: Callable[[Storage], Awaitable[T]]) -> T:
        async def run() -> T:
            storage = await open_storage("embedded", self._data_dir)
            try:
                return await work(storage)
            finally:
                await storage.close()

        return asyncio.run(run())


def _customer(server: Process, name: str) -> str:
    """An access token of an account, which is made when it is not there."""
    credentials = {"phone_number": name, "password": _PASSWORD}
    status, content = server.call("POST", "/api/register/", credentials)
    if status not in (201, 401):  # 401: it is there
        raise ServerFailed(f"Registering was answered {status} {content!r}")
    return server.sign_in(name, _PASSWORD)


async def _offer(storage: Storage, product_id: str) -> None:
    given = {
        "_id": product_id,
        "sku": product_id.upper(),
        "name": "The last pieces",
        "base_price": {"amount": 1000, "currency": "USD"},
        "stock": _PIECES,
    }
    await keep_missing(storage, [new_product(given)], clock=lambda: datetime.now(UTC))
