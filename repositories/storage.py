"""Which engine keeps the documents; the only module that imports a driver.

`--storage` is `embedded` (a file in the data directory), `memory` (the same
store, gone at the end) or `mongodb://...` (for several server processes).
"""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Protocol

from bson import ObjectId
from bson.codec_options import CodecOptions
from gridfs.errors import FileExists, NoFile
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorGridFSBucket
from pymongo import ReturnDocument, WriteConcern
from pymongo.errors import ConfigurationError, DuplicateKeyError, PyMongoError
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)
from pymongo.read_concern import ReadConcern

from repositories.embedded import CannotOpenStore, EmbeddedStore, Meter, Unwatched
from repositories.embedded.clock import Clock, utc_now
from repositories.errors import StorageUnavailable, raise_translated, translated
from repositories.types import Bucket, Collection, Document, Tx

_log = logging.getLogger("agora.storage")

TRANSACTION_MAX_SECONDS = 10
_CONNECT_SECONDS = 5.0
_CHUNK_BYTES = 255 * 1024
_READING_COMMANDS = frozenset({"find", "getMore", "aggregate", "count", "distinct"})
_WRITING_COMMANDS = frozenset(
    {"insert", "update", "delete", "findAndModify", "bulkWrite", "commitTransaction"}
)


class StorageRefused(Exception):
    """The storage can't be used as it is; the message says how to put that right."""


class Storage(Protocol):
    """What every engine offers to the repositories."""

    has_transactions: bool

    def __getitem__(self, name: str) -> Collection: ...
    def transaction(self) -> Any: ...
    def bucket(self, name: str) -> Bucket: ...
    async def take_numbers(self, sequence: str, count: int = 1, *, tx: Tx = None) -> int: ...
    async def lock(self, collection: str, document_id: Any, *, tx: Tx) -> Document | None: ...
    async def collection_names(self) -> list[str]: ...
    def watch(self, meter: Meter) -> None: ...
    def waiting_writes(self) -> int | None: ...
    async def expire(self) -> None: ...
    async def ping(self) -> None: ...
    async def close(self) -> None: ...


async def open_storage(
    url: str,
    data_dir: Path,
    *,
    allow_standalone: bool = False,
    observer: Any = None,
    clock: Clock = utc_now,
) -> Storage:
    """Open the engine that `url` names. The embedded one goes by `clock`; MongoDB has its own.

    Raises StorageRefused with what to do when it can't be used.
    """
    if url == "memory":
        return EmbeddedStorage(EmbeddedStore.in_memory(observer=observer, clock=clock))
    if url == "embedded":
        try:
            store = await EmbeddedStore.open(data_dir, observer=observer, clock=clock)
            return EmbeddedStorage(store)
        except CannotOpenStore as problem:
            raise StorageRefused(str(problem)) from problem
    return await MongoStorage.connect(url, allow_standalone=allow_standalone)


async def check_file(data_dir: Path) -> list[str]:
    """What is wrong with the file of the embedded engine: one sentence for each problem.

    Servers may be using it. Raises StorageRefused when there is none, or it is another's.
    """
    try:
        return await EmbeddedStore.check_file(data_dir)
    except CannotOpenStore as problem:
        raise StorageRefused(str(problem)) from problem


