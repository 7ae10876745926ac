"""The embedded store: collections of documents in one SQLite file."""

import asyncio
import shutil
from contextlib import AbstractAsyncContextManager, suppress
from datetime import datetime
from pathlib import Path

from pymongo.errors import InvalidOperation

from repositories.embedded import checking, expiry, memory
from repositories.embedded.clock import Clock, utc_now
from repositories.embedded.collection import Collection
from repositories.embedded.errors import CannotOpenStore, CorruptStore, unavailable
from repositories.embedded.gridfs import GridFSBucket
from repositories.embedded.meter import Meter
from repositories.embedded.opening import FILE_NAME, Location, explained, prepare
from repositories.embedded.plan import Observer
from repositories.embedded.session import MAX_SECONDS, Session, transaction
from repositories.embedded.view import DISK_ERRORS, ReadView, View
from repositories.embedded.writer import Writer


class EmbeddedStore:
    """Collections by name, with transactions, buckets and housekeeping.

    It belongs to the event loop it was opened on. `observer(collection, operation, plan)` is
    called for every query that is planned. `clock` is what `$currentDate` and `expire` go by.
    """

    def __init__(
        self, location: Location, *, clock: Clock = utc_now, observer: Observer | None = None
    ):
        prepare(location)
        self._location = location
        self._collections: dict[str, Collection] = {}
        self._is_closed = False
        self.clock = clock
        self.observer = observer
        with explained(location.path):
            self.reader: View = ReadView(location)
            try:
                self.writer = Writer(asyncio.get_running_loop(), location)
            except BaseException:
                self.reader.close()
                raise
        self.writer.on_commit = self._learn

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        durable: bool = True,
        clock: Clock = utc_now,
        observer: Observer | None = None,
        vfs: str | None = None,
    ) -> "EmbeddedStore":
        """Open the store in the data directory `path`, making it if there is none.

        Without `durable` nothing waits for the disk: a power cut loses what was written, and
        may damage the file. `vfs` names an apsw VFS to go through.
        Raises a CannotOpenStore that says what to do; the file is then as it was.
        """
        synchronous = "FULL" if durable else "OFF"
        location = Location(Path(path) / FILE_NAME, synchronous, vfs)
        return cls(location, clock=clock, observer=observer)

    @staticmethod
    async def check_file(path: Path) -> list[str]:
        """Like `check`, of a store in the data directory `path` that need not open.

        Raises a CannotOpenStore when there is none, or it is none of ours.
        """
        location = Location(Path(path) / FILE_NAME)
        if not location.path.exists():
            raise CannotOpenStore(f"There is no store in {path}. Name the server's --data-dir.")
        try:
            prepare(location)
        except CorruptStore as problem:
            return await checking.check_beside_loop(location) or [str(problem)]
        return await checking.check_beside_loop(location)

    @classmethod
    def in_memory(
        cls,
        *,
        clock: Clock = utc_now,
        observer: Observer | None = None,
        like: Path | None = None,
    ) -> "EmbeddedStore":
        """A store that ends with the process: the same one, on files that it removes.

        With `like` it begins as a copy of the store in that data directory, which nobody
        has open.

        Not SQLite's own memory databases: connections to one of those share its state, so a
        reader would wait for the writer or see what is not committed.
        """
        directory = memory.make_directory()
        if like is not None:
            shutil.copy(like / FILE_NAME, directory / FILE_NAME)
        store = cls(Location(directory / FILE_NAME, "OFF"), clock=clock, observer=observer)
        store._directory = directory
        return store

    _directory: Path | None = None

    @property
    def path(self) -> Path:
        """The file of the store."""
        return self._location.path

    def __getitem__(self, name: str) -> Collection:
        collection = self._collections.get(name)
        if collection is None:
            collection = self._collections[name] = Collection(self, name)
        return collection

    def __getattr__(self, name: str) -> Collection:
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]

    def bucket(self, name: str = "fs") -> GridFSBucket:
        """Files in GridFS layout, in the collections `NAME.files` and `NAME.chunks`."""
        return GridFSBucket(self, name)

    async def start_session(self) -> Session:
        """A session, for transactions."""
        self.refuse_if_closed()
        return Session(self.writer)

    def transaction(
        self, *, max_seconds: float = MAX_SECONDS
    ) -> AbstractAsyncContextManager[Session]:
        """A transaction: all that is done with its session happens, or none of it.

        It ends by itself, undone, `max_seconds` after its first operation.
        """
        return transaction(self.writer, max_seconds)

    async def list_collection_names(self) -> list[str]:
        """The names of the collections there are."""
        self.refuse_if_closed()
        self.reader.catalog.refresh()
        return sorted(self.reader.catalog.collections)

    def watch(self, meter: Meter) -> None:
        """Tell `meter`, on the event loop, how long reading and committing take from now on."""
        self.writer.meter = meter

    async def ping(self) -> None:
        """Touch the file and the writer. Raises StoreUnavailable."""
        self.refuse_if_closed()
        try:
            self.reader.connection.execute("SELECT 1 FROM collections LIMIT 1").fetchall()
        except DISK_ERRORS as problem:
            raise unavailable(problem) from problem

    async def expire(self, now: datetime | None = None) -> int:
        """Delete what TTL indexes say has expired by `now`; how many documents that were."""
        return await expiry.expire(self, now or self.clock())

    async def check(self) -> list[str]:
        """Look for damage; one sentence for each problem. Others may write meanwhile."""
        self.refuse_if_closed()
        return await checking.check_beside_loop(self._location)

    async def close(self) -> None:
        """Commit what is queued, and let go of files and threads. Twice does no harm."""
        if self._is_closed:
            return
        self._is_closed = True
        # The last to let go copies the WAL into the file: that should be the writer's thread.
        self.reader.close()
        await self.writer.close()
        if self._directory is not None:
            memory.remove_directory(self._directory)

    def refuse_if_closed(self) -> None:
        """Raise InvalidOperation after `close`."""
        if self._is_closed:
            raise InvalidOperation("Cannot use EmbeddedStore after close")

    def committed(self) -> View:
        """What is committed: where queries read that belong to no transaction."""
        self.refuse_if_closed()
        return self.reader

    def _learn(self) -> None:
        if self._is_closed or self.writer.view.catalog.version == self.reader.catalog.version:
            return
        with suppress(*DISK_ERRORS):  # a query that meets an outdated plan tries again itself
            self.reader.catalog.refresh()
