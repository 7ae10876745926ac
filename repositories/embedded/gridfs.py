"""Files in MongoDB's GridFS layout, read and written piece by piece.

Source: MongoDB specifications, "GridFS Spec": `NAME.files` has a document for each file,
`NAME.chunks` its content in pieces of `chunkSize`, numbered from 0.
"""

import inspect
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Final

from bson.binary import Binary
from bson.objectid import ObjectId
from gridfs.errors import CorruptGridFile, FileExists, NoFile
from pymongo.errors import DuplicateKeyError, PyMongoError

from repositories.embedded import administration, writing
from repositories.embedded.cursor import Cursor
from repositories.embedded.indexes import definition_of
from repositories.embedded.reading import Query
from repositories.embedded.session import Session
from repositories.embedded.view import WriteView

CHUNK_BYTES: Final = 255 * 1024
#: Content that is gathered before it is written: few commits, and little memory.
_GATHERED_BYTES: Final = 4 * CHUNK_BYTES
#: Content from which on the worker writes it, so that the loop is not held.
_HEAVY_BYTES: Final = 64 * 1024
_FILES_KEYS: Final = [("filename", 1), ("uploadDate", 1)]
_CHUNKS_KEYS: Final = [("files_id", 1), ("n", 1)]


class GridFSBucket:
    """A named set of files; the methods are those of Motor's bucket."""

    def __init__(self, store: Any, name: str, chunk_size_bytes: int = CHUNK_BYTES):
        self._store = store
        self.files = store[f"{name}.files"]
        self.chunks = store[f"{name}.chunks"]
        self.chunk_size_bytes = chunk_size_bytes

    def open_upload_stream(
        self,
        filename: str,
        chunk_size_bytes: int | None = None,
        metadata: Mapping[str, Any] | None = None,
        *,
        session: Session | None = None,
    ) -> "GridIn":
        """A file to write to, which is there once it is closed."""
        return self.open_upload_stream_with_id(
            ObjectId(), filename, chunk_size_bytes, metadata, session=session
        )

    def open_upload_stream_with_id(
        self,
        file_id: Any,
        filename: str,
        chunk_size_bytes: int | None = None,
        metadata: Mapping[str, Any] | None = None,
        *,
        session: Session | None = None,
    ) -> "GridIn":
        """Like `open_upload_stream`, with an `_id` of the caller's choice."""
        description: dict[str, Any] = {"_id": file_id, "filename": filename}
        if metadata is not None:
            description["metadata"] = dict(metadata)
        description["chunkSize"] = chunk_size_bytes or self.chunk_size_bytes
        return GridIn(self, description, session)

    async def upload_from_stream(
        self,
        filename: str,
        source: Any,
        chunk_size_bytes: int | None = None,
        metadata: Mapping[str, Any] | None = None,
        *,
        session: Session | None = None,
    ) -> ObjectId:
        """Keep the content of `source`, bytes or something to `read(size)`; the file's `_id`."""
        file_id = ObjectId()
        await self.upload_from_stream_with_id(
            file_id, filename, source, chunk_size_bytes, metadata, session=session
        )
        return file_id

    async def upload_from_stream_with_id(
        self,
        file_id: Any,
        filename: str,
        source: Any,
        chunk_size_bytes: int | None = None,
        metadata: Mapping[str, Any] | None = None,
        *,
        session: Session | None = None,
    ) -> None:
        """Like `upload_from_stream`, with an `_id` of the caller's choice."""
        stream = self.open_upload_stream_with_id(
            file_id, filename, chunk_size_bytes, metadata, session=session
        )
        async with stream:
            if isinstance(source, (bytes, bytearray, memoryview)):
                # Content that is in memory as a whole is written as a whole, by one commit.
                stream.gather(source)
                return
            while data := await _read(source, _GATHERED_BYTES):
                await stream.write(data)

    async def open_download_stream(
        self, file_id: Any, *, session: Session | None = None
    ) -> "GridOut":
        """A file to read from. Raises NoFile."""
        description = await self.files.find_one({"_id": file_id}, session=session)
        if description is None:
            raise NoFile(f"no file in gridfs collection {self.files.name} with _id {file_id!r}")
        return GridOut(self, description, session)

    async def open_download_stream_by_name(
        self, filename: str, revision: int = -1, *, session: Session | None = None
    ) -> "GridOut":
        """The `revision`th file of this name, -1 being the latest. Raises NoFile."""
        direction, skip = (-1, -revision - 1) if revision < 0 else (1, revision)
        description = await self.files.find_one(
            {"filename": filename}, sort=[("uploadDate", direction)], skip=skip, session=session
        )
        if description is None:
            raise NoFile(f"no version {revision} for filename {filename!r}")
        return GridOut(self, description, session)

    async def download_to_stream(
        self, file_id: Any, destination: Any, *, session: Session | None = None
    ) -> None:
        """Write the content of a file to `destination`. Raises NoFile."""
        stream = await self.open_download_stream(file_id, session=session)
        while data := await stream.readchunk():
            written = destination.write(data)
            if inspect.isawaitable(written):
                await written

    async def delete(self, file_id: Any, *, session: Session | None = None) -> None:
        """Delete a file with its chunks. Raises NoFile."""
        deleted = await self.files._write(
            lambda view: self._delete(view, file_id), session, heavy=True
        )
        if not deleted:
            raise NoFile(f"no file in gridfs collection {self.files.name} with _id {file_id!r}")

    def _delete(self, view: WriteView, file_id: Any) -> bool:
        deleted = writing.delete_one(view, Query(self.files.name, "delete_one", {"_id": file_id}))
        writing.delete_many(view, Query(self.chunks.name, "delete_many", {"files_id": file_id}))
        return deleted is not None

    async def rename(
        self, file_id: Any, new_filename: str, *, session: Session | None = None
    ) -> None:
        """Give a file another name. Raises NoFile."""
        result = await self.files.update_one(
            {"_id": file_id}, {"$set": {"filename": new_filename}}, session=session
        )
        if not result.matched_count:
            raise NoFile(f"no file in gridfs collection {self.files.name} with _id {file_id!r}")

    def find(
        self,
        filter: Mapping[str, Any] | None = None,
        *,
        skip: int = 0,
        limit: int = 0,
        sort: Any = None,
        session: Session | None = None,
    ) -> "GridOutCursor":
        """The files that match, each to read from."""
        cursor = self.files.find(filter, skip=skip, limit=limit, sort=sort, session=session)
        return GridOutCursor(self, cursor, session)

    async def write_chunks(
        self,
        chunks: list[dict[str, Any]],
        description: dict[str, Any] | None,
        session: Session | None,
    ) -> None:
        """Keep chunks, and the file's document once it is whole. Raises FileExists."""
        content = sum(len(chunk["data"]) for chunk in chunks)

        def operation(view: WriteView) -> None:
            self._ensure_indexes(view)
            for chunk in chunks:
                writing.insert(view, self.chunks.name, chunk)
            if description is not None:
                writing.insert(view, self.files.name, description)

        try:
            await self.files._write(operation, session, heavy=content > _HEAVY_BYTES)
        except DuplicateKeyError as problem:
            pattern = (problem.details or {}).get("keyPattern") or {}
            if set(pattern) & {"_id", "files_id"}:
                raise FileExists(f"the _id of the file is taken: {problem}") from problem
            raise

    def _ensure_indexes(self, view: WriteView) -> None:
        for collection, keys, options in (
            (self.files.name, _FILES_KEYS, {}),
            (self.chunks.name, _CHUNKS_KEYS, {"unique": True}),
        ):
            entry = view.catalog.ensure_collection(collection)
            if not any(index.fields == tuple(keys) for index in entry.indexes):
                administration.create_index(view, collection, definition_of(keys, options))

    async def drop_chunks(self, file_id: Any, session: Session | None) -> None:
        """Delete the chunks of a file that will not be finished."""
        await self.chunks.delete_many({"files_id": file_id}, session=session)

    def now(self) -> datetime:
        """The date of an upload."""
        return self._store.clock()


