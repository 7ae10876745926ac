"""P5: a request for an order that is sent again orders once."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from scripts.crash.connection import NoAnswer
from scripts.prove.accounts import make_accounts, sign_in
from scripts.prove.history import History
from scripts.prove.http_client import HttpClient
from scripts.prove.keyed_orders import KeyedOrders, Ordered, audit, keys_of, offer, placed_notes
from scripts.prove.promise import Promise, Proof, Run
from scripts.prove.proxy import Fault, Proxy
from scripts.prove.servers import Servers
from scripts.prove.store import on_store
from scripts.server_process import Process

_CUSTOMERS = 8
_AT_ONCE = 20
_AFTERWARDS = 5
_BUYERS = 24
_PATIENCE_SECONDS = (0.02, 0.5)
_KILLED_AFTER_ORDERS = (10, 90)


@dataclass
class _Counts:
    keys: int = 0
    faults: int = 0
    kills: int = 0
    crash_retries: int = 0
    #: Of those, how many had been carried out before the crash.
    were_placed: int = 0


def _prove(run: Run) -> Proof:
    servers = Servers(run.directory, "--bcrypt-cost=4")
    history = History(run.directory / "history.jsonl")
    chance, counts = run.chance(), _Counts()
    customers = [f"customer-{number}" for number in range(_CUSTOMERS)]
    buyers = [f"buyer-{number}" for number in range(_BUYERS)]
    on_store(servers.data_dir, offer)
    with servers.running(2) as running:
        orders = KeyedOrders(make_accounts(running[0], customers + buyers), history)
        trials = _Trials(orders, counts, chance)
        keys, bad = run.pick(quick=4, full=125), run.pick(quick=3, full=40)
        asyncio.run(trials.send_many_times(running, customers, keys))
        asyncio.run(trials.send_by_bad_network(running[0], customers, bad))
    _crash(servers, trials, buyers, wanted=run.pick(quick=10, full=200))
    found = on_store(servers.data_dir, lambda storage: audit(storage, orders))
    history.close()
    problems = orders.problems + found.problems
    return Proof(
        figure=f"{counts.keys:,} keys x {_AT_ONCE + _AFTERWARDS} sends to two processes "
        f"(each name the key of {_CUSTOMERS} customers, each refused with another body), "
        f"{counts.faults:,} by a network that is slow, cut or reset, {counts.crash_retries:,} "
        f"crash retries after {counts.kills} kills: {found.orders:,} orders, {found.doubled} "
        f"doubled, {found.lost} lost; {counts.were_placed} of the crash retries had been carried "
        "out before",
        broken=len(problems),
        examples=problems[:10],
        limits=[
            "MongoDB without a replica set has no transactions, so that a kill within an order can "
            "keep the order without its key, and its repetition is then another order"
        ],
    )


def _crash(servers: Servers, trials: "_Trials", buyers: Sequence[str], *, wanted: int) -> None:
    """Kill the server until so many orders had to be sent again."""
    orders, counts, unanswered = trials.orders, trials.counts, list[Ordered]()
    while not orders.problems:
        with servers.running(1) as (server,):
            orders.renew(sign_in(server, buyers))
            asyncio.run(trials.send_again(server, unanswered))
            if counts.crash_retries >= wanted:
                return
            unanswered = asyncio.run(trials.order_until_killed(server, buyers))
        kept = on_store(servers.data_dir, placed_notes)
        counts.were_placed += sum(each.notes in kept for each in unanswered)


class _Trials:
    """Sends orders again and again, on purpose or because no answer came."""

    def __init__(self, orders: KeyedOrders, counts: _Counts, chance: random.Random):
        self.orders = orders
        self.counts = counts
        self._chance = chance
        self._number = 0

    async def send_many_times(
        self, servers: Sequence[Process], customers: Sequence[str], keys: int
    ) -> None:
        """Each key from many connections at once, to one server and the other."""

        async def send(customer: str) -> None:
            clients = [
                HttpClient(servers[number % len(servers)].port)
                for number in range(_AT_ONCE + _AFTERWARDS)
            ]
            for ordered in keys_of(customer, "key", keys):
                await self.orders.add_item(clients[0], customer)
                await self._all_answered(clients[:_AT_ONCE], ordered)
                # The cart of the next order: the key must keep its hands off it.
                await self.orders.add_item(clients[0], customer)
                await self._all_answered(clients[_AT_ONCE:], ordered)
                await self.orders.refuse_other_body(clients[0], ordered)
                self.counts.keys += 1
            for client in clients:
                await client.close()

        await asyncio.gather(*map(send, customers))

    async def _all_answered(self, clients: Sequence[HttpClient], ordered: Ordered) -> None:
        answered = await asyncio.gather(*(self.orders.order(each, ordered) for each in clients))
        if not all(answered):
            self.orders.problems.append(f"{ordered.notes} got no answer")

    async def send_by_bad_network(
        self, server: Process, customers: Sequence[str], keys: int
    ) -> None:
        """Each key by a network that fails, and again by one that does not."""

        async def send(customer: str, bad_port: int) -> None:
            async with HttpClient(server.port) as good:
                for ordered in keys_of(customer, "bad", keys):
                    await self.orders.add_item(good, customer)
                    await self._send_impatiently(bad_port, ordered)
                    await self._all_answered([good], ordered)
                    # What is still on its way may arrive now, and finds a cart again.
                    await self.orders.add_item(good, customer)

        faults = list(Fault)
        async with Proxy(server.port, lambda: self._chance.choice(faults)) as proxy:
            await asyncio.gather(*(send(customer, proxy.port) for customer in customers))
        self.counts.faults += proxy.faults.total()

    async def _send_impatiently(self, port: int, ordered: Ordered) -> None:
        async with HttpClient(port) as client:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._chance.uniform(*_PATIENCE_SECONDS)):
                    await self.orders.order(client, ordered)

    async def order_until_killed(self, server: Process, buyers: Sequence[str]) -> list[Ordered]:
        """Let everybody buy, kill the server meanwhile; the orders that were not answered.

        Killed at an answer, so that of those committed with that one some are unanswered.
        """
        unanswered: list[Ordered] = []
        kill_at = len(self.orders.answered) + self._chance.randint(*_KILLED_AFTER_ORDERS)

        async def buy(buyer: str) -> None:
            with suppress(NoAnswer):
                async with HttpClient(server.port) as client:
                    while True:
                        await self.orders.add_item(client, buyer)
                        self._number += 1
                        ordered = Ordered(buyer, f"crash-{self._number}")
                        if not await self.orders.order(client, ordered):
                            unanswered.append(ordered)
                            return
                        if len(self.orders.answered) >= kill_at:
                            server.kill()

        await asyncio.gather(*map(buy, buyers))
        self.counts.kills += 1
        return unanswered

    async def send_again(self, server: Process, unanswered: Sequence[Ordered]) -> None:
        """Twice: what the first repetition is answered holds for the second."""
        async with HttpClient(server.port) as client:
            for ordered in unanswered:
                await self._all_answered([client], ordered)
                await self._all_answered([client], ordered)
                self.counts.crash_retries += 1


P5 = Promise("P5", "A request for an order that is sent again orders once.", _prove)
