"""How long the event loop has been answering requests without looking at anything else."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

_LONG_SECONDS: Final = 0.008


class LoopTurn:
    """Lets requests that came at once be answered over several turns of the loop.

    A turn runs all that is ready: with 32 requests of 0.7 ms it took 23 ms, for which no timer,
    no new connection and no finished commit was looked at (docs/benchmarks.md).
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._began_at: float | None = None

    async def give_way(self) -> None:
        """Wait for the next turn as long as this one has lasted long enough."""
        while self.is_long():  # noqa: ASYNC110 - one turn of the loop is what is waited for
            await asyncio.sleep(0)

    def is_long(self) -> bool:
        """Whether others are to be let in before one more request is looked at."""
        now = self._clock()
        if self._began_at is None:
            self._began_at = now
            asyncio.get_running_loop().call_soon(self._end)
            return False
        return now - self._began_at > _LONG_SECONDS

    def _end(self) -> None:
        self._began_at = None
