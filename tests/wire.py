"""HTTP byte by byte, for requests that no client library would send."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from tests.harness import Api


@dataclass(frozen=True)
class Answer:
    """What came back; `headers` by their lower-case names."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        """The decoded JSON."""
        return msgspec.json.decode(self.content)


class Wire:
    """One connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self._reader = reader
        self._writer = writer

    async def send(self, content: bytes | str) -> None:
        """Send bytes, or text in Latin-1; what the server no longer reads is lost."""
        self._writer.write(content.encode("latin-1") if isinstance(content, str) else content)
        await self._writer.drain()

    def end_sending(self) -> None:
        """Close our side only."""
        self._writer.write_eof()

    async def answer(self, *, has_body: bool = True) -> Answer | None:
        """The next answer; None when the connection ends without one."""
        async with asyncio.timeout(10):
            try:
                head = await self._reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                return None
            first, *lines = head.decode("latin-1").rstrip().split("\r\n")
            fields = (line.split(": ", 1) for line in lines)
            headers = {name.lower(): value for name, value in fields}
            length = int(headers.get("content-length", "0")) if has_body else 0
            content = await self._reader.readexactly(length)
            return Answer(int(first.split()[1]), headers, content)

    async def rest(self) -> bytes:
        """All that comes until the server ends the connection."""
        async with asyncio.timeout(10):
            return await self._reader.read()

    async def is_closed(self) -> bool:
        """Whether the server ends the connection, without another byte."""
        try:
            async with asyncio.timeout(10):
                return await self._reader.read(1) == b""
        except ConnectionError:
            return True


async def eventually(condition: Callable[[], Awaitable[Any]]) -> None:
    """Wait until something holds that nobody tells of."""
    async with asyncio.timeout(5):
        while not await condition():  # noqa: ASYNC110 - the other side is the server's store
            await asyncio.sleep(0.01)


@asynccontextmanager
async def connected(api: Api) -> AsyncIterator[Wire]:
    """A connection, closed at the end."""
    host, _, port = api.base_url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()
        try:
            await writer.wait_closed()
        except ConnectionError:
            return  # the server was first


def request(method: str, path: str, content: bytes = b"", **headers: str) -> bytes:
    """A whole request; `headers` with `_` for `-`."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    if content and "Content_Length" not in headers:
        lines.append(f"Content-Length: {len(content)}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + content
