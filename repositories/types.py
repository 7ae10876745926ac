"""The shape of the storage that repositories speak to: the part of Motor's interface they use.

Every engine (`repositories/storage.py`) offers it, so that one setting picks
the engine and no repository knows which one it has.
"""

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from bson import CodecOptions, ObjectId

Document = dict[str, Any]
Filter = Mapping[str, Any]
Sort = Sequence[tuple[str, int]]
Tx = Any
"""An open transaction of the engine at hand; repositories only pass it on as `session=`."""

SHOWN_ONLY: CodecOptions[Document] = CodecOptions(tz_aware=False)
"""For reading lists that are only shown (`Collection.with_options`): their dates, in UTC, have
no time zone. Giving each its own is half of what decoding a small document costs."""


class Cursor(Protocol):
    """The documents a `find` leads to; nothing is read before it is asked for."""

    def sort(self, keys: Any, direction: int | None = None) -> "Cursor": ...
    def skip(self, skip: int) -> "Cursor": ...
    def limit(self, limit: int) -> "Cursor": ...
    def to_list(self, length: int | None) -> Awaitable[list[Document]]: ...
    def __aiter__(self) -> AsyncIterator[Document]: ...


class Collection(Protocol):
    """A named set of documents."""

    def with_options(self, codec_options: CodecOptions[Document]) -> "Collection": ...
    def find_one(
        self,
        filter: Filter | None = None,
        projection: Any = None,
        *,
        sort: Sort | None = None,
        session: Tx = None,
    ) -> Awaitable[Document | None]: ...
    def find(
        self,
        filter: Filter | None = None,
        projection: Any = None,
        *,
        session: Tx = None,
    ) -> Cursor: ...
    def insert_one(self, document: Document, *, session: Tx = None) -> Awaitable[Any]: ...
    def insert_many(
        self, documents: Sequence[Document], *, ordered: bool = True, session: Tx = None
    ) -> Awaitable[Any]: ...
    def update_one(
        self,
        filter: Filter,
        update: Mapping[str, Any],
        *,
        upsert: bool = False,
        session: Tx = None,
    ) -> Awaitable[Any]: ...
    def update_many(
        self,
        filter: Filter,
        update: Mapping[str, Any],
        *,
        session: Tx = None,
    ) -> Awaitable[Any]: ...
    def find_one_and_update(
        self,
        filter: Filter,
        update: Mapping[str, Any],
        *,
        projection: Any = None,
        sort: Sort | None = None,
        upsert: bool = False,
        return_document: bool = False,
        session: Tx = None,
    ) -> Awaitable[Document | None]: ...
    def find_one_and_delete(
        self,
        filter: Filter,
        *,
        projection: Any = None,
        sort: Sort | None = None,
        session: Tx = None,
    ) -> Awaitable[Document | None]: ...
    def delete_one(self, filter: Filter, *, session: Tx = None) -> Awaitable[Any]: ...
    def delete_many(self, filter: Filter, *, session: Tx = None) -> Awaitable[Any]: ...
    def bulk_write(
        self, requests: Sequence[Any], *, ordered: bool = True, session: Tx = None
    ) -> Awaitable[Any]: ...
    def count_documents(self, filter: Filter, *, session: Tx = None) -> Awaitable[int]: ...
    def distinct(
        self,
        key: str,
        filter: Filter | None = None,
        *,
        session: Tx = None,
    ) -> Awaitable[list[Any]]: ...
    def create_indexes(self, indexes: Sequence[Any]) -> Awaitable[list[str]]: ...


class Download(Protocol):
    """An open file of a bucket, read piece by piece."""

    @property
    def _id(self) -> ObjectId: ...
    @property
    def length(self) -> int: ...
    @property
    def metadata(self) -> Mapping[str, Any] | None: ...
    def readchunk(self) -> Awaitable[bytes]: ...
    def read(self, size: int = -1) -> Awaitable[bytes]: ...


class Bucket(Protocol):
    """Files in GridFS layout."""

    def upload_from_stream_with_id(
        self,
        file_id: ObjectId,
        filename: str,
        source: bytes,
        *,
        metadata: Mapping[str, Any] | None = None,
        session: Tx = None,
    ) -> Awaitable[None]: ...
    def open_download_stream(
        self, file_id: ObjectId, *, session: Tx = None
    ) -> Awaitable[Download]: ...
    def delete(self, file_id: ObjectId, *, session: Tx = None) -> Awaitable[None]: ...


class Database(Protocol):
    """Collections by name."""

    def __getitem__(self, name: str) -> Collection: ...


class Transaction(Protocol):
    """Opens a transaction: all that is done with its `tx` happens, or none of it."""

    def __call__(self) -> AbstractAsyncContextManager[Tx]: ...
