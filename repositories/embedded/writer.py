"""All writing: operations share transactions, and transactions share one fsync.

There is one connection that writes. Operations run on it at once, on the event loop, each in
a savepoint, inside one open transaction (a *batch*). As soon as the loop has run what is
ready, the batch is committed in the worker thread, and all its callers are answered. What
arrives meanwhile queues up and is the next batch. See docs/decisions/0002.

The rules that keep this right:

- Nobody is answered, not even with an error, before the batch is committed: every answer
  rests on what other operations of the batch have written.
- While the worker has the connection (`_is_working`), the loop does not touch it.
- Turns are taken in order: nothing runs at once while something is queued.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic, perf_counter
from typing import Any, Final, Protocol, TypeVar

import apsw
from pymongo.errors import InvalidOperation

from repositories.embedded.errors import StoreBusy, StoreUnavailable, unavailable
from repositories.embedded.meter import Meter, Unwatched
from repositories.embedded.opening import Location
from repositories.embedded.view import TooHeavy, WriteView
from repositories.embedded.worker import Done, Worker

T = TypeVar("T")
Operation = Callable[[WriteView], T]

#: How long a batch takes in more operations, and how long it may hold the loop at a time.
_BATCH_SECONDS: Final = 0.003
#: Heavy operations that share one commit.
_HEAVY_TOGETHER: Final = 8
#: How long to wait for another process that writes.
BUSY_SECONDS: Final = 30.0


class Holder(Protocol):
    """A transaction that has, or waits for, the writer for itself."""

    @property
    def owner(self) -> Any:
        """The task that began it."""

    def granted(self) -> None:
        """Its turn has come."""

    def lost(self, problem: StoreUnavailable) -> None:
        """Its batch failed under it."""

    def abort(self) -> None:
        """It is to undo what it did, and give the writer back."""


class Turn:
    """A place in the queue: an operation to run, or a transaction to begin. Then its outcome."""

    __slots__ = ("error", "future", "heavy", "holder", "operation", "result")

    def __init__(
        self,
        future: asyncio.Future,
        operation: Operation | None = None,
        *,
        heavy: bool = False,
        holder: Holder | None = None,
    ):
        self.future = future
        self.operation = operation
        self.heavy = heavy
        self.holder = holder
        self.result: Any = None
        self.error: BaseException | None = None

    def answer(self) -> None:
        """Hand the outcome to whoever waits for it; a cancelled task no longer does."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)

    def fail(self, problem: StoreUnavailable) -> None:
        """Tell whoever waits that nothing was written."""
        self.result, self.error = None, unavailable(problem)
        self.answer()


class _Batch:
    """One open transaction of SQLite and those who wait for its commit."""

    __slots__ = ("began", "turns")

    def __init__(self) -> None:
        self.began = monotonic()
        self.turns: list[Turn] = []

    def is_full(self) -> bool:
        return monotonic() - self.began > _BATCH_SECONDS


