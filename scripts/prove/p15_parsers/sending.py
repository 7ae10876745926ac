"""Sends what was made to break parsers, and watches how it is answered."""

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from scripts.crash.connection import NoAnswer
from scripts.prove.history import History
from scripts.prove.http_client import HttpClient
from scripts.prove.p15_parsers.fuzzed_bodies import fuzzed
from scripts.prove.p15_parsers.raw_requests import raw_request
from scripts.prove.p15_parsers.target import Target
from scripts.prove.p15_parsers.valid_bodies import Operation, operations_with_bodies
from scripts.server_process import HOST

HANG_SECONDS = 10.0
_CLIENTS = 8
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
# The developers' clock would have every token expire.
_LEFT_OUT = ("/dev/",)
_NO_ANSWER = 0


@dataclass
class Sent:
    """How many requests were answered with which status, and what must not be."""

    statuses: Counter[int] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    hangs: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """How many requests that were."""
        return self.statuses.total()

    def note(self, status: int, what: str) -> None:
        """A request was answered; 0 when the connection was closed instead."""
        self.statuses[status] += 1
        if status >= 500:
            self.errors.append(f"{status} to {what}")

    def hung(self, what: str) -> None:
        """Nothing came in time."""
        self.statuses[_NO_ANSWER] += 1
        self.hangs.append(what)


async def _by_clients(
    client: Callable[[int], Awaitable[None]], many: int, seconds: float, sent: Sent
) -> None:
    """Have several clients send, one after the other each, so often or for so long."""
    until = time.monotonic() + seconds

    async def work(number: int) -> None:
        while sent.requests < many and time.monotonic() < until:
            await client(number)

    await asyncio.gather(*(work(number) for number in range(_CLIENTS)))


async def send_bodies(
    target: Target, many: int, seconds: float, chance: random.Random, history: History
) -> Sent:
    """Send fuzzed bodies to every operation that takes one."""
    sent = Sent()
    operations = [
        each
        for each in operations_with_bodies(target.document)
        if not each.path.startswith(_LEFT_OUT)
    ]
    clients = [HttpClient(target.server.port) for _ in range(_CLIENTS)]
    # All are refused at once when one of them has signed out.
    renewing = asyncio.Lock()

    async def send(number: int) -> None:
        operation = chance.choice(operations)
        status = await _send_body(target, clients[number], operation, chance, history, sent)
        if status == 401:
            async with renewing:
                await asyncio.to_thread(_renew, target)

    await _by_clients(send, many, seconds, sent)
    for client in clients:
        await client.close()
    return sent


async def _send_body(
    target: Target,
    client: HttpClient,
    operation: Operation,
    chance: random.Random,
    history: History,
    sent: Sent,
) -> int:
    content = fuzzed(operation.body, chance)
    path = target.path(operation.path, chance.choice)
    what = f"{operation.method} {path} with {content[:300]!r}"
    entry = history.sent(operation.method, {"path": path, "body": content[:2000].decode("latin-1")})
    try:
        async with asyncio.timeout(HANG_SECONDS):
            reply = await client.send(operation.method, path, content, token=target.token)
    except TimeoutError:
        sent.hung(what)
        await client.close()
        return _NO_ANSWER
    except NoAnswer as problem:
        sent.note(_NO_ANSWER, what)
        sent.errors.append(f"no answer ({problem}) to {what}")
        return _NO_ANSWER
    entry.answered(reply.status)
    sent.note(reply.status, what)
    return reply.status


def _renew(target: Target) -> None:
    """A token was refused, as after a logout; what is public is refused for other reasons."""
    status, _ = target.server.call("GET", "/api/user/", token=target.token)
    if status == 401:
        target.sign_in()


async def send_raw(
    target: Target, many: int, seconds: float, chance: random.Random, history: History
) -> Sent:
    """Send broken requests, each on a connection of its own."""
    sent = Sent()

    async def send(_number: int) -> None:
        content = raw_request(chance)
        entry = history.sent("raw", {"bytes": content[:2000].decode("latin-1")})
        try:
            async with asyncio.timeout(HANG_SECONDS):
                answer = await _answer_to(target.server.port, content, chance)
        except TimeoutError:
            sent.hung(f"{content[:300]!r}")
            return
        except OSError as problem:
            sent.note(_NO_ANSWER, "")
            sent.errors.append(f"no connection ({problem}) for {content[:300]!r}")
            return
        statuses = [int(status) for status in _STATUS.findall(answer)] or [_NO_ANSWER]
        entry.answered(max(statuses))
        sent.note(max(statuses), f"{content[:300]!r}")

    await _by_clients(send, many, seconds, sent)
    return sent


async def _answer_to(port: int, content: bytes, chance: random.Random) -> bytes:
    """All that comes until the server closes, once it has seen that no more will come."""
    # As from many addresses of the loopback, so that none has too many connections.
    address = f"127.0.0.{chance.randrange(2, 250)}"
    reader, writer = await asyncio.open_connection(HOST, port, local_addr=(address, 0))
    answer = b""
    try:
        middle = chance.randrange(len(content) + 1) if chance.random() < 0.3 else 0
        for piece in (content[:middle], content[middle:]):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        writer.write_eof()
        answer = await reader.read(-1)
    except OSError:
        pass  # it closed before it had read all
    finally:
        writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return answer
