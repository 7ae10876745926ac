"""Work that is nobody's request: deleting what has expired and what was forgotten."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

_log = logging.getLogger("agora.housekeeping")
_PAUSE_SECONDS = 60.0


class Housekeeping:
    """Does each of its chores once a minute and when it is woken; one that fails is tried again."""

    def __init__(self, *, pause_seconds: float = _PAUSE_SECONDS):
        self._chores: dict[str, Callable[[], Awaitable[object]]] = {}
        self._pause_seconds = pause_seconds
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def take_on(self, chores: Mapping[str, Callable[[], Awaitable[object]]]) -> None:
        """Do these chores too, by the names under which the log tells that one failed."""
        self._chores.update(chores)

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._task = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Do every chore soon rather than at the next minute: there is work, or a new time."""
        self._woken.set()

    async def stop(self) -> None:
        """End; a chore that is being done is left where it is."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def do_all(self) -> None:
        """Do every chore now."""
        for name, chore in self._chores.items():
            try:
                await chore()
            except Exception:
                _log.exception("housekeeping: %s failed", name)

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause_seconds):
                    await self._woken.wait()
            # Cleared before the chores: a wake meanwhile has them done again.
            self._woken.clear()
            await self.do_all()
