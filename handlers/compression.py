"""gzip for those who take it: which requests do, and how much work a body is worth.

BREACH (guessing a secret by the length of compressed answers) needs an answer that holds a secret
which stays the same beside text of the attacker's choosing, and a victim's browser that asks for
it again and again. Tokens are new in every answer, and nothing signs a browser's requests in by
itself: the server sets no cookies. So answers to sign-ins are compressed like all others.
"""

import zlib
from functools import lru_cache

from tornado.httputil import HTTPHeaders
from tornado.web import OutputTransform

MIN_BYTES = 1024
"""Shorter bodies stay as they are: with its headers, gzip saves little of one packet."""

THREAD_BYTES = 32 * 1024
"""Longer ones are compressed in a thread: this much takes as long as the way there and back."""

_GZIP = 16
# A window of 8 KiB and little memory: zlib's usual 256 KiB take longer to set up (50 us) than a
# page of a list takes to compress.
_LIGHT = (2, zlib.DEFLATED, _GZIP + 13, 6)
_THOROUGH = (4, zlib.DEFLATED, _GZIP + zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL)
_BEST = (9, zlib.DEFLATED, _GZIP + zlib.MAX_WBITS, 9)


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: str | None) -> bool:
    """Whether an `Accept-Encoding` takes gzip, and likes it no less than what is not compressed.

    RFC 9110, section 12.5.3; without the header nothing is said, and nothing compressed.
    """
    weights = dict(map(_weight, (accept_encoding or "").lower().split(",")))
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


def _weight(part: str) -> tuple[str, float]:
    """A coding and its weight; one that can't be read counts as 0."""
    coding, _, parameter = part.partition(";")
    name, _, value = parameter.partition("=")
    if not parameter.strip():
        return coding.strip(), 1.0
    try:
        return coding.strip(), float(value) if name.strip() == "q" else 0.0
    except ValueError:
        return coding.strip(), 0.0


def compress(content: bytes) -> bytes:
    """A body, in gzip; to be called in a thread for more than `THREAD_BYTES`."""
    return _compressed(content, _LIGHT if len(content) <= THREAD_BYTES else _THOROUGH)


def compress_for_good(content: bytes) -> bytes:
    """What is compressed once and sent often, in gzip as short as it gets; for a thread."""
    return _compressed(content, _BEST)


class GzipStream(OutputTransform):
    """Compresses an answer that goes out piece by piece, each piece as it comes."""

    def __init__(self) -> None:
        self._compressor = zlib.compressobj(*_LIGHT)

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, HTTPHeaders, bytes]:
        """The first piece, and the headers that tell what it is in."""
        headers["Content-Encoding"] = "gzip"
        chunk = self.transform_chunk(chunk, finishing)
        if finishing:
            headers["Content-Length"] = str(len(chunk))
        return status_code, headers, chunk

    def transform_chunk(self, chunk: bytes, finishing: bool) -> bytes:
        """A piece, whole: the client need not wait for the next to read it."""
        mode = zlib.Z_FINISH if finishing else zlib.Z_SYNC_FLUSH
        return self._compressor.compress(chunk) + self._compressor.flush(mode)


def _compressed(content: bytes, parameters: tuple[int, int, int, int]) -> bytes:
    compressor = zlib.compressobj(*parameters)
    return compressor.compress(content) + compressor.flush()
