"""A kept-alive client of any route, from any address of the loopback."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType, TracebackType
from typing import Any

import msgspec

from scripts.crash.connection import NoAnswer
from scripts.server_process import HOST

_ANSWER_SECONDS = 30
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Reply:
    """What was answered; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        """The decoded JSON."""
        return msgspec.json.decode(self.content)


class HttpClient:
    """Sends one request after the other on a connection, opened when it is needed."""

    def __init__(self, port: int, *, address: str = HOST):
        self._port = port
        self._address = address
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> "HttpClient":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] = _NONE,
    ) -> Reply:
        """Send a request, its body as JSON if there is one. Raises NoAnswer."""
        content = b"" if body is None else msgspec.json.encode(body)
        return await self.send(method, path, content, token=token, headers=headers)

    async def send(
        self,
        method: str,
        path: str,
        content: bytes,
        *,
        token: str | None = None,
        headers: Mapping[str, str] = _NONE,
    ) -> Reply:
        """Send a request with a body as it is. Raises NoAnswer."""
        sent = {"Host": HOST, "Content-Length": str(len(content)), **headers}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                reader, writer = await self._connected()
                writer.write(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + content)
                await writer.drain()
                return await self._answer(reader)
        except (OSError, asyncio.IncompleteReadError) as problem:
            await self.close()
            raise NoAnswer(str(problem)) from problem

    async def post(self, path: str, body: Any, *, token: str | None = None) -> Reply:
        """POST. Raises NoAnswer."""
        return await self.call("POST", path, body, token=token)

    async def get(self, path: str, *, token: str | None = None) -> Reply:
        """GET. Raises NoAnswer."""
        return await self.call("GET", path, token=token)

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(
                HOST, self._port, local_addr=(self._address, 0)
            )
        return self._streams

    async def _answer(self, reader: asyncio.StreamReader) -> Reply:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status_line, *lines = head.split("\r\n")
        pairs = (line.split(": ", 1) for line in lines if line)
        headers = {name.lower(): value for name, value in pairs}
        content = await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection") == "close":
            await self.close()
        return Reply(int(status_line.split(" ")[1]), headers, content)

    async def close(self) -> None:
        """Let go."""
        if self._streams is not None:
            _, writer = self._streams
            self._streams = None
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