class Writer:
    """Gives every operation its turn on the connection that writes."""

    def __init__(self, loop: asyncio.AbstractEventLoop, location: Location):
        self.loop = loop
        self.view = WriteView(location)
        self.busy_seconds = BUSY_SECONDS
        #: Called on the loop after each commit, so that readers learn of a changed catalog.
        self.on_commit: Callable[[], None] = lambda: None
        #: Is told of commits here, and of queries by those who make them.
        self.meter: Meter = Unwatched()
        self._commit_seconds = 0.0
        self._worker = Worker(loop, "agora-store")
        self._queue: deque[Turn] = deque()
        self._batch: _Batch | None = None
        self._holder: Holder | None = None
        self._is_working = False
        self._is_advancing = False
        self._is_closed = False
        self._idle: asyncio.Future | None = None

    # What callers use.

    async def run(self, operation: Operation[T], *, heavy: bool = False) -> T:
        """Run `operation` on the writing connection, and answer when it is durable.

        `heavy` ones run in the worker. Raises what the operation raises, after undoing it
        alone, and StoreUnavailable when the batch could not be committed.
        """
        self._refuse_misuse()
        turn = Turn(self.loop.create_future(), operation, heavy=heavy)
        if heavy or self._is_taken() or not self._begin():
            self._queue.append(turn)
        else:
            self._attempt(turn)
        self._advance_soon()
        return await turn.future

    @property
    def waiting(self) -> int:
        """How many writes and transactions are not yet durable."""
        batch = self._batch
        return len(self._queue) + (0 if batch is None else len(batch.turns))

    async def take(self, holder: Holder) -> None:
        """Wait for the turn of a transaction; returns at once when nobody is before it."""
        self._refuse_misuse()
        if not self._is_taken() and self._begin():
            self._grant(holder)
            return
        turn = Turn(self.loop.create_future(), holder=holder)
        self._queue.append(turn)
        self._advance_soon()
        await turn.future

    def release(self, turn: Turn | None) -> None:
        """End the holder's turn; `turn`, if any, is answered with the batch's commit."""
        self._holder = None
        if turn is not None:
            assert self._batch is not None  # noqa: S101 - the holder's own
            self._batch.turns.append(turn)
        self._advance_soon()

    def work(self, job: Callable[[], Any], done: Done) -> None:
        """Lend the connection to the worker for a job of the holder."""

        def back(result: Any, error: BaseException | None) -> None:
            self._is_working = False
            done(result, error)

        self._is_working = True
        self._worker.submit(job, back)

    def fail(self, problem: StoreUnavailable) -> None:
        """Answer everyone in the batch that nothing was written, and give the connection up."""
        self.view.abandon()
        batch, self._batch = self._batch, None
        holder, self._holder = self._holder, None
        if holder is not None:
            holder.lost(problem)
        for turn in batch.turns if batch is not None else ():
            turn.fail(problem)
        self._advance_soon()

    async def close(self) -> None:
        """Commit what is queued, and let go of the file and the thread.

        A transaction that is open, or waits for its turn, is undone.
        """
        if self._is_closed:
            return
        self._is_closed = self.view.is_closing = True
        if self._holder is not None:
            self._holder.abort()
        for turn in [turn for turn in self._queue if turn.holder is not None]:
            self._queue.remove(turn)
            turn.fail(StoreUnavailable("The store is being closed; the transaction was not begun."))
        self._idle = self.loop.create_future()
        self._advance_soon()
        await self._idle
        closed = self.loop.create_future()
        self._worker.submit(self.view.close, lambda *_: closed.set_result(None))
        await closed
        self._worker.close()

    # How turns become batches.

    def _refuse_misuse(self) -> None:
        if self._is_closed:
            raise InvalidOperation("Cannot use EmbeddedStore after close")
        if self._holder is not None and self._holder.owner is asyncio.current_task():
            raise InvalidOperation(
                "A write without session= inside an open transaction would wait for that "
                "transaction for ever. Pass the transaction's session."
            )

    def _is_taken(self) -> bool:
        if self._is_working or self._holder is not None or self._queue:
            return True
        # Hundreds of tasks that are ready at once must not make one long turn of the loop.
        return self._batch is not None and self._batch.is_full()

    def _begin(self) -> bool:
        """Open a batch unless one is open; False when the worker has to see to it."""
        if self._batch is None:
            try:
                self.view.begin()
            except (apsw.Error, StoreUnavailable):
                self._is_working = True
                seconds = self.busy_seconds
                self._worker.submit(lambda: self.view.begin_patiently(seconds), self._begun)
                return False
            self._batch = _Batch()
        return True

    def _begun(self, _: Any, error: BaseException | None) -> None:
        self._is_working = False
        if error is None:
            self._batch = _Batch()
        elif isinstance(error, apsw.BusyError):
            self._fail_queue(
                StoreBusy(
                    f"Another process has been writing to the store for {self.busy_seconds:g} "
                    "seconds; nothing of this was written. Try again when it is done."
                )
            )
        else:
            self._fail_queue(unavailable(error))
        self._advance()

    def _fail_queue(self, problem: StoreUnavailable) -> None:
        turns = list(self._queue)
        self._queue.clear()
        for turn in turns:
            turn.fail(problem)

    def _advance_soon(self) -> None:
        # Not at once: every task that is ready now gets its operation into this batch.
        if not self._is_advancing:
            self._is_advancing = True
            self.loop.call_soon(self._advance)

    def _advance(self) -> None:
        """Run what has queued up, in order, and commit the batch."""
        self._is_advancing = False
        self._run_queue()
        if self._is_working or self._holder is not None:
            return
        if self._batch is not None:
            self._is_working = True
            self._worker.submit(self._commit, self._committed)
        elif self._idle is not None and not self._queue and not self._idle.done():
            self._idle.set_result(None)

    def _run_queue(self) -> None:
        while self._queue and not self._is_working and self._holder is None:
            if self._batch is not None and self._batch.is_full():
                return
            if self._queue[0].future.done():  # its task was cancelled
                self._queue.popleft()
            elif not self._begin():
                return
            elif self._queue[0].heavy:
                self._run_heavy()
            else:
                self._run_turn(self._queue.popleft())

    def _run_turn(self, turn: Turn) -> None:
        if turn.holder is None:
            self._attempt(turn)
        else:
            self._grant(turn.holder)
            turn.answer()

    def _grant(self, holder: Holder) -> None:
        self.view.connection.execute("SAVEPOINT holder")
        self._holder = holder
        holder.granted()

    def _attempt(self, turn: Turn) -> None:
        """Run one operation of the batch, in a savepoint of its own."""
        assert self._batch is not None  # noqa: S101 - begun by the caller
        assert turn.operation is not None  # noqa: S101 - transactions are granted instead
        self._batch.turns.append(turn)
        try:
            turn.result, turn.error = self.view.attempt(turn.operation, on_loop=True)
        except StoreUnavailable as problem:
            self.fail(problem)
            return
        if isinstance(turn.error, TooHeavy):
            self._batch.turns.pop()
            turn.error, turn.heavy = None, True
            self._queue.appendleft(turn)

    def _run_heavy(self) -> None:
        """Let the worker run the heavy operations at the head of the queue, and commit."""
        assert self._batch is not None  # noqa: S101 - begun by the caller
        turns: list[Turn] = []
        while self._queue and self._queue[0].heavy and len(turns) < _HEAVY_TOGETHER:
            turns.append(self._queue.popleft())
        self._batch.turns += turns

        def run_and_commit() -> None:
            for turn in turns:
                if turn.operation is not None and not turn.future.done():
                    turn.result, turn.error = self.view.attempt(turn.operation, on_loop=False)
            self._commit()

        self._is_working = True
        self._worker.submit(run_and_commit, self._committed)

    def _commit(self) -> None:
        """Make the batch durable, in the worker."""
        began = perf_counter()
        self.view.commit()
        self._commit_seconds = perf_counter() - began

    def _committed(self, _: Any, error: BaseException | None) -> None:
        self._is_working = False
        if error is not None:
            self.fail(unavailable(error))
            return
        batch, self._batch = self._batch, None
        try:
            self.on_commit()
        finally:
            # They are committed whatever fails there, and others wait for their turn.
            self._answer(batch)

    def _answer(self, batch: _Batch | None) -> None:
        """Tell those whose turns are committed, and go on with the queue."""
        if batch is not None:
            self.meter.written(self._commit_seconds, len(batch.turns))
        for turn in batch.turns if batch is not None else ():
            turn.answer()
        self._run_queue()
        self._advance_soon()
