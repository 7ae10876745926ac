"""The last pieces of a product, wanted by many at once, with and without `kill -9`."""

import asyncio
import random
from collections.abc import Iterator

from scripts.bench.figures import Row, at_most
from scripts.bench.plan import Place, Plan
from scripts.prove.accounts import make_accounts
from scripts.prove.sale import Sale
from scripts.prove.store import on_store
from scripts.server_process import Process, start_server

_PIECES = 100
_KILLED_AFTER = (10, 90)


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
        on_store(self._data_dir, sale.offer)
        problems = []
        if with_kill:
            with self._server() as server:
                kill_at = self._chance.randint(*_KILLED_AFTER)
                asyncio.run(sale.run([server], self._tokens, kill_at=kill_at))
            problems += on_store(
                self._data_dir, lambda kept: sale.look(kept, is_over=False)
            ).problems
        with self._server() as server:
            asyncio.run(sale.run([server], self._tokens))
        found = on_store(self._data_dir, lambda kept: sale.look(kept, is_over=True))
        return problems + found.problems

    def _server(self) -> Process:
        server = start_server(self._data_dir, self._log, "--bcrypt-cost=4")
        try:
            server.wait_until_healthy()
            names = [f"customer-{number}" for number in range(self._plan.clients)]
            self._tokens = list(make_accounts(server, names).values())
        except BaseException:
            server.stop()
            raise
        return server
