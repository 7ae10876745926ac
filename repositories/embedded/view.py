"""A connection together with the catalog that it sees: what queries and writes are run on."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

import apsw

from repositories.embedded.catalog import Catalog
from repositories.embedded.errors import StoreUnavailable, unavailable
from repositories.embedded.opening import Location, connect_reader, connect_writer

T = TypeVar("T")

#: About 2 ms of reading.
_MOST_ROWS_ON_LOOP: Final = 1000

#: What SQLite reports when the disk or the file fails, rather than a statement.
DISK_ERRORS: Final = (
    apsw.FullError,
    apsw.IOError,
    apsw.ReadOnlyError,
    apsw.CantOpenError,
    apsw.CorruptError,
    apsw.NotADBError,
    apsw.NoMemError,
    apsw.BusyError,
    apsw.LockedError,
    apsw.ProtocolError,
    apsw.InterruptError,
)


class TooHeavy(Exception):
    """An operation has more to do than the event loop can bear; the worker is to run it."""


class View:
    """What one connection sees."""

    def __init__(self, connection: apsw.Connection):
        self.connection = connection
        #: For statements that are read to their end at once: making a cursor for each costs.
        self.cursor = connection.cursor()
        self.catalog = Catalog(connection)
        self.catalog.refresh()

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()


class ReadView(View):
    """The last committed state, each statement by itself."""

    def __init__(self, location: Location):
        super().__init__(connect_reader(location))


class WriteView(View):
    """The state with what the open batch has written; only the writer uses it."""

    def __init__(self, location: Location):
        super().__init__(connect_writer(location))
        self._location = location
        self._is_broken = False
        self.is_closing = False
        #: Rows that the running operation may still read on the loop; None in the worker.
        self._rows_left: int | None = None

    def begin(self) -> None:
        """Begin a batch; raises at once when another process writes."""
        if self._is_broken:
            raise StoreUnavailable("The connection is being made anew.")
        self.connection.execute("BEGIN IMMEDIATE")
        self.catalog.refresh()

    def begin_patiently(self, seconds: float) -> None:
        """Begin a batch, waiting so long for another process, and making the connection anew
        if it failed; only in the worker."""
        try:
            if self._is_broken:
                View.__init__(self, connect_writer(self._location))
                self._is_broken = False
            until = time.monotonic() + seconds
            self.connection.set_busy_handler(lambda _: self._wait(until))
            try:
                self.begin()
            finally:
                self.connection.set_busy_handler(None)
        except apsw.BusyError:
            raise
        except apsw.Error as problem:
            self.abandon()
            raise unavailable(problem) from problem

    def _wait(self, until: float) -> bool:
        time.sleep(0.002)
        return time.monotonic() < until and not self.is_closing

    def spend(self, rows: int) -> None:
        """Count rows that the running operation has read; raises TooHeavy on the loop."""
        if self._rows_left is not None:
            self._rows_left -= rows
            if self._rows_left < 0:
                raise TooHeavy

    def run(self, operation: Callable[["WriteView"], T], *, on_loop: bool) -> T:
        """Run `operation`, with a limit to its work on the loop."""
        self._rows_left = _MOST_ROWS_ON_LOOP if on_loop else None
        return operation(self)

    def attempt(
        self, operation: Callable[["WriteView"], T], *, on_loop: bool
    ) -> tuple[T | None, Exception | None]:
        """Run `operation`, or undo it and answer its error.

        Raises StoreUnavailable when the disk failed, and with it the whole batch.
        """
        try:
            self.connection.execute("SAVEPOINT operation")
            try:
                result = self.run(operation, on_loop=on_loop)
            except DISK_ERRORS:
                raise
            except Exception as problem:
                self.undo("operation")
                return None, problem
            except BaseException:
                self.undo("operation")
                raise
            self.connection.execute("RELEASE operation")
        except DISK_ERRORS as problem:
            self.abandon()
            raise unavailable(problem) from problem
        return result, None

    def undo(self, savepoint: str) -> None:
        """Take back everything since `savepoint`."""
        self.connection.execute(f"ROLLBACK TO {savepoint}")
        self.connection.execute(f"RELEASE {savepoint}")
        self.catalog.refresh()

    def commit(self) -> None:
        """Make the batch durable; raises StoreUnavailable when that failed."""
        try:
            self.connection.execute("COMMIT")
        except apsw.Error as problem:
            self.abandon()
            raise unavailable(problem) from problem

    def abandon(self) -> None:
        """Give up the batch and the connection: after a failed sync, what the system still
        holds of the file cannot be trusted to reach the disk."""
        self._is_broken = True
        self.connection.close(True)
