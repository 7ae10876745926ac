"""One thread for what must not hold the event loop: commits above all.

A hop through it costs less than one through an executor, and it ends when told to.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

Done = Callable[[Any, BaseException | None], None]
_Job = tuple[Callable[[], Any], Done]


def give_way() -> None:
    """Let the event loop have the interpreter: in a thread, every few documents.

    It would get it by itself only after the switch interval, 5 ms.
    """
    time.sleep(0)


class Worker:
    """Runs jobs one after the other, and hands each outcome back on the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, name: str):
        self._loop = loop
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[], Any], done: Done) -> None:
        """Run `job` in the thread; `done(result, error)` is then called on the loop."""
        self._jobs.put((job, done))

    def close(self) -> None:
        """End the thread after the jobs that it has."""
        self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (task := self._jobs.get()) is not None:
            job, done = task
            result, error = None, None
            try:
                result = job()
            except BaseException as problem:
                error = problem
            with suppress(RuntimeError):  # a closed loop has nobody left to tell
                self._loop.call_soon_threadsafe(done, result, error)
            del task, job, done, result, error
