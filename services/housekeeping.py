"""Work that is nobody's request: deleting what has expired and what was forgotten."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

_log = logging.getLogger("agora.housekeeping")
_PAUSE_SECONDS = 60.0


class Housekeeping:
    """Does each of its chores once a minute; one that fails is logged and tried again."""

    def __init__(
        self,
        chores: Mapping[str, Callable[[], Awaitable[object]]],
        *,
        pause_seconds: float = _PAUSE_SECONDS,
    ):
        self._chores = chores
        self._pause_seconds = pause_seconds
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._task = asyncio.create_task(self._run())

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
            await asyncio.sleep(self._pause_seconds)
            await self.do_all()
