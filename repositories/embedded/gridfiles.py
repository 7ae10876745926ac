"""One file of a bucket, being written or being read."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from bson.binary import Binary
from bson.objectid import ObjectId
from gridfs.errors import CorruptGridFile
from pymongo.errors import PyMongoError

from repositories.embedded.collection import Collection
from repositories.embedded.cursor import Cursor
from repositories.embedded.session import Session

CHUNK_BYTES: Final = 255 * 1024
#: Content that is gathered before it is written: few commits, and little memory.
GATHERED_BYTES: Final = 4 * CHUNK_BYTES


class Bucket(Protocol):
    """What a file needs of its bucket."""

    chunks: Collection

    async def write_chunks(
        self,
        chunks: list[dict[str, Any]],
        description: dict[str, Any] | None,
        session: Session | None,
    ) -> None: ...
    async def drop_chunks(self, file_id: Any, session: Session | None) -> None: ...
    def now(self) -> datetime: ...


class GridIn:
    """A file being written. It is there, whole, once `close` has returned."""

    def __init__(self, bucket: Bucket, description: dict[str, Any], session: Session | None):
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
        if len(self._buffer) >= GATHERED_BYTES:
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

    def __init__(self, bucket: Bucket, description: dict[str, Any], session: Session | None):
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

    def __init__(self, bucket: Bucket, cursor: Cursor, session: Session | None):
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
