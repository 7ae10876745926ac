"""Where writes should run: three ways to commit what many clients write, on plain SQLite.

The figures of docs/decisions/0002: `python -m scripts.bench.writers [--dir DIRECTORY]`
"""

import argparse
import asyncio
import shutil
import tempfile
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from statistics import median
from typing import Any

import apsw

_EACH = {1: 1_000, 32: 300}
_ROUNDS = 3
_TABLES = """
CREATE TABLE docs (rid INTEGER PRIMARY KEY, id BLOB UNIQUE, doc BLOB);
CREATE TABLE one (key BLOB PRIMARY KEY, rid INTEGER) WITHOUT ROWID;
CREATE TABLE two (key BLOB, rid INTEGER, PRIMARY KEY (key, rid)) WITHOUT ROWID;
"""


class Writing(ABC):
    """A way to write; each instance has a file of its own."""

    name: str

    def __init__(self, path: Path):
        self.loop = asyncio.get_running_loop()
        self.connection = apsw.Connection(str(path))
        self.connection.pragma("journal_mode", "wal")
        self.connection.pragma("synchronous", "full")
        self.connection.execute(_TABLES)
        self._turn = asyncio.Lock()
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    @abstractmethod
    async def insert(self, number: int) -> None:
        """Insert one document, and return when it is durable."""

    async def transaction(self, number: int) -> None:
        """Three inserts that happen together, the caller looking at each before the next."""
        async with self._turn:
            await self._hop(lambda: self.connection.execute("BEGIN IMMEDIATE"))
            for step in range(3):
                await self._hop(partial(self.operate, 3 * number + step))
            await self._hop(lambda: self.connection.execute("COMMIT"))

    async def _hop(self, job: Callable[[], Any]) -> None:
        future = self.loop.create_future()

        def run() -> None:
            job()
            self.loop.call_soon_threadsafe(future.set_result, None)

        self._jobs.put(run)
        await future

    def operate(self, number: int) -> None:
        """The work of one insert: a document and its rows in two indexes."""
        key = f"{number * 7919 % 1_000_003:07d}".encode()
        self.connection.execute("SAVEPOINT operation")
        self.connection.execute("INSERT INTO docs (id, doc) VALUES (?, ?)", (key, key * 50))
        rid = self.connection.last_insert_rowid()
        self.connection.execute("INSERT INTO one VALUES (?, ?)", (key, rid))
        self.connection.execute("INSERT INTO two VALUES (?, ?)", (key[:2], rid))
        self.connection.execute("RELEASE operation")

    def close(self) -> None:
        """End the thread."""
        self._jobs.put(None)
        self._thread.join()
        self.connection.close()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def _answer(self, futures: list[asyncio.Future]) -> None:
        for future in futures:
            future.set_result(None)


class CommitEach(Writing):
    """Every write is a job of the thread, with a commit of its own."""

    name = "thread, a commit each"

    async def insert(self, number: int) -> None:
        def job() -> None:
            self.connection.execute("BEGIN IMMEDIATE")
            self.operate(number)
            self.connection.execute("COMMIT")

        await self._hop(job)


class GroupInThread(Writing):
    """Every write is a job of the thread, which commits all that it finds queued up."""

    name = "thread, shared commits"

    def __init__(self, path: Path):
        self._waiting: SimpleQueue[tuple[int, asyncio.Future]] = SimpleQueue()
        super().__init__(path)

    async def insert(self, number: int) -> None:
        future = self.loop.create_future()
        self._waiting.put((number, future))
        self._jobs.put(self._commit_all)
        await future

    def _commit_all(self) -> None:
        if self._waiting.empty():
            return
        futures = []
        self.connection.execute("BEGIN IMMEDIATE")
        while not self._waiting.empty():
            number, future = self._waiting.get()
            self.operate(number)
            futures.append(future)
        self.connection.execute("COMMIT")
        self.loop.call_soon_threadsafe(self._answer, futures)


class GroupOnLoop(Writing):
    """Writes run on the event loop; only their shared commit is a job of the thread."""

    name = "loop, shared commits in the thread"

    def __init__(self, path: Path):
        self._batch: list[asyncio.Future] = []
        self._queue: list[tuple[range, asyncio.Future]] = []
        self._is_committing = False
        super().__init__(path)

    async def insert(self, number: int) -> None:
        await self._take_turn(range(number, number + 1))

    async def transaction(self, number: int) -> None:
        """Nobody else runs between the inserts, as nothing is awaited between them."""
        await self._take_turn(range(3 * number, 3 * number + 3))

    async def _take_turn(self, numbers: range) -> None:
        future = self.loop.create_future()
        if self._is_committing:
            self._queue.append((numbers, future))
        else:
            self._run(numbers, future)
        await future

    def _run(self, numbers: range, future: asyncio.Future) -> None:
        if not self._batch:
            self.connection.execute("BEGIN IMMEDIATE")
            self.loop.call_soon(self._commit)
        for number in numbers:
            self.operate(number)
        self._batch.append(future)

    def _commit(self) -> None:
        self._is_committing = True

        def job() -> None:
            self.connection.execute("COMMIT")
            self.loop.call_soon_threadsafe(self._committed)

        self._jobs.put(job)

    def _committed(self) -> None:
        self._is_committing = False
        batch, self._batch = self._batch, []
        queue, self._queue = self._queue, []
        self._answer(batch)
        for numbers, future in queue:
            self._run(numbers, future)


async def measure(kind: type[Writing], path: Path, clients: int, what: str) -> dict[str, Any]:
    """How many a second are durable, and the longest that the loop was held, in ms."""
    writing = kind(path)
    held = [0.0]
    watch = asyncio.ensure_future(_watch(held))
    each = _EACH[clients]
    write = getattr(writing, what)

    async def client(number: int) -> None:
        for step in range(each):
            await write(number * each + step)

    began = time.perf_counter()
    await asyncio.gather(*(client(number) for number in range(clients)))
    seconds = time.perf_counter() - began
    watch.cancel()
    writing.close()
    return {"per_second": clients * each / seconds, "held_ms": max(held) * 1e3}


async def _watch(held: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.001)
        held.append(time.perf_counter() - began - 0.001)


def main() -> None:
    """Measure every way in turn, several rounds, and print the medians."""
    parser = argparse.ArgumentParser(description="Compare ways to write to SQLite.")
    parser.add_argument("--dir", type=Path, help="where to put the files (default: temporary)")
    directory = Path(tempfile.mkdtemp(prefix="agora-bench-", dir=parser.parse_args().dir))
    try:
        for what in ("insert", "transaction"):
            for clients in _EACH:
                for kind in (CommitEach, GroupInThread, GroupOnLoop):
                    _print(kind, clients, what, directory)
    finally:
        shutil.rmtree(directory)


def _print(kind: type[Writing], clients: int, what: str, directory: Path) -> None:
    rounds = []
    for turn in range(_ROUNDS):
        path = directory / f"{kind.__name__}-{what}-{clients}-{turn}.db"
        rounds.append(asyncio.run(measure(kind, path, clients, what)))
    rate = median(figures["per_second"] for figures in rounds)
    held = median(figures["held_ms"] for figures in rounds)
    print(f"{clients:3} clients  {kind.name:35} {rate:6.0f} {what}s/s  loop held {held:.1f} ms")


if __name__ == "__main__":
    main()
