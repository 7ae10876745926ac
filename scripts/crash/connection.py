"""A kept-alive HTTP connection, as small as it can be: the clients share a core with the server."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any

import msgspec

from scripts.server_process import HOST

#: How long an answer may take, unless said otherwise.
ANSWER_SECONDS = 20.0
_NONE: Mapping[str, str] = MappingProxyType({})


class NoAnswer(Exception):
    """The connection is gone, or nothing came in time: the request may have been done, or not."""


class Connection:
    """Sends one request after the other, and waits `answer_seconds` for each answer."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        token: str,
        *,
        answer_seconds: float = ANSWER_SECONDS,
    ):
        self._reader = reader
        self._writer = writer
        self._token = token
        self._answer_seconds = answer_seconds
        #: Whether the server said that it takes no further request here.
        self.is_closing = False

    @classmethod
    async def open(
        cls, port: int, token: str, *, answer_seconds: float = ANSWER_SECONDS
    ) -> "Connection":
        """Connect, to send requests with this access token. Raises NoAnswer."""
        try:
            reader, writer = await asyncio.open_connection(HOST, port)
        except OSError as problem:
            raise NoAnswer(str(problem)) from problem
        return cls(reader, writer, token, answer_seconds=answer_seconds)

    async def call(
        self,
        method: str,
        path: str,
        body: Any,
        *,
        token: str | None = None,
        headers: Mapping[str, str] = _NONE,
    ) -> tuple[int, Any]:
        """Send JSON, and answer the status with the decoded answer. Raises NoAnswer.

        `token` takes the place of the connection's own.
        """
        content = msgspec.json.encode(body)
        own = {
            "Host": HOST,
            "Authorization": f"Bearer {token or self._token}",
            "Content-Type": "application/json",
            "Content-Length": len(content),
        }
        lines = [f"{name}: {value}\r\n" for name, value in (own | dict(headers)).items()]
        head = f"{method} {path} HTTP/1.1\r\n{''.join(lines)}\r\n"
        try:
            async with asyncio.timeout(self._answer_seconds):
                self._writer.write(head.encode() + content)
                await self._writer.drain()
                return await self._answer()
        except (OSError, asyncio.IncompleteReadError) as problem:
            raise NoAnswer(str(problem)) from problem

    async def _answer(self) -> tuple[int, Any]:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status_line, *lines = head.lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines if line)
        self.is_closing = headers.get("connection") == "close"
        content = await self._reader.readexactly(int(headers["content-length"]))
        return int(status_line.split(" ")[1]), msgspec.json.decode(content)

    async def close(self) -> None:
        """Let go."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()
