"""Requests that are nearly HTTP: broken framing, headers, chunks, and what smuggles."""

import random
from collections.abc import Callable

_BODY = b'{"postid":1}'
_HEAD = b"POST /api/forum/like_post/ HTTP/1.1\r\nHost: localhost\r\n"
_WHOLE = _HEAD + b"Content-Length: 12\r\n\r\n" + _BODY
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n" + _BODY[:5]
_CHUNKED += b"\r\n7\r\n" + _BODY[5:] + b"\r\n0\r\n\r\n"
_GET = b"GET /api/v1/catalog/products?page=1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
_BASES = (_WHOLE, _CHUNKED, _GET, _GET + _WHOLE, _WHOLE + _GET, _CHUNKED + _GET)

_START_LINES = (
    b"GET / HTTP/1.1",
    b"GET /health HTTP/1.0",
    b"GET /health HTTP/2.0",
    b"GET /health HTTP/9",
    b"GET /health",
    b"GET",
    b"",
    b"PRI * HTTP/2.0",
    b"OPTIONS * HTTP/1.1",
    b"CONNECT example.org:443 HTTP/1.1",
    b"TRACE /health HTTP/1.1",
    b"BREW /health HTTP/1.1",
    b"get /health HTTP/1.1",
    b"GET http://example.org/health HTTP/1.1",
    b"GET //health HTTP/1.1",
    b"GET /%00 HTTP/1.1",
    b"GET /%zz HTTP/1.1",
    b"GET /%c0%af HTTP/1.1",
    b"GET /../../etc/passwd HTTP/1.1",
    b"GET /health?%ff=%fe HTTP/1.1",
    b"GET /courses?" + b"a=1&" * 2000 + b" HTTP/1.1",
    b"GET /" + b"x" * 20_000 + b" HTTP/1.1",
    b"GET /\xff\xfe HTTP/1.1",
    b"GET /a b HTTP/1.1",
    b"GET\t/health\tHTTP/1.1",
)
_HEADERS = (
    b"Content-Length: 12\r\nContent-Length: 13",
    b"Content-Length: 12\r\nContent-Length: 12",
    b"Content-Length: +12",
    b"Content-Length: -1",
    b"Content-Length: 12, 12",
    b"Content-Length: 0x0c",
    b"Content-Length: 1_2",
    b"Content-Length: \xb2",
    b"Content-Length: 99999999999999999999",
    b"Content-Length: 9000000",
    b"Content-Length:",
    b"Transfer-Encoding: chunked\r\nContent-Length: 12",
    b"Transfer-Encoding: chunked, chunked",
    b"Transfer-Encoding: identity",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding : chunked",
    b"Transfer-Encoding:\x0bchunked",
    b"Transfer-Encoding: xchunked",
    b"X: a\r\n Transfer-Encoding: chunked",
    b"Content-Encoding: gzip",
    b"Expect: 100-continue",
    b"Expect: what",
    b"Host: a\r\nHost: b",
    b"Host: \x00",
    b"Host:",
    b"Connection: close, keep-alive, upgrade",
    b"Connection: Content-Length",
    b"Upgrade: h2c\r\nConnection: upgrade",
    b"Authorization: Bearer",
    b"Authorization: Bearer " + b"a." * 3000,
    b"Authorization: Bearer \xff\xff.\xff.\xff",
    b"Authorization: Basic Og==",
    b"Cookie: " + b"a=1;" * 2000,
    b"Range: bytes=0-0,1-1,2-2",
    b"If-None-Match: " + b'"x",' * 500,
    b"If-Modified-Since: yesterday",
    b"X-Request-ID: a\x01b",
    b"X-Forwarded-For: " + b"1," * 3000,
    b"Accept-Encoding: " + b"gzip;q=0.1," * 500,
    b"Origin: null",
    b"Idempotency-Key: " + b"\xc3\xa9" * 300,
    b"Content-Type: multipart/form-data; boundary=" + b"-" * 5000,
    b"Content-Type: application/x-www-form-urlencoded",
    b"Content-Type: \xff",
    b"\x00: \x00",
    b": empty",
    b"no colon",
    b"X" * 20_000 + b": 1",
    b"X: " + b"y" * 20_000,
    b"X: 1\r\n" * 500 + b"X: 1",
    b"X: a\nY: b",
    b"X: a\rY: b",
)
_CHUNKS = (
    b"G\r\n",
    b"-1\r\n",
    b"0x5\r\n",
    b"5;" + b"e" * 5000 + b"\r\n",
    b"FFFFFFFFFFFFFFFFF\r\n",
    b"00000000000000000000005\r\n",
    b"5 \r\n",
    b"5\n",
    b"\r\n",
    b"0\r\nX: smuggled\r\n\r\n",
    b"0\r\n\r\n" + _GET,
    b"1\r\na\r\n" * 2000 + b"0\r\n\r\n",
)
_STRANGERS = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9),
    b"SSH-2.0-OpenSSH_9.0\r\n",
    b"\r\n" * 200,
    b"\x00" * 1000,
    b"EHLO localhost\r\n",
    b"*1\r\n$4\r\nPING\r\n",
)


