"""Transactions of several operations, with the names of Motor's sessions.

A transaction takes its turn at the writer with its first operation, has the writer for itself
until it ends, and shares the batch's commit with others. Its operations run at once, on the
event loop: one that awaits nothing else costs no more hops than a single write.

As in MongoDB, an operation that fails aborts the transaction.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import Enum
from types import TracebackType
from typing import Any, Final, TypeVar

from pymongo.errors import InvalidOperation, OperationFailure

from repositories.embedded.errors import (
    NO_SUCH_TRANSACTION,
    StoreUnavailable,
    TransactionExpired,
    unavailable,
)
from repositories.embedded.view import DISK_ERRORS, TooHeavy, WriteView
from repositories.embedded.writer import Operation, Turn, Writer

T = TypeVar("T")

MAX_SECONDS: Final = 10.0


class _State(Enum):
    NEW = "new"
    HOLDS = "holds"
    ENDED = "ended"


class Transaction:
    """One transaction's hold on the writer, from its first operation to its end."""

    def __init__(self, writer: Writer, max_seconds: float):
        self._writer = writer
        self._max_seconds = max_seconds
        self._state = _State.NEW
        self._timer: asyncio.TimerHandle | None = None
        self._is_in_worker = False
        #: Why it ended, when not by its own commit or abort: what every later use raises.
        self._problem: Exception | None = None
        self.owner: Any = None

    def view(self) -> WriteView:
        """What the transaction sees. Raises when it has ended, or the worker is at it."""
        self._check()
        return self._writer.view

    async def begin(self) -> None:
        """Wait for the transaction's turn, unless it has come already."""
        self._check()
        if self._state is _State.NEW:
            self.owner = asyncio.current_task()
            try:
                await self._writer.take(self)
            except asyncio.CancelledError:
                # The turn may have come in the same moment.
                self.abort()
                raise
            self._check()

    async def run(self, operation: Operation[T], *, heavy: bool = False) -> T:
        """Run one operation of the transaction; its error aborts the transaction.

        It needs no savepoint of its own: an error undoes everything since the holder's, and
        one that turns out too heavy says so before it has changed anything.
        """
        await self.begin()
        view = self.view()
        if heavy:
            return await self._run_in_worker(operation)
        try:
            return view.run(operation, on_loop=True)
        except TooHeavy:
            pass
        except DISK_ERRORS as problem:
            self._writer.fail(unavailable(problem))
            raise unavailable(problem) from problem
        except BaseException:
            self._abort(_aborted())
            raise
        return await self._run_in_worker(operation)

    async def _run_in_worker(self, operation: Operation[T]) -> T:
        future: asyncio.Future[T] = self._writer.loop.create_future()

        def done(result: Any, error: BaseException | None) -> None:
            self._is_in_worker = False
            if isinstance(error, DISK_ERRORS):
                self._writer.fail(unavailable(error))
                error = unavailable(error)
            elif self._state is _State.ENDED:
                # It expired, or its task was cancelled, while the worker had the connection.
                self._undo()
                error = error or self._problem
            elif error is not None:
                self._abort(_aborted())
            if not future.done():
                if error is None:
                    future.set_result(result)
                else:
                    future.set_exception(error)

        self._is_in_worker = True
        self._writer.work(lambda: self._writer.view.run(operation, on_loop=False), done)
        return await future

    async def commit(self) -> None:
        """Make all of it durable; raises why not, when it has ended already."""
        self._check()
        if self._state is _State.NEW:
            self._state = _State.ENDED
            return
        self._end()
        turn = Turn(self._writer.loop.create_future())
        self._writer.view.connection.execute("RELEASE holder")
        self._writer.release(turn)
        await turn.future

    def abort(self) -> None:
        """Undo all of it; nothing to do when it has ended already."""
        self._abort(_aborted())

    def granted(self) -> None:
        """The writer is the transaction's now."""
        if self._state is _State.ENDED:
            # Aborted while its turn was being given.
            self._undo()
            return
        self._state = _State.HOLDS
        self._timer = self._writer.loop.call_later(self._max_seconds, self._expire)

    def lost(self, problem: StoreUnavailable) -> None:
        """The batch failed, and the transaction with it."""
        self._end(unavailable(problem))

    def _expire(self) -> None:
        self._abort(TransactionExpired(self._max_seconds))

    def _abort(self, problem: Exception) -> None:
        held = self._state is _State.HOLDS
        if self._state is not _State.ENDED:
            self._end(problem)
        if held and not self._is_in_worker:
            self._undo()

    def _undo(self) -> None:
        try:
            self._writer.view.undo("holder")
        except DISK_ERRORS as problem:
            self._writer.fail(unavailable(problem))
            return
        self._writer.release(None)

    def _end(self, problem: Exception | None = None) -> None:
        self._state = _State.ENDED
        self._problem = problem
        if self._timer is not None:
            self._timer.cancel()

    def _check(self) -> None:
        if self._is_in_worker:
            raise InvalidOperation("The transaction is in the middle of another operation.")
        if self._state is _State.ENDED:
            raise self._problem or InvalidOperation("The transaction has ended.")


