"""Answers that are larger than what the system takes at once, to clients that read slowly."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from handlers.kept import PIECE_BYTES
from tests.harness import Api
from tests.wire import Wire, eventually, request

BUNDLE = "/docs/swagger-ui-bundle.js"
FEED = "/api/forum/posts/"


@asynccontextmanager
async def _slow_client(api: Api) -> AsyncIterator[Wire]:
    """A connection for which the system keeps little: on the loopback it takes megabytes."""
    server: Any = api.listener._server
    for listening in server._sockets.values():
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    host, _, port = api.base_url.removeprefix("http://").partition(":")
    client.connect((host, int(port)))
    reader, writer = await asyncio.open_connection(sock=client)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()


def _unsent_bytes(api: Api) -> int:
    server: Any = api.listener._server
    return sum(len(connection.stream._write_buffer) for connection in server._connections)


async def _until_it_is_stuck(api: Api) -> None:
    seen = [0, -1]

    async def is_stuck() -> bool:
        seen.append(_unsent_bytes(api))
        return seen[-1] == seen[-2] > 0

    await eventually(is_stuck)


async def _long_feed(api: Api) -> bytes:
    """A request whose answer has some 400 kB, which a handler hands over at once."""
    token = await api.sign_in()
    for _ in range(10):
        await api.create_post(token, "😀" * 10_000)
    return request("POST", FEED, Authorization=f"Bearer {token}")


async def test_of_a_file_that_nobody_reads_little_is_held(api: Api):
    async with _slow_client(api) as wire:
        await wire.send(request("GET", BUNDLE))
        await _until_it_is_stuck(api)
        assert _unsent_bytes(api) <= PIECE_BYTES
        answer = await wire.answer()
        assert answer is not None
        assert len(answer.content) > 1_000_000


async def test_a_stop_waits_until_answers_are_with_their_clients(api: Api):
    asked = await _long_feed(api)
    async with _slow_client(api) as wire:
        await wire.send(asked)
        await _until_it_is_stuck(api)
        stop = asyncio.create_task(api.listener.stop(within_seconds=5))
        await asyncio.sleep(0.05)
        answer = await wire.answer()
        assert answer is not None
        assert len(answer.body["posts"]) == 10
        assert await stop is True


async def test_who_does_not_read_an_answer_holds_no_stop_for_good(api: Api):
    asked = await _long_feed(api)
    async with _slow_client(api) as wire:
        await wire.send(asked)
        await _until_it_is_stuck(api)
        assert await api.listener.stop(within_seconds=0.05) is False
