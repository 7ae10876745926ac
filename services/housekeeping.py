"""Work that is nobody's request: deleting what has expired and what was forgotten."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress

from bson import ObjectId

from repositories.errors import WriteConflict, is_unavailable

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


async def do_each(
    chore: str,
    find: Callable[[Collection[ObjectId]], Awaitable[Sequence[ObjectId]]],
    do: Callable[[ObjectId], Awaitable[bool]],
) -> int:
    """Do a chore with everything that `find` finds, some at a time; with how many `do` did it.

    `find` is given what to leave out: what there was nothing to do with, what another process
    is about, and what failed, which the log tells. All that is left to the next time, and keeps
    nothing else from its turn. A storage that does not answer is the fault of none of them, and
    ends the chore.
    """
    left: set[ObjectId] = set()
    total = 0
    while some := await find(left):
        for each in some:
            if await _is_done(chore, do, each):
                total += 1
            else:
                left.add(each)
            # Requests come in between.
            await asyncio.sleep(0)
    return total


async def _is_done(chore: str, do: Callable[[ObjectId], Awaitable[bool]], each: ObjectId) -> bool:
    try:
        return await do(each)
    except WriteConflict:
        return False
    except Exception as problem:
        if is_unavailable(problem):
            raise
        _log.exception("housekeeping: %s of %s failed", chore, each)
        return False
