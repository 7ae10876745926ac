"""Clients that write until the server is killed, and enter every answer into the ledger."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

from scripts.crash.connection import Connection, NoAnswer
from scripts.crash.ledger import Ledger
from scripts.crash.operations import Belongings, Request

ACCOUNTS = 8
COMMON_POSTS = 16


def account_of(client: int) -> str:
    """The account that a client writes with; some clients share one."""
    return f"crash-{client % ACCOUNTS}"


def common_post(number: int) -> str:
    """The text of a post that everybody likes and replies to."""
    return f"common post {number}"


def belongings(client: int, clients: int, ledger: Ledger, chance: random.Random) -> Belongings:
    """What a client has. Of the clients that share an account, each likes common posts of its own,
    so that it knows whether the account likes them."""
    own = Belongings(client, account_of(client), ledger, chance)
    everyones = [common_post(number) for number in range(COMMON_POSTS)]
    sharing = max(1, -(-clients // ACCOUNTS))
    own.share(everyones[client // ACCOUNTS :: sharing], everyones)
    return own


class Client:
    """Sends one request after the other, and remembers the answers."""

    def __init__(self, number: int, own: Belongings, ledger: Ledger):
        self.number = number
        self._own = own
        self._ledger = ledger

    async def run(self, port: int, token: str) -> None:
        """Write until there is no more answer, or a wrong one."""
        try:
            connection = await Connection.open(port, token)
        except NoAnswer:
            return
        try:
            while await self._do(connection, self._own.next()):
                pass
        except NoAnswer:
            pass  # killed; the request in flight stays unknown
        finally:
            await connection.close()

    async def _do(self, connection: Connection, request: Request) -> bool:
        operation = self._ledger.begin(
            request.name, self.number, request.changes, at=time.monotonic()
        )
        status, answer = await connection.call(request.method, request.path, request.body)
        if status != request.status or not request.answer.items() <= answer.items():
            operation.status = status
            self._ledger.unexpected.append(f"{operation} was answered {status} {answer}")
            return False
        self._ledger.acknowledge(operation, status, at=time.monotonic())
        self._learn(request, answer)
        return True

    def _learn(self, request: Request, answer: Any) -> None:
        if request.numbered is not None:
            key, field = request.numbered
            self._ledger.numbers[key] = answer[field]
        for key, value in request.changes.items():
            if value is None:
                self._own.lose(key)
            else:
                self._own.take(key, value)


def make_clients(count: int, ledger: Ledger, chance: random.Random) -> list[Client]:
    """Clients that have what the ledger says that they have."""
    owns = [
        belongings(number, count, ledger, random.Random(chance.getrandbits(64)))  # noqa: S311 - a repeatable load, no secret
        for number in range(count)
    ]
    for key, value in ledger.facts.items():
        owner = ledger.owners[key]
        if owner >= 0:
            owns[owner].take(key, value)
    return [Client(number, own, ledger) for number, own in enumerate(owns)]


async def write_until(
    kill: Callable[[], int],
    clients: Sequence[Client],
    port: int,
    tokens: dict[str, str],
    after: float,
) -> int:
    """Let all clients write, kill the server `after` so many seconds; how it ended."""
    tasks = [
        asyncio.ensure_future(client.run(port, tokens[account_of(client.number)]))
        for client in clients
    ]
    await asyncio.sleep(after)
    ended = kill()
    await asyncio.gather(*tasks)
    return ended