async def _take_numbers(numbers: Collection, sequence: str, count: int, tx: Tx) -> int:
    counted = await numbers.find_one_and_update(
        {"_id": sequence},
        {"$inc": {"last": count}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
        session=tx,
    )
    if counted is None:
        raise StorageUnavailable(f"The sequence {sequence} did not answer.")
    return int(counted["last"]) - count + 1


class EmbeddedStorage:
    """The embedded store, durable or in memory."""

    has_transactions = True

    def __init__(self, store: EmbeddedStore):
        self._store = store

    def __getitem__(self, name: str) -> Collection:
        return self._store[name]

    def transaction(self) -> AbstractAsyncContextManager[Tx]:
        """All that is done with the `tx` it gives happens, or none of it."""
        return _EmbeddedTransaction(self._store)

    def bucket(self, name: str) -> Bucket:
        """Files in GridFS layout."""
        return self._store.bucket(name)

    async def take_numbers(self, sequence: str, count: int = 1, *, tx: Tx = None) -> int:
        """The first of the next `count` of 1, 2, 3, ...; inside `tx` no number is lost."""
        return await _take_numbers(self["numbers"], sequence, count, tx)

    async def lock(self, collection: str, document_id: Any, *, tx: Tx) -> Document | None:
        """A document that no other transaction changes until `tx` ends: there is but one."""
        return await self[collection].find_one({"_id": document_id}, session=tx)

    async def collection_names(self) -> list[str]:
        """The names of the collections there are."""
        return await self._store.list_collection_names()

    def watch(self, meter: Meter) -> None:
        """Tell `meter` how long reading and committing take from now on."""
        self._store.watch(meter)

    def waiting_writes(self) -> int | None:
        """How many writes are not yet durable; None where that is not known."""
        return self._store.writer.waiting

    async def expire(self) -> None:
        """Delete what its TTL index says has expired."""
        await self._store.expire()

    async def ping(self) -> None:
        """Touch the storage; raises StorageUnavailable when it does not answer."""
        with translated():
            await self._store.ping()

    async def close(self) -> None:
        """Commit what is queued and let go of the files."""
        await self._store.close()


class _EmbeddedTransaction:
    """One transaction of the embedded store.

    A plain class: four nested context managers made of generators took 15 us.
    """

    def __init__(self, store: EmbeddedStore):
        self._store = store

    async def __aenter__(self) -> Tx:
        self._session = await self._store.start_session()
        self._session.start_transaction(max_seconds=TRANSACTION_MAX_SECONDS)
        return self._session

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            await self._session.abort_transaction()
            raise_translated(error)
            return
        try:
            await self._session.commit_transaction()
        except PyMongoError as problem:
            raise_translated(problem)
            raise


class MongoStorage:
    """MongoDB through Motor: nothing is kept in this process."""

    def __init__(
        self,
        client: Any,
        database: Any,
        command_times: "_CommandTimes",
        *,
        has_transactions: bool,
    ):
        self._client = client
        self._command_times = command_times
        self._database = database
        self.has_transactions = has_transactions

    @classmethod
    async def connect(cls, url: str, *, allow_standalone: bool) -> "MongoStorage":
        """Connect, and refuse a server without transactions unless told to accept it."""
        command_times = _CommandTimes()
        try:
            client: Any = AsyncIOMotorClient(
                url,
                serverSelectionTimeoutMS=int(_CONNECT_SECONDS * 1000),
                tz_aware=True,
                event_listeners=[command_times],
            )
        except (ConfigurationError, ValueError) as problem:
            raise StorageRefused(f"--storage: {problem}") from problem
        try:
            hello = await client.admin.command("hello")
        except PyMongoError as problem:
            client.close()
            # What follows says the same once more of every server, as Python shows objects.
            reason = str(problem).partition(" (configured timeouts")[0]
            raise StorageRefused(
                f"MongoDB can't be used at --storage. Start it, or correct the URL. ({reason})"
            ) from problem
        replicated = "setName" in hello or hello.get("msg") == "isdbgrid"
        if not replicated:
            _refuse_or_warn(client, allow_standalone)
        database = client.get_default_database(default="agora").with_options(
            codec_options=CodecOptions(tz_aware=True),
            # Said in code, not left to the URL: an answer means that a majority has it on disk.
            write_concern=WriteConcern(w="majority" if replicated else 1, j=replicated or None),
            read_concern=ReadConcern("majority") if replicated else ReadConcern(),
        )
        return cls(client, database, command_times, has_transactions=replicated)

    def __getitem__(self, name: str) -> Collection:
        return self._database[name]

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """A transaction where the server has them; on a standalone `tx` is None."""
        if not self.has_transactions:
            with translated():
                yield None
            return
        with translated():
            async with (
                await self._client.start_session() as session,
                session.start_transaction(
                    # Transactions take it from the URL otherwise, and not from the database.
                    write_concern=self._database.write_concern,
                    max_commit_time_ms=TRANSACTION_MAX_SECONDS * 1000,
                ),
            ):
                yield session

    def bucket(self, name: str) -> Bucket:
        """Files in GridFS."""
        reader = AsyncIOMotorGridFSBucket(self._database, bucket_name=name)
        return _MotorBucket(reader, self[f"{name}.files"], self[f"{name}.chunks"])

    async def take_numbers(
        self,
        sequence: str,
        count: int = 1,
        *,
        tx: Tx = None,  # noqa: ARG002 - the interface's; why it is not used, below
    ) -> int:
        """The first of the next `count` of 1, 2, 3, ... in `sequence`.

        Outside `tx`: inside, every transaction that needs a number would conflict
        with every other. A transaction that fails leaves a gap.
        """
        return await _take_numbers(self["numbers"], sequence, count, None)

    async def lock(self, collection: str, document_id: Any, *, tx: Tx) -> Document | None:
        """A document that no other transaction changes until `tx` ends, if there are any.

        Reading does not hold it: MongoDB's transactions conflict over writes only.
        """
        documents = self[collection]
        if tx is None:
            return await documents.find_one({"_id": document_id})
        return await documents.find_one_and_update(
            {"_id": document_id}, {"$set": {"lock": ObjectId()}}, session=tx
        )

    async def collection_names(self) -> list[str]:
        """The names of the collections there are, without those of the server itself."""
        names = await self._database.list_collection_names()
        return sorted(name for name in names if not name.startswith("system."))

    def watch(self, meter: Meter) -> None:
        """Tell `meter` how long reading and writing take from now on."""
        self._command_times.meter = meter

    def waiting_writes(self) -> int | None:
        """None: what waits, waits at MongoDB."""
        return None

    async def expire(self) -> None:
        """MongoDB deletes what has expired by itself."""

    async def ping(self) -> None:
        """Touch the storage; raises StorageUnavailable when it does not answer."""
        try:
            await self._client.admin.command("ping")
        except PyMongoError as problem:
            raise StorageUnavailable(str(problem)) from problem

    async def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


def _refuse_or_warn(client: Any, allow_standalone: bool) -> None:
    if not allow_standalone:
        client.close()
        raise StorageRefused(
            "This MongoDB is a standalone server, and Agora needs transactions, which need a "
            "replica set. One server is enough for one: start mongod with --replSet rs0, run "
            "rs.initiate() once in mongosh, and add ?replicaSet=rs0 to --storage. "
            "--allow-standalone accepts the server as it is, without transactions."
        )
    _log.warning(
        "MongoDB without a replica set may lose what it acknowledged last when it is killed, and "
        "has no transactions: what takes several documents (an order with its stock and its key, "
        "a post with its pictures, deleting an account, a code with its SMS) may be half done "
        "after a crash. The promises P1, P2, P4, P5, P6 and P11 of docs/reliability.md do not hold."
    )


class _CommandTimes(CommandListener):
    """Tells a meter what PyMongo tells of each command, in Motor's threads."""

    def __init__(self) -> None:
        self.meter: Meter = Unwatched()
        self._one_at_a_time = Lock()

    def started(self, event: CommandStartedEvent) -> None:
        """What is only begun tells nothing."""

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """It was answered."""
        self._tell(event)

    def failed(self, event: CommandFailedEvent) -> None:
        """It was refused, which takes its time as well."""
        self._tell(event)

    def _tell(self, event: CommandSucceededEvent | CommandFailedEvent) -> None:
        seconds = event.duration_micros / 1_000_000
        with self._one_at_a_time:
            if event.command_name in _READING_COMMANDS:
                self.meter.read(seconds)
            elif event.command_name in _WRITING_COMMANDS:
                self.meter.written(seconds, None)


class _MotorBucket:
    """Files in GridFS: read by the driver's bucket, written and deleted as the documents they are.

    In a transaction the driver refuses to write or delete files; the server does not, and
    pictures are kept in the transaction of what shows them. Source: MongoDB specifications,
    "GridFS Spec", as in `embedded/gridfs.py`.
    """

    def __init__(self, bucket: Any, files: Collection, chunks: Collection):
        self._bucket = bucket
        self._files = files
        self._chunks = chunks

    async def upload_from_stream_with_id(
        self,
        file_id: ObjectId,
        filename: str,
        source: bytes,
        *,
        metadata: Mapping[str, Any] | None = None,
        session: Tx = None,
    ) -> None:
        starts = range(0, len(source), _CHUNK_BYTES)
        pieces = [source[start : start + _CHUNK_BYTES] for start in starts]
        file = {
            "_id": file_id,
            "filename": filename,
            "metadata": dict(metadata or {}),
            "chunkSize": _CHUNK_BYTES,
            "length": len(source),
            "uploadDate": utc_now(),
        }
        try:
            for n, data in enumerate(pieces):
                chunk = {"_id": ObjectId(), "files_id": file_id, "n": n, "data": data}
                await self._chunks.insert_one(chunk, session=session)
            # Last: where a file is, all of it is.
            await self._files.insert_one(file, session=session)
        except DuplicateKeyError as problem:
            raise FileExists(f"the _id of the file is taken: {problem}") from problem

    async def open_download_stream(self, file_id: ObjectId, *, session: Tx = None) -> Any:
        return await self._bucket.open_download_stream(file_id, session=session)

    async def delete(self, file_id: ObjectId, *, session: Tx = None) -> None:
        deleted = await self._files.delete_one({"_id": file_id}, session=session)
        await self._chunks.delete_many({"files_id": file_id}, session=session)
        if not deleted.deleted_count:
            raise NoFile(f"there is no file {file_id}")
