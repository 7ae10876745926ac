"""A bad network between a client and a server: slow, cut off, reset."""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from enum import Enum

from scripts.server_process import HOST

_PIECE_BYTES = 64
_PIECE_SECONDS = 0.01
#: Linger for no time: closing sends a reset rather than a farewell.
_RESET = struct.pack("ii", 1, 0)


class Fault(Enum):
    """What happens to the one request of a connection."""

    HALF_REQUEST = "cut off within the request"
    CUT = "cut off after the request"
    RESET = "reset after the request"
    LOST_ANSWER = "the answer lost"
    HALF_ANSWER = "cut off within the answer"
    SLOW = "slow"


class Proxy:
    """Passes the first request of each connection on, with the fault that `choose` names for it.

    What a client sent arrives even when the client is gone by then, as on a real network.
    """

    def __init__(self, server_port: int, choose: Callable[[], Fault]):
        self._server_port = server_port
        self._choose = choose
        self._listening: asyncio.Server | None = None
        self._passing: set[asyncio.Task[None]] = set()
        self.port = 0
        #: How often each fault happened.
        self.faults: Counter[Fault] = Counter()

    async def __aenter__(self) -> "Proxy":
        self._listening = await asyncio.start_server(self._accept, HOST, 0)
        self.port = self._listening.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listening is not None:
            self._listening.close()
        await asyncio.gather(*self._passing)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._passing.add(task)
            task.add_done_callback(self._passing.discard)
        with suppress(OSError, asyncio.IncompleteReadError):
            await self._pass(reader, writer)
        writer.close()

    async def _pass(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        request = await _whole_request(reader)
        fault = self._choose()
        self.faults[fault] += 1
        answering, server = await asyncio.open_connection(HOST, self._server_port)
        try:
            if fault is Fault.HALF_REQUEST:
                await _send(server, request[: len(request) // 2])
                return
            if fault is Fault.SLOW:
                await _send_slowly(server, request)
            else:
                await _send(server, request)
            await self._answer(fault, answering, client, server)
        finally:
            server.close()

    async def _answer(
        self,
        fault: Fault,
        answering: asyncio.StreamReader,
        client: asyncio.StreamWriter,
        server: asyncio.StreamWriter,
    ) -> None:
        if fault is Fault.CUT:
            return
        if fault is Fault.RESET:
            for writer in (client, server):
                sock: socket.socket = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            return
        answer = await answering.read(1 << 16)
        if fault is Fault.HALF_ANSWER:
            await _send(client, answer[: len(answer) // 2])
        elif fault is Fault.SLOW:
            await _send_slowly(client, answer)


async def _whole_request(reader: asyncio.StreamReader) -> bytes:
    """The head, and the body that it announces."""
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    return head + await reader.readexactly(sum(lengths))


async def _send(writer: asyncio.StreamWriter, content: bytes) -> None:
    writer.write(content)
    await writer.drain()


async def _send_slowly(writer: asyncio.StreamWriter, content: bytes) -> None:
    for start in range(0, len(content), _PIECE_BYTES):
        await _send(writer, content[start : start + _PIECE_BYTES])
        await asyncio.sleep(_PIECE_SECONDS)
