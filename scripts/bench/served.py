"""The server with its event loop watched.

`python -m scripts.bench.served REPORT MODE [--setting=value ...]`. At SIGUSR1 it writes what it
saw since the last one to the file REPORT, as JSON. MODE is

- `lateness`: a task sleeps 1 ms again and again, and notes how late it wakes. At many
  connections that is one turn of the loop, which may have many short callbacks in it;
- `callbacks`: asyncio's own loop instead of uvloop, each of its callbacks timed by the clock
  and by the processor time of the thread, which leaves out what other processes took.
"""

import argparse
import asyncio
import os
import signal
import sys
import time
from array import array
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol
from unittest import mock

import msgspec

import server
from config.settings import Settings

LATENESS, CALLBACKS = "lateness", "callbacks"
_LONG_SECONDS = 0.005


class Watch(Protocol):
    """Looks at the event loop."""

    def take(self) -> dict[str, Any]:
        """What was seen since the last time."""


class Lateness:
    """How late the loop comes to what is due."""

    def __init__(self) -> None:
        self._late = array("d")
        self._worst = (0.0, 0.0)

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            began, cpu_began = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.001)
            late = time.perf_counter() - began - 0.001
            self._late.append(late)
            if late > self._worst[0]:
                self._worst = late, time.thread_time() - cpu_began

    def take(self) -> dict[str, Any]:
        """In ms: the latest wake-up, the thread's own part of it, and the 99.9th percentile."""
        late, self._late = sorted(self._late), array("d")
        (worst, cpu), self._worst = self._worst, (0.0, 0.0)
        return {
            "samples": len(late),
            "max_ms": worst * 1e3,
            "max_cpu_ms": cpu * 1e3,
            "p999_ms": late[int(len(late) * 0.999)] * 1e3 if late else 0.0,
        }


class Callbacks:
    """How long single callbacks hold the loop."""

    def __init__(self) -> None:
        self._run = asyncio.Handle._run
        self._clear()

    def _clear(self) -> None:
        self._count = self._long = 0
        self._max = self._max_cpu = 0.0
        self._longest = ""

    def timed(self, handle: Any) -> None:
        """Run a callback in the place of `asyncio.Handle._run`."""
        began, cpu_began = time.perf_counter(), time.thread_time()
        self._run(handle)
        cpu, seconds = time.thread_time() - cpu_began, time.perf_counter() - began
        self._count += 1
        self._long += seconds > _LONG_SECONDS
        self._max_cpu = max(self._max_cpu, cpu)
        if seconds > self._max:
            self._max, self._longest = seconds, _name(handle)

    def take(self) -> dict[str, Any]:
        """The longest callback in ms, by the clock and by processor time, and which it was."""
        seen = {
            "samples": self._count,
            "max_ms": self._max * 1e3,
            "max_cpu_ms": self._max_cpu * 1e3,
            "over_5_ms": self._long,
            "longest": self._longest,
        }
        self._clear()
        return seen


def _name(handle: Any) -> str:
    callback = handle._callback
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, asyncio.Task):
        return str(getattr(owner.get_coro(), "__qualname__", owner))
    return str(getattr(callback, "__qualname__", callback))


def _report(watch: Watch, report: Path) -> None:
    unfinished = report.with_suffix(".new")
    unfinished.write_bytes(msgspec.json.encode(watch.take()))
    os.replace(unfinished, report)


def main(arguments: Sequence[str]) -> int:
    """Run the server under a watch."""
    parser = argparse.ArgumentParser(description="Run the server with its event loop watched.")
    parser.add_argument("report", type=Path)
    parser.add_argument("mode", choices=(LATENESS, CALLBACKS))
    own, settings = parser.parse_known_args(arguments)
    watch: Lateness | Callbacks = Lateness() if own.mode == LATENESS else Callbacks()
    serve = server.serve

    async def watched(settings: Settings) -> int:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, _report, watch, own.report)
        if isinstance(watch, Lateness):
            # Kept by the name, or the task could be collected while it runs.
            task = asyncio.ensure_future(watch.run())
            try:
                return await serve(settings)
            finally:
                task.cancel()
        return await serve(settings)

    with ExitStack() as patches:
        patches.enter_context(mock.patch.object(server, "serve", watched))
        if isinstance(watch, Callbacks):
            timed = watch.timed
            patches.enter_context(
                mock.patch.object(asyncio.Handle, "_run", lambda handle: timed(handle))
            )
            # Callbacks of uvloop can't be seen from Python, so the server does without it.
            patches.enter_context(mock.patch.dict(sys.modules, {"uvloop": None}))
        return server.main(settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
