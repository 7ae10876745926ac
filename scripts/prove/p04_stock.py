"""P4: nothing is sold that is not there."""

import asyncio
from dataclasses import dataclass, field

from repositories.seeding import SeedRepository
from repositories.shop import promotions
from repositories.storage import Storage
from scripts.prove.accounts import make_accounts
from scripts.prove.history import History
from scripts.prove.promise import Promise, Proof, Run
from scripts.prove.sale import Findings, Sale
from scripts.prove.servers import Servers
from scripts.prove.store import on_store
from scripts.seeding.promotions import promotion

_CLIENTS = 64
_PIECES = 100
_USES = 30
_USES_EACH = 2
_KILLED_AFTER = (10, 90)


@dataclass
class _Total:
    """What all sales came to."""

    placed: int = 0
    refused: int = 0
    used_up: int = 0
    by_two: int = 0
    killed: int = 0
    oversold: int = 0
    lost: int = 0
    overruns: int = 0
    problems: list[str] = field(default_factory=list)

    def count(self, sale: Sale) -> None:
        self.placed += len(sale.placed)
        self.refused += sale.refused
        self.used_up += sale.used_up

    def blame(self, sale: Sale, found: Findings) -> None:
        self.oversold += found.oversold
        self.lost += found.lost
        self.overruns += found.overruns
        self.problems += [f"{sale.product_id}: {problem}" for problem in found.problems]


def _prove(run: Run) -> Proof:
    rounds = run.pick(quick=2, full=20)
    chance, total = run.chance(), _Total()
    servers = Servers(run.directory, "--bcrypt-cost=4")
    history = History(run.directory / "history.jsonl")
    for number in range(rounds):
        # Of four: one of two that is killed, one, one that is killed, two.
        processes, is_killed = (2, 1, 1, 2)[number % 4], number % 2 == 0
        total.by_two += processes == 2
        total.killed += is_killed
        sale = Sale(f"sale-{number}", _PIECES, f"SALE{number}", history)
        kill_at = chance.randint(*_KILLED_AFTER) if is_killed else None
        _hold(servers, sale, processes, kill_at, total)
        total.count(sale)
    history.close()
    return Proof(
        figure=f"{rounds} x {_CLIENTS}: {total.oversold} oversold, {total.lost} lost pieces, "
        f"{total.overruns} promotion overruns; {total.placed:,} orders acknowledged, "
        f"{total.refused:,} refused as sold out, {total.used_up:,} as the promotion was used up; "
        f"`kill -9` in {total.killed}, two processes on one store in {total.by_two}",
        broken=len(total.problems),
        examples=total.problems[:10],
        limits=[
            "MongoDB without a replica set has no transactions, so that a kill within an order "
            "can take pieces without selling them; the server refuses to start on one, or warns "
            "with `--allow-standalone`"
        ],
    )


def _hold(servers: Servers, sale: Sale, processes: int, kill_at: int | None, total: _Total) -> None:
    """One sale to its end, looked at after a kill and when it is over."""
    on_store(servers.data_dir, lambda storage: _offer(storage, sale))
    with servers.running(processes) as running:
        tokens = list(make_accounts(running[0], _names()).values())
        asyncio.run(sale.run(running, tokens, kill_at=kill_at))
    if kill_at is not None:
        total.blame(sale, on_store(servers.data_dir, lambda kept: sale.look(kept, is_over=False)))
        with servers.running(processes) as running:
            asyncio.run(sale.run(running, tokens))
    total.blame(sale, on_store(servers.data_dir, lambda kept: sale.look(kept, is_over=True)))


def _names() -> list[str]:
    return [f"customer-{number}" for number in range(_CLIENTS)]


async def _offer(storage: Storage, sale: Sale) -> None:
    await sale.offer(storage)
    terms = promotion(str(sale.code), percent=10, max_uses=_USES, max_uses_per_user=_USES_EACH)
    await SeedRepository(storage).insert_missing(promotions.COLLECTION, [terms])


P4 = Promise("P4", "No piece is sold twice or lost, and no promotion used too often.", _prove)