def _aborted() -> OperationFailure:
    message = "The transaction was aborted by the error of one of its operations."
    return OperationFailure(
        message, NO_SUCH_TRANSACTION, {"code": NO_SUCH_TRANSACTION, "errmsg": message}
    )


class Session:
    """What `session=` takes: the place of at most one transaction at a time."""

    def __init__(self, writer: Writer):
        self._writer = writer
        self._transaction: Transaction | None = None
        self._has_ended = False

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction was started and not yet committed or aborted."""
        return self._transaction is not None

    @property
    def has_ended(self) -> bool:
        """Whether the session can no longer be used."""
        return self._has_ended

    @property
    def transaction(self) -> Transaction | None:
        """The open transaction, which operations with this session belong to."""
        if self._has_ended:
            raise InvalidOperation("Cannot use ended session")
        return self._transaction

    def start_transaction(self, *, max_seconds: float = MAX_SECONDS) -> "_TransactionContext":
        """Begin a transaction; the result is an async context manager, as in Motor.

        From its first operation it may hold the writer for `max_seconds`.
        """
        if self.transaction is not None:
            raise InvalidOperation("Transaction already in progress")
        self._transaction = Transaction(self._writer, max_seconds)
        return _TransactionContext(self)

    async def commit_transaction(self) -> None:
        """Make the transaction durable. Raises TransactionExpired, StoreUnavailable."""
        transaction, self._transaction = self.transaction, None
        if transaction is None:
            raise InvalidOperation("No transaction started")
        try:
            await transaction.commit()
        except BaseException:
            transaction.abort()
            raise

    async def abort_transaction(self) -> None:
        """Undo the transaction."""
        transaction, self._transaction = self.transaction, None
        if transaction is None:
            raise InvalidOperation("No transaction started")
        transaction.abort()

    async def with_transaction(self, callback: Callable[["Session"], Awaitable[T]]) -> T:
        """Run `callback(session)` in a transaction. It needs no retry: nothing conflicts."""
        async with self.start_transaction():
            return await callback(self)

    async def end_session(self) -> None:
        """End the session, and abort its transaction if one is open."""
        if self._transaction is not None:
            await self.abort_transaction()
        self._has_ended = True

    async def __aenter__(self) -> "Session":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.end_session()


class _TransactionContext:
    def __init__(self, session: Session):
        self._session = session

    async def __aenter__(self) -> "_TransactionContext":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._session.in_transaction:  # ended by hand, in the body
            return
        if error is None:
            await self._session.commit_transaction()
        else:
            await self._session.abort_transaction()


@asynccontextmanager
async def transaction(writer: Writer, max_seconds: float) -> AsyncIterator[Session]:
    """A session with an open transaction: all that is done with it happens, or none of it."""
    async with Session(writer) as session, session.start_transaction(max_seconds=max_seconds):
        yield session
