"""How much of all large bodies may be in memory at once."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Final

from tornado.httputil import HTTPServerRequest

from handlers.routing import MIB

SMALL_BODY_BYTES: Final = 64 * 1024
"""Bodies up to this are not counted: the cap on connections bounds them."""

_MAX_BYTES: Final = 32 * MIB
_WAIT_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class _Wish:
    address: str
    count: int
    granted: asyncio.Future[None]


class BodyRoom:
    """Room for large bodies, taken before they are read: the client's sending waits meanwhile.

    Fifty of 8 MiB at once would be 400 MB before anything is decoded (RELIABILITY.md, P12). One
    address has at most half of the room, so that it can't keep the others out by dawdling.
    """

    def __init__(self, *, max_bytes: int = _MAX_BYTES, wait_seconds: float = _WAIT_SECONDS):
        self._max_bytes = max_bytes
        self._wait_seconds = wait_seconds
        self._taken: dict[HTTPServerRequest, _Wish] = {}
        # Kept beside it: hundreds may wait, and each is looked at whenever something is given back.
        self._taken_by_address: Counter[str] = Counter()
        self._taken_bytes = 0
        self._waiting: dict[HTTPServerRequest, _Wish] = {}

    @property
    def taken_bytes(self) -> int:
        """How much is taken now."""
        return self._taken_bytes

    async def take(self, request: HTTPServerRequest, count: int) -> bool:
        """Take room for a body of so many bytes, or wait for it; tells whether there was any."""
        granted = asyncio.get_running_loop().create_future()
        self._waiting[request] = _Wish(request.remote_ip or "", count, granted)
        self._grant()
        try:
            async with asyncio.timeout(self._wait_seconds):
                await granted
        except TimeoutError:
            self._waiting.pop(request, None)
        return request in self._taken

    def give_back(self, request: HTTPServerRequest) -> None:
        """A request is answered, or its connection is gone."""
        wish = self._taken.pop(request, None)
        if wish is None:
            return
        self._count(wish.address, -wish.count)
        self._grant()

    def _grant(self) -> None:
        for request, wish in list(self._waiting.items()):
            if not self._has_room_for(wish):
                continue
            self._taken[request] = self._waiting.pop(request)
            self._count(wish.address, wish.count)
            # Its wait may have ended in this very turn of the loop; it has its room all the same.
            if not wish.granted.done():
                wish.granted.set_result(None)

    def _count(self, address: str, count: int) -> None:
        self._taken_bytes += count
        self._taken_by_address[address] += count
        if not self._taken_by_address[address]:
            del self._taken_by_address[address]

    def _has_room_for(self, wish: _Wish) -> bool:
        own = self._taken_by_address[wish.address]
        # The first of an address is always taken, or a body of more than half never would be.
        is_within_half = own == 0 or own + wish.count <= self._max_bytes // 2
        return is_within_half and self._taken_bytes + wish.count <= self._max_bytes
