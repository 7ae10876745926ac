"""What somebody sends who means harm: bodies, pictures, framing, and connections that dawdle."""

import asyncio
import base64
import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress

from PIL import Image

from scripts.server_process import HOST

_MIB = 1 << 20
_SLOW_ADDRESSES = 4
_ANSWER_SECONDS = 30.0
_HEAD = "POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"


def odd_bodies() -> Iterator[bytes]:
    """JSON that parsers choke on, each of less than a megabyte."""
    yield b"[" * 100_000
    yield b'{"a":' * 50_000 + b"1" + b"}" * 50_000
    yield b'{"postid": NaN}'
    yield b'{"postid": 1' + b"0" * 100_000 + b"}"
    yield b'{"postid": 1e999999}'
    yield b'{"content": "\\ud800"}'
    yield b'{"content": "\x00"}'
    yield b'{"content": {"$ne": null}, "postid": {"$gt": 0}}'
    yield '{"content": "x"}'.encode("utf-16")
    yield b'{"content": "' + b"x" * 900_000 + b'"}'
    yield b"{" + b",".join(b'"k%d": 1' % number for number in range(50_000)) + b"}"
    yield b"\xff" * 10_000


def bomb() -> bytes:
    """A PNG of a few kilobytes that would be 100 megapixels."""
    side = 10_000
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = b"\x00" * (3 * side + 1)
    content = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", content) + _chunk(b"IEND")
    )


def largest_allowed() -> bytes:
    """A PNG of a few kilobytes and 36 megapixels, which is taken, and costs the most to open."""
    content = io.BytesIO()
    Image.new("RGB", (6_000, 6_000)).save(content, "png", compress_level=9)
    return content.getvalue()


def _chunk(kind: bytes, content: bytes = b"") -> bytes:
    framed = kind + content
    return struct.pack(">I", len(content)) + framed + struct.pack(">I", zlib.crc32(framed))


def upload(picture: bytes) -> bytes:
    """The body that uploads a picture."""
    return b'{"image_type": "png", "image_data": "%s"}' % base64.b64encode(picture)


def large_body() -> bytes:
    """Just what the parser takes where pictures can be: 8 MiB of base64 that is no picture."""
    body = b'{"image_type": "png", "image_data": "'
    return body + b"A" * (8 * _MIB - len(body) - 2) + b'"}'


class Attacker:
    """Sends from one address; what is answered does not matter, unless it is none at all."""

    def __init__(self, port: int, address: str, token: str):
        self._port = port
        self._address = address
        self._token = token

    async def post(self, path: str, body: bytes) -> int:
        """The status that a body is answered with; 0 when the connection was closed instead."""
        head = _HEAD.format(path=path, host=HOST, token=self._token)
        return await self._send(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    async def post_in_bytes(self, path: str, count: int) -> int:
        """A chunked body of so many chunks of one byte."""
        head = _HEAD.format(path=path, host=HOST, token=self._token)
        chunks = b"1\r\nx\r\n" * count + b"0\r\n\r\n"
        return await self._send(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks)

    async def ask(self, request: bytes) -> int:
        """The status of a whole request as it is."""
        return await self._send(request)

    async def _send(self, request: bytes) -> int:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                reader, writer = await self.connect()
                try:
                    writer.write(request)
                    await writer.drain()
                    line = await reader.readline()
                finally:
                    writer.close()
        except OSError:
            return 0
        return int(line.split(b" ")[1]) if line else 0

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection from its address."""
        return await asyncio.open_connection(HOST, self._port, local_addr=(self._address, 0))

    async def dawdle(self, is_over: asyncio.Event) -> float:
        """Send a byte of a header now and then; the seconds until the server had enough."""
        began = asyncio.get_running_loop().time()
        with suppress(OSError):
            reader, writer = await self.connect()
            try:
                writer.write(b"GET /health HTTP/1.1\r\nX-Slow: ")
                while not is_over.is_set() and not reader.at_eof():
                    writer.write(b"x")
                    await writer.drain()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(reader.read(1), 2)
            finally:
                writer.close()
        return asyncio.get_running_loop().time() - began


def dawdlers(
    port: int, token: str, count: int, is_over: asyncio.Event
) -> list[asyncio.Task[float]]:
    """So many connections that dawdle until it is over, from a few addresses."""
    return [
        asyncio.create_task(
            Attacker(port, f"127.0.2.{number % _SLOW_ADDRESSES + 1}", token).dawdle(is_over)
        )
        for number in range(count)
    ]


def odd_requests() -> Iterator[bytes]:
    """Requests that are none, or too much of one."""
    end = b"Host: h\r\n\r\n"
    yield b"GET /health HTTP/1.1\r\nX-Long: " + b"x" * 20_000 + b"\r\n" + end
    yield b"GET /" + b"a" * 15_000 + b" HTTP/1.1\r\n" + end
    yield b"GET /health?" + b"&".join(b"f%d=1" % n for n in range(1_500)) + b" HTTP/1.1\r\n" + end
    yield b"GET /health HTTP/1.1\r\n" + b"X-Many: 1\r\n" * 1_000 + end
    yield b"GET /health HTTP/1.1\r\nCookie: " + b'a="\\";' * 2_000 + b"\r\n" + end
    yield b"POST /api/login/ HTTP/1.1\r\nContent-Length: 99999999999\r\n" + end
    yield b"POST /api/login/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n" + end
    yield b"\x00\x01\x02\r\n\r\n"
