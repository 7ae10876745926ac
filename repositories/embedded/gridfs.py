"""Files in MongoDB's GridFS layout, read and written piece by piece.

Source: MongoDB specifications, "GridFS Spec": `NAME.files` has a document for each file,
`NAME.chunks` its content in pieces of `chunkSize`, numbered from 0.
"""

import inspect
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bson.objectid import ObjectId
from gridfs.errors import FileExists, NoFile
from pymongo.errors import DuplicateKeyError

from repositories.embedded import administration, writing
from repositories.embedded.gridfiles import (
    CHUNK_BYTES,
    GATHERED_BYTES,
    GridIn,
    GridOut,
    GridOutCursor,
)
from repositories.embedded.indexes import definition_of
from repositories.embedded.reading import Query
from repositories.embedded.session import Session
from repositories.embedded.view import WriteView

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
    ) -> GridIn:
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
    ) -> GridIn:
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
            while data := await _read(source, GATHERED_BYTES):
                await stream.write(data)

    async def open_download_stream(
        self, file_id: Any, *, session: Session | None = None
    ) -> GridOut:
        """A file to read from. Raises NoFile."""
        description = await self.files.find_one({"_id": file_id}, session=session)
        if description is None:
            raise NoFile(f"no file in gridfs collection {self.files.name} with _id {file_id!r}")
        return GridOut(self, description, session)

    async def open_download_stream_by_name(
        self, filename: str, revision: int = -1, *, session: Session | None = None
    ) -> GridOut:
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
    ) -> GridOutCursor:
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
                administration.create_indexes(view, collection, [definition_of(keys, options)])

    async def drop_chunks(self, file_id: Any, session: Session | None) -> None:
        """Delete the chunks of a file that will not be finished."""
        await self.chunks.delete_many({"files_id": file_id}, session=session)

    def now(self) -> datetime:
        """The date of an upload."""
        return self._store.clock()


async def _read(source: Any, size: int) -> bytes:
    data = source.read(size)
    return await data if inspect.isawaitable(data) else data