def raw_request(chance: random.Random) -> bytes:
    """What goes out on one connection."""
    return chance.choice(_MUTATIONS)(chance)


def _start_line(chance: random.Random) -> bytes:
    return chance.choice(_START_LINES) + b"\r\nHost: localhost\r\n\r\n"


def _header(chance: random.Random) -> bytes:
    """A request with one or two odd headers."""
    head, _, rest = chance.choice(_BASES).partition(b"\r\n")
    for header in chance.sample(_HEADERS, chance.choice((1, 1, 2))):
        rest = header + b"\r\n" + rest
    return head + b"\r\n" + rest


def _only_header(chance: random.Random) -> bytes:
    """The header alone says how long the body is."""
    return _HEAD + chance.choice(_HEADERS) + b"\r\n\r\n" + _BODY + _GET


def _chunk(chance: random.Random) -> bytes:
    at = _CHUNKED.index(b"5\r\n")
    return _CHUNKED[:at] + chance.choice(_CHUNKS) + _CHUNKED[at:]


def _flipped(chance: random.Random) -> bytes:
    content = bytearray(chance.choice(_BASES))
    for _ in range(chance.choice((1, 2, 5))):
        content[chance.randrange(len(content))] = chance.randrange(256)
    return bytes(content)


def _spliced(chance: random.Random) -> bytes:
    """A piece taken out, put in twice, or put in of another request."""
    content, other = chance.choice(_BASES), chance.choice(_BASES)
    start, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    begin = chance.randrange(len(other))
    piece = chance.choice((b"", content[start:end] * 2, other[begin:]))
    return content[:start] + piece + content[end:]


def _line_ends(chance: random.Random) -> bytes:
    ends = chance.choice((b"\n", b"\r", b"\r\r\n", b"\n\r", b" \r\n", b"\x85"))
    return chance.choice(_BASES).replace(b"\r\n", ends)


def _cut(chance: random.Random) -> bytes:
    content = chance.choice(_BASES)
    return content[: chance.randrange(len(content))]


def _pipelined(chance: random.Random) -> bytes:
    return b"".join(chance.choice(_BASES) for _ in range(chance.choice((2, 5, 20))))


def _stranger(chance: random.Random) -> bytes:
    return chance.choice(_STRANGERS) + chance.randbytes(chance.choice((0, 10, 500)))


_MUTATIONS: tuple[Callable[[random.Random], bytes], ...] = (
    _start_line,
    _header,
    _header,
    _only_header,
    _chunk,
    _flipped,
    _flipped,
    _spliced,
    _spliced,
    _line_ends,
    _cut,
    _pipelined,
    _stranger,
)
