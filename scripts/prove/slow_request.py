"""A post whose body is sent in two parts, so that it is in flight for as long as is wanted."""

import asyncio
import time
from contextlib import suppress

import msgspec

from scripts.crash.clients import NOBODY
from scripts.crash.ledger import Ledger, Operation
from scripts.crash.operations import post_key
from scripts.server_process import HOST

_ANSWER_SECONDS = 20


class SlowRequest:
    """One request on a connection of its own; the ledger has it from its first half on."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> "SlowRequest":
        """Connect. Raises OSError."""
        return cls(*await asyncio.open_connection(HOST, port))

    async def begin(self, token: str, ledger: Ledger) -> Operation:
        """Send the head and half of the body."""
        text = f"slow post {len(ledger.history)}"
        operation = ledger.begin("create_post", NOBODY, {post_key(text): ()}, time.monotonic())
        body = msgspec.json.encode({"content": text})
        head = (
            f"POST /api/forum/create_post/ HTTP/1.1\r\nHost: {HOST}\r\n"
            f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        half = len(body) // 2
        self._rest = body[half:]
        self._writer.write(head.encode() + body[:half])
        await self._writer.drain()
        return operation

    async def end(self, operation: Operation, ledger: Ledger) -> None:
        """Send the rest, and enter the answer, if one comes, into the ledger."""
        with suppress(OSError, asyncio.IncompleteReadError):
            async with asyncio.timeout(_ANSWER_SECONDS):
                self._writer.write(self._rest)
                await self._writer.drain()
                head = await self._reader.readuntil(b"\r\n\r\n")
                content = await self._reader.read()
            status = int(head.split(b" ", 2)[1])
            if status == 201:
                (key,) = operation.changes
                ledger.numbers[key] = msgspec.json.decode(content)["postid"]
                ledger.acknowledge(operation, status, time.monotonic())
            else:
                ledger.unexpected.append(f"{operation} was answered {status} {content[:200]!r}")

    async def close(self) -> None:
        """Let go."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()
