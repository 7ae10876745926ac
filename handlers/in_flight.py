"""The requests that are being received or answered, and how much of them is kept in memory."""

import asyncio
from typing import Final

from tornado.httputil import HTTPServerRequest

_MAX_BODY_BYTES: Final = 32 * 1024 * 1024


class InFlight:
    """Has every request from its headers to its answer, so that a stop can wait for them.

    Bodies that are in memory at once have `max_body_bytes` together: many of 8 MiB would
    otherwise take what the machine has (RELIABILITY.md, P12).
    """

    def __init__(self, *, max_body_bytes: int = _MAX_BODY_BYTES) -> None:
        self._body_bytes: dict[HTTPServerRequest, int] = {}
        self._max_body_bytes = max_body_bytes
        self.body_bytes = 0
        self._is_empty = asyncio.Event()
        self._is_empty.set()

    def __len__(self) -> int:
        return len(self._body_bytes)

    def add(self, request: HTTPServerRequest) -> None:
        """A request's headers are here."""
        self._body_bytes[request] = 0
        self._is_empty.clear()

    def take_body(self, request: HTTPServerRequest, count: int) -> bool:
        """Tell whether there is room for so many bytes more of its body, and take it."""
        if self.body_bytes + count > self._max_body_bytes or request not in self._body_bytes:
            return False
        self.body_bytes += count
        self._body_bytes[request] += count
        return True

    def discard(self, request: HTTPServerRequest) -> None:
        """It is answered, or its connection is gone; its body is, too."""
        self.body_bytes -= self._body_bytes.pop(request, 0)
        if not self._body_bytes:
            self._is_empty.set()

    async def wait_until_none(self, within_seconds: float) -> bool:
        """Wait until none is left; tells whether that came in time."""
        try:
            async with asyncio.timeout(within_seconds):
                await self._is_empty.wait()
        except TimeoutError:
            return False
        return True
