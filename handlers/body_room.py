"""How much of all large bodies may be in memory at once."""

import asyncio
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
        self._waiting: dict[HTTPServerRequest, _Wish] = {}

    @property
    def taken_bytes(self) -> int:
        """How much is taken now."""
        return sum(wish.count for wish in self._taken.values())

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
        if wish := self._waiting.pop(request, None):
            wish.granted.set_result(None)
        if self._taken.pop(request, None):
            self._grant()

    def _grant(self) -> None:
        for request, wish in list(self._waiting.items()):
            if self._has_room_for(wish):
                self._taken[request] = self._waiting.pop(request)
                wish.granted.set_result(None)

    def _has_room_for(self, wish: _Wish) -> bool:
        own = sum(each.count for each in self._taken.values() if each.address == wish.address)
        # The first of an address is always taken, or a body of more than half never would be.
        is_within_half = own == 0 or own + wish.count <= self._max_bytes // 2
        return is_within_half and self.taken_bytes + wish.count <= self._max_bytes
