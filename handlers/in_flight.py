"""The requests that are being received or answered."""

import asyncio

from tornado.httputil import HTTPServerRequest

from handlers.body_room import BodyRoom
from handlers.loop_turn import LoopTurn


class InFlight:
    """Has every request from its headers to its answer, so that a stop can wait for them."""

    def __init__(self) -> None:
        self.body_room = BodyRoom()
        self.loop_turn = LoopTurn()
        self._requests: set[HTTPServerRequest] = set()
        self._is_empty = asyncio.Event()
        self._is_empty.set()

    def __len__(self) -> int:
        return len(self._requests)

    def add(self, request: HTTPServerRequest) -> None:
        """A request's headers are here."""
        self._requests.add(request)
        self._is_empty.clear()

    def discard(self, request: HTTPServerRequest) -> None:
        """It is answered, or its connection is gone."""
        self._requests.discard(request)
        self.body_room.give_back(request)
        if not self._requests:
            self._is_empty.set()

    async def wait_until_none(self, within_seconds: float) -> bool:
        """Wait until none is left; tells whether that came in time."""
        try:
            async with asyncio.timeout(within_seconds):
                await self._is_empty.wait()
        except TimeoutError:
            return False
        return True