async def _read(source: Any, size: int) -> bytes:
    data = source.read(size)
    return await data if inspect.isawaitable(data) else data


class GridIn:
    """A file being written. It is there, whole, once `close` has returned."""

    def __init__(self, bucket: GridFSBucket, description: dict[str, Any], session: Session | None):
        self._bucket = bucket
        self._description = description
        self._session = session
        self._buffer = bytearray()
        self._written = 0
        self._next_chunk = 0
        self.closed = False

    @property
    def _id(self) -> Any:
        return self._description["_id"]

    @property
    def filename(self) -> str:
        """The name of the file."""
        return self._description["filename"]

    @property
    def length(self) -> int:
        """Bytes so far."""
        return self._written + len(self._buffer)

    def gather(self, data: Any) -> None:
        """Take content in, without writing any yet."""
        if self.closed:
            raise ValueError("cannot write to a closed file")
        self._buffer += data

    async def write(self, data: bytes) -> None:
        """Add content."""
        self.gather(data)
        if len(self._buffer) >= _GATHERED_BYTES:
            await self._flush(None)

    async def close(self) -> None:
        """Write what is left, and the file's document. Raises FileExists."""
        if self.closed:
            return
        self.closed = True
        description = {
            **self._description,
            "length": self.length,
            "uploadDate": self._bucket.now(),
        }
        await self._flush(description)

    async def abort(self) -> None:
        """Give the file up, and delete what was written of it."""
        self.closed = True
        # Only what is surely its own: under an `_id` that was taken nothing was written.
        if self._written:
            await self._bucket.drop_chunks(self._id, self._session)

    async def _flush(self, description: dict[str, Any] | None) -> None:
        size = self._description["chunkSize"]
        # All of it at the end; else whole chunks only.
        usable = len(self._buffer) if description else len(self._buffer) // size * size
        chunks = []
        for start in range(0, usable, size):
            data = Binary(bytes(self._buffer[start : min(start + size, usable)]))
            chunks.append(
                {"_id": ObjectId(), "files_id": self._id, "n": self._next_chunk, "data": data}
            )
            self._next_chunk += 1
        del self._buffer[:usable]
        await self._bucket.write_chunks(chunks, description, self._session)
        self._written += usable

    async def __aenter__(self) -> "GridIn":
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            await self.abort()
            return
        try:
            await self.close()
        except PyMongoError:
            await self.abort()
            raise


