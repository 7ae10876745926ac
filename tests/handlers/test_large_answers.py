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


async def test_of_a_file_that_nobody_reads_little_is_held(api: Api):
    async with _slow_client(api) as wire:
        await wire.send(request("GET", BUNDLE))
        await _until_it_is_stuck(api)
        assert _unsent_bytes(api) <= PIECE_BYTES
        answer = await wire.answer()
        assert answer is not None
        assert len(answer.content) > 1_000_000
