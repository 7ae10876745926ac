"""Clients that write until the server is killed, and enter every answer into the ledger."""

import asyncio
import random
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from scripts.crash.connection import ANSWER_SECONDS, Connection, NoAnswer
from scripts.crash.ledger import Key, Ledger, Operation
from scripts.crash.operations import Belongings
from scripts.crash.requests import Request
from scripts.crash.shopping import Shopping, customer_of

ACCOUNTS = 8
COMMON_POSTS = 16
#: Who writes what no client does; what was there before the ledger is nobody's either.
NOBODY = -1
_SHOPPING = 0.35


def account_of(client: int) -> str:
    """The account that a client writes with; some clients share one."""
    return f"crash-{client % ACCOUNTS}"


def accounts_of(clients: int) -> list[str]:
    """Every account that so many clients write with."""
    forum = [account_of(number) for number in range(ACCOUNTS)]
    return forum + [customer_of(number) for number in range(clients)]


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

    def __init__(
        self,
        number: int,
        own: Belongings,
        shopping: Shopping,
        ledger: Ledger,
        chance: random.Random,
    ):
        self.number = number
        self._own = own
        self._shopping = shopping
        self._ledger = ledger
        self._chance = chance
        #: What it sent, with what is known of it.
        self.sent: list[tuple[Operation, Request]] = []

    async def run(
        self,
        port: int,
        tokens: Mapping[str, str],
        *,
        is_over: Callable[[], bool] = lambda: False,
        unsure: Collection[int] = (),
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        """Write until told that it is over, there is no more answer, or a wrong one.

        `tokens` are by account. After an answer that is `unsure` what was asked may have been
        done, or not, as after none.
        """
        try:
            connection = await Connection.open(
                port, tokens[account_of(self.number)], answer_seconds=answer_seconds
            )
        except NoAnswer:
            return
        try:
            while not is_over() and not connection.is_closing:
                if not await self._do(connection, self._next(), tokens, unsure):
                    break
        except NoAnswer:
            pass  # killed; the request in flight stays unknown
        finally:
            await connection.close()

    def _next(self) -> Request:
        return self._shopping.next() if self._chance.random() < _SHOPPING else self._own.next()

    async def _do(
        self,
        connection: Connection,
        request: Request,
        tokens: Mapping[str, str],
        unsure: Collection[int],
    ) -> bool:
        operation = self._ledger.begin(
            request.name, self.number, request.changes, at=time.monotonic()
        )
        self.sent.append((operation, request))
        status, answer = await connection.call(
            request.method,
            request.path,
            request.body,
            token=tokens[request.account],
            headers=request.headers,
        )
        if status == request.refusal:
            self._ledger.refuse(operation, status, at=time.monotonic())
            self._shopping.refused()
            return True
        if status in unsure:
            operation.status = status
            return False
        if not request.is_answered_by(status, answer):
            operation.status = status
            self._ledger.unexpected.append(f"{operation} was answered {status} {answer}")
            return False
        self._ledger.acknowledge(operation, status, at=time.monotonic())
        self._learn(request, request.content(answer))
        return True

    def _learn(self, request: Request, answer: Any) -> None:
        if request.numbered is not None:
            key, field = request.numbered
            self._ledger.numbers[key] = answer[field]
        for key, value in request.changes.items():
            if value is None:
                self._own.lose(key)
            else:
                self.take(key, value)

    def take(self, key: Key, value: Any) -> None:
        """Something is there: after an answer, or found after a crash."""
        self._own.take(key, value)
        self._shopping.take(key, value)


def make_clients(count: int, ledger: Ledger, chance: random.Random) -> list[Client]:
    """Clients that have what the ledger says that they have."""
    clients = []
    for number in range(count):
        own_chance = random.Random(chance.getrandbits(64))  # noqa: S311 - a repeatable load, no secret
        own = belongings(number, count, ledger, own_chance)
        shopping = Shopping(number, ledger, own_chance)
        clients.append(Client(number, own, shopping, ledger, own_chance))
    for key, value in ledger.facts.items():
        owner = ledger.owners.get(key, NOBODY)
        if owner != NOBODY:
            clients[owner].take(key, value)
    return clients


async def write_until(
    kill: Callable[[], int],
    clients: Sequence[Client],
    port: int,
    tokens: Mapping[str, str],
    after: float,
) -> int:
    """Let all clients write, kill the server `after` so many seconds; how it ended."""
    tasks = [asyncio.ensure_future(client.run(port, tokens)) for client in clients]
    await asyncio.sleep(after)
    ended = kill()
    await asyncio.gather(*tasks)
    return ended