class GridOut:
    """A file being read: `read`, `readchunk`, or `async for` over its chunks."""

    def __init__(self, bucket: GridFSBucket, description: dict[str, Any], session: Session | None):
        self._bucket = bucket
        self._description = description
        self._session = session
        self._position = 0
        self._buffer = b""

    @property
    def _id(self) -> Any:
        return self._description["_id"]

    @property
    def filename(self) -> str | None:
        """The name of the file."""
        return self._description.get("filename")

    @property
    def length(self) -> int:
        """Bytes in all."""
        return int(self._description["length"])

    @property
    def chunk_size(self) -> int:
        """Bytes of each chunk but the last."""
        return int(self._description["chunkSize"])

    @property
    def upload_date(self) -> datetime:
        """When the upload was finished."""
        return self._description["uploadDate"]

    @property
    def metadata(self) -> Mapping[str, Any] | None:
        """What the uploader said of the file."""
        return self._description.get("metadata")

    def tell(self) -> int:
        """The position of the next byte."""
        return self._position

    async def readchunk(self) -> bytes:
        """The rest of the chunk at the position; empty at the end. Raises CorruptGridFile."""
        if self._buffer:
            data, self._buffer = self._buffer, b""
        elif self._position >= self.length:
            return b""
        else:
            data = await self._fetch()
        self._position += len(data)
        return data

    async def read(self, size: int = -1) -> bytes:
        """The next `size` bytes, or all that are left. Raises CorruptGridFile."""
        wanted = self.length - self._position
        if size >= 0:
            wanted = min(size, wanted)
        parts: list[bytes] = []
        while wanted > 0:
            data = await self.readchunk()
            if len(data) > wanted:
                data, self._buffer = data[:wanted], data[wanted:]
                self._position -= len(self._buffer)
            parts.append(data)
            wanted -= len(data)
        return b"".join(parts)

    async def _fetch(self) -> bytes:
        number, offset = divmod(self._position, self.chunk_size)
        chunk = await self._bucket.chunks.find_one(
            {"files_id": self._id, "n": number}, session=self._session
        )
        wanted = min(self.chunk_size, self.length - number * self.chunk_size)
        if chunk is None or len(chunk["data"]) != wanted:
            raise CorruptGridFile(f"chunk #{number} of the file {self._id!r} is missing or cut")
        return bytes(chunk["data"][offset:])

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        data = await self.readchunk()
        if not data:
            raise StopAsyncIteration
        return data

    async def close(self) -> None:
        """Nothing is held open."""

    async def __aenter__(self) -> "GridOut":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class GridOutCursor:
    """The files that a `find` of a bucket leads to."""

    def __init__(self, bucket: GridFSBucket, cursor: Cursor, session: Session | None):
        self._bucket = bucket
        self._cursor = cursor
        self._session = session

    def sort(self, keys: Any, direction: int | None = None) -> "GridOutCursor":
        """Order by a field and direction, or by a list of such pairs."""
        self._cursor.sort(keys, direction)
        return self

    def skip(self, skip: int) -> "GridOutCursor":
        """Leave out the first `skip` files."""
        self._cursor.skip(skip)
        return self

    def limit(self, limit: int) -> "GridOutCursor":
        """At most `limit` files; 0 means all."""
        self._cursor.limit(limit)
        return self

    async def to_list(self, length: int | None = None) -> list[GridOut]:
        """The files that are left, or the next `length` of them."""
        return [
            GridOut(self._bucket, description, self._session)
            for description in await self._cursor.to_list(length)
        ]

    def __aiter__(self) -> AsyncIterator[GridOut]:
        return self

    async def __anext__(self) -> GridOut:
        return GridOut(self._bucket, await self._cursor.next(), self._session)
