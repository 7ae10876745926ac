"""A collection, with the methods of Motor's that Agora uses.

What MongoDB offers beyond these has no parameter here, so that it is a TypeError, or is
refused by name.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from bson.codec_options import CodecOptions
from bson.objectid import ObjectId
from pymongo import IndexModel
from pymongo.errors import InvalidName
from pymongo.results import (
    BulkWriteResult,
    DeleteResult,
    InsertManyResult,
    InsertOneResult,
    UpdateResult,
)

from repositories.embedded import administration, bulk, writing
from repositories.embedded.clock import Clock
from repositories.embedded.codec import OPTIONS
from repositories.embedded.cursor import Cursor
from repositories.embedded.encoding import encode_value
from repositories.embedded.indexes import definition_of, models_of
from repositories.embedded.match import compile_filter
from repositories.embedded.paths import leaves, split
from repositories.embedded.plan import Observer, normalised_sort
from repositories.embedded.project import compile_projection
from repositories.embedded.reading import (
    Query,
    Reading,
    ViewSource,
    by_id,
    count,
    first_document,
    is_plain_id,
)
from repositories.embedded.session import Session
from repositories.embedded.update import compile_replacement, compile_update
from repositories.embedded.values import MISSING
from repositories.embedded.view import View, WriteView
from repositories.embedded.writer import Writer
from repositories.embedded.writing import Change, Changed, Document

T = TypeVar("T")

#: Documents of one call from which on the worker writes them, so that the loop is not held.
_MANY = 32


class Home(Protocol):
    """What a collection needs of its store."""

    def committed(self) -> View: ...
    @property
    def writer(self) -> Writer: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def observer(self) -> Observer | None: ...
    def refuse_if_closed(self) -> None: ...


class Collection:
    """A named set of documents. It comes into being with its first document or index."""

    def __init__(self, store: Home, name: str):
        _check_name(name)
        self._store = store
        self._options: CodecOptions[Document] = OPTIONS
        self.name = name

    def with_options(self, codec_options: CodecOptions[Document]) -> "Collection":
        """The same collection, whose `find` and `find_one` decode as these options say."""
        other = Collection(self._store, self.name)
        other._options = codec_options
        return other

    def __repr__(self) -> str:
        return f"Collection({self.name!r})"

    # Reading

    async def find_one(
        self,
        filter: Any = None,
        projection: Any = None,
        *,
        sort: Any = None,
        skip: int = 0,
        session: Session | None = None,
    ) -> Document | None:
        """The first document that matches, or None. A filter that is no mapping is an `_id`."""
        if type(filter) is not dict and filter is not None and not isinstance(filter, Mapping):
            filter = {"_id": filter}
        source = await self._source(session)
        if filter and not skip and self._store.observer is None and is_plain_id(filter):
            tell = self._store.writer.meter.read
            documents = by_id(source(), self.name, filter, self._options, tell)
            if documents is not None:
                return _first(documents, projection)
        query = self._query("find_one", filter, sort=sort, skip=skip, limit=1)
        found = await first_document(query, source)
        return _first([] if found is None else [found], projection)

    def find(
        self,
        filter: Mapping[str, Any] | None = None,
        projection: Any = None,
        skip: int = 0,
        limit: int = 0,
        *,
        sort: Any = None,
        batch_size: int = 0,
        session: Session | None = None,
    ) -> Cursor:
        """A cursor on the documents that match."""
        query = self._query("find", filter, sort=sort)
        project = compile_projection(projection) if projection else None
        cursor = Cursor(query, project, lambda: self._source(session))
        if skip or limit or batch_size:
            cursor.skip(skip).limit(limit).batch_size(batch_size)
        return cursor

    async def count_documents(
        self,
        filter: Mapping[str, Any],
        *,
        skip: int = 0,
        limit: int = 0,
        session: Session | None = None,
    ) -> int:
        """How many documents match."""
        query = self._query("count_documents", filter, skip=skip, limit=limit)
        return await count(query, await self._source(session))

    async def estimated_document_count(self) -> int:
        """How many documents there are; here it is exact."""
        return await count(self._query("estimated_document_count", {}), await self._source(None))

    async def distinct(
        self,
        key: str,
        filter: Mapping[str, Any] | None = None,
        *,
        session: Session | None = None,
    ) -> list[Any]:
        """The different values of a field, the elements of arrays each by itself."""
        parts = split(key)
        reading = Reading(self._query("distinct", filter), await self._source(session))
        found: dict[bytes, Any] = {}
        while batch := await reading.batch():
            for document in batch:
                for leaf in leaves(document, parts):
                    several = leaf.expands and isinstance(leaf.value, list)
                    for value in leaf.value if several else [leaf.value]:
                        if value is not MISSING:
                            found.setdefault(encode_value(value), value)
        return [found[value_key] for value_key in sorted(found)]

    async def explain(
        self, filter: Mapping[str, Any] | None = None, *, sort: Any = None
    ) -> dict[str, Any]:
        """How a query is answered; see `Cursor.explain`."""
        return await self.find(filter, sort=sort).explain()

    # Writing

    async def insert_one(
        self, document: Document, *, session: Session | None = None
    ) -> InsertOneResult:
        """Keep a document; one without `_id` is given an ObjectId. Raises DuplicateKeyError."""
        _give_id(document)
        await self._write(lambda view: writing.insert(view, self.name, document), session)
        return InsertOneResult(document["_id"], acknowledged=True)

    async def insert_many(
        self,
        documents: Sequence[Document],
        ordered: bool = True,
        *,
        session: Session | None = None,
    ) -> InsertManyResult:
        """Keep documents; raises BulkWriteError when some could not be kept."""
        if not isinstance(documents, Sequence) or isinstance(documents, str) or not documents:
            raise TypeError("documents must be a non-empty list")
        for document in documents:
            _give_id(document)
        in_transaction = session is not None and session.in_transaction
        answer = await self._write(
            lambda view: bulk.insert_all(
                view, self.name, documents, ordered=ordered, in_transaction=in_transaction
            ),
            session,
            heavy=len(documents) > _MANY,
        )
        bulk.raise_errors(answer)
        return InsertManyResult([document["_id"] for document in documents], acknowledged=True)

    async def update_one(
        self,
        filter: Mapping[str, Any],
        update: Mapping[str, Any],
        upsert: bool = False,
        *,
        sort: Any = None,
        session: Session | None = None,
    ) -> UpdateResult:
        """Change the first document that matches, or insert one if there is none."""
        query = self._query("update_one", filter, sort=sort)
        changed = await self._update(query, compile_update(update), upsert, session)
        return UpdateResult(changed.raw(), acknowledged=True)

    async def update_many(
        self,
        filter: Mapping[str, Any],
        update: Mapping[str, Any],
        upsert: bool = False,
        *,
        session: Session | None = None,
    ) -> UpdateResult:
        """Change every document that matches, or insert one if there is none."""
        query, change = self._query("update_many", filter), compile_update(update)
        now = self._store.clock()
        changed = await self._write(
            lambda view: writing.update_many(view, query, change, now=now, upsert=upsert), session
        )
        return UpdateResult(changed.raw(), acknowledged=True)

    async def replace_one(
        self,
        filter: Mapping[str, Any],
        replacement: Mapping[str, Any],
        upsert: bool = False,
        *,
        sort: Any = None,
        session: Session | None = None,
    ) -> UpdateResult:
        """Put a document in place of the first that matches; its `_id` stays."""
        query = self._query("replace_one", filter, sort=sort)
        changed = await self._update(query, compile_replacement(replacement), upsert, session)
        return UpdateResult(changed.raw(), acknowledged=True)

    async def find_one_and_update(
        self,
        filter: Mapping[str, Any],
        update: Mapping[str, Any],
        projection: Any = None,
        sort: Any = None,
        upsert: bool = False,
        return_document: bool = False,
        *,
        session: Session | None = None,
    ) -> Document | None:
        """Change a document, and answer it as it was before (default) or after."""
        query = self._query("find_one_and_update", filter, sort=sort)
        changed = await self._update(query, compile_update(update), upsert, session)
        return _answer(changed, projection, return_document)

    async def find_one_and_replace(
        self,
        filter: Mapping[str, Any],
        replacement: Mapping[str, Any],
        projection: Any = None,
        sort: Any = None,
        upsert: bool = False,
        return_document: bool = False,
        *,
        session: Session | None = None,
    ) -> Document | None:
        """Replace a document, and answer it as it was before (default) or after."""
        query = self._query("find_one_and_replace", filter, sort=sort)
        changed = await self._update(query, compile_replacement(replacement), upsert, session)
        return _answer(changed, projection, return_document)

    async def find_one_and_delete(
        self,
        filter: Mapping[str, Any],
        projection: Any = None,
        sort: Any = None,
        *,
        session: Session | None = None,
    ) -> Document | None:
        """Delete a document, and answer it."""
        query = self._query("find_one_and_delete", filter, sort=sort)
        project = compile_projection(projection)
        found = await self._write(lambda view: writing.delete_one(view, query), session)
        return None if found is None else project(found)

    async def delete_one(
        self, filter: Mapping[str, Any], *, session: Session | None = None
    ) -> DeleteResult:
        """Delete the first document that matches."""
        query = self._query("delete_one", filter)
        found = await self._write(lambda view: writing.delete_one(view, query), session)
        return DeleteResult({"n": int(found is not None), "ok": 1.0}, acknowledged=True)

    async def delete_many(
        self, filter: Mapping[str, Any], *, session: Session | None = None
    ) -> DeleteResult:
        """Delete every document that matches."""
        query = self._query("delete_many", filter)
        deleted = await self._write(lambda view: writing.delete_many(view, query), session)
        return DeleteResult({"n": deleted, "ok": 1.0}, acknowledged=True)

    async def bulk_write(
        self, requests: Sequence[Any], ordered: bool = True, *, session: Session | None = None
    ) -> BulkWriteResult:
        """Run PyMongo's `InsertOne`, `UpdateOne` and so on; raises BulkWriteError.

        `ordered` stops at the first error. What was done before or beside an error stays.
        """
        steps = bulk.steps_of(self.name, requests, self._query, self._store.clock())
        in_transaction = session is not None and session.in_transaction
        answer = await self._write(
            lambda view: bulk.run(view, steps, ordered=ordered, in_transaction=in_transaction),
            session,
            heavy=len(steps) > _MANY,
        )
        bulk.raise_errors(answer)
        return BulkWriteResult(answer, acknowledged=True)

    # Indexes

    async def create_index(
        self, keys: Any, *, session: Session | None = None, **options: Any
    ) -> str:
        """Make an index, or leave the one there is; its name.

        Options: `unique`, `sparse`, `partialFilterExpression`, `expireAfterSeconds`, `name`.
        Raises DuplicateKeyError when the documents break a unique one.
        """
        (name,) = await self.create_indexes([IndexModel(keys, **options)], session=session)
        return name

    async def create_indexes(
        self, indexes: Sequence[Any], *, session: Session | None = None
    ) -> list[str]:
        """Make several indexes, given as PyMongo's `IndexModel`s, or none; their names."""
        definitions = [definition_of(keys, options) for keys, options in models_of(indexes)]
        if not administration.has_indexes(self._store.committed(), self.name, definitions):
            await self._administer(
                lambda view: administration.create_indexes(view, self.name, definitions), session
            )
        return [str(definition["name"]) for definition in definitions]

    async def drop_index(self, index_or_name: Any, *, session: Session | None = None) -> None:
        """Remove an index, named or given by its keys."""
        await self._administer(
            lambda view: administration.drop_index(view, self.name, index_or_name), session
        )

    async def drop_indexes(self, *, session: Session | None = None) -> None:
        """Remove every index but that on `_id`."""
        await self._administer(lambda view: administration.drop_indexes(view, self.name), session)

    async def drop(self, *, session: Session | None = None) -> None:
        """Remove the collection with all it has."""
        await self._administer(lambda view: administration.drop(view, self.name), session)

    async def index_information(self, *, session: Session | None = None) -> dict[str, Any]:
        """The indexes by name, each with its `key` as pairs and its options."""
        source = await self._source(session)
        return administration.index_information(source(), self.name)

    def list_indexes(self, *, session: Session | None = None) -> "administration.IndexCursor":
        """A cursor on the definitions of the indexes."""
        return administration.IndexCursor(lambda: self._source(session), self.name)

    # What the methods above have in common

    def _query(
        self, operation: str, filter: Any, *, sort: Any = None, skip: int = 0, limit: int = 0
    ) -> Query:
        if filter is None:
            filter = {}
        elif type(filter) is not dict and not isinstance(filter, Mapping):
            compile_filter(filter)
        order = normalised_sort(sort) if sort else ()
        observer, options = self._store.observer, self._options
        tell = self._store.writer.meter.read
        return Query(self.name, operation, filter, order, skip, limit, tell, observer, options)

    async def _source(self, session: Session | None) -> ViewSource:
        self._store.refuse_if_closed()
        transaction = None if session is None else session.transaction
        if transaction is None:
            return self._store.committed
        await transaction.begin()
        return transaction.view

    async def _write(
        self,
        operation: Callable[[WriteView], T],
        session: Session | None,
        *,
        heavy: bool = False,
    ) -> T:
        transaction = None if session is None else session.transaction
        if transaction is None:
            return await self._store.writer.run(operation, heavy=heavy)
        return await transaction.run(operation, heavy=heavy)

    def _administer(
        self, operation: Callable[[WriteView], T], session: Session | None
    ) -> Awaitable[T]:
        if session is not None and session.in_transaction:
            raise administration.not_in_transaction()
        return self._write(operation, None, heavy=True)

    async def _update(
        self, query: Query, change: Change, upsert: bool, session: Session | None
    ) -> Changed:
        now = self._store.clock()
        return await self._write(
            lambda view: writing.update_one(view, query, change, now=now, upsert=upsert), session
        )


def _check_name(name: str) -> None:
    if not isinstance(name, str):
        raise TypeError("name must be an instance of str")
    if not name or ".." in name or name.startswith(".") or name.endswith("."):
        raise InvalidName(f"collection names cannot be empty nor start or end with '.': {name!r}")
    if "$" in name or "\x00" in name:
        raise InvalidName(f"collection names must not contain '$' or NUL: {name!r}")


def _give_id(document: Any) -> None:
    if not isinstance(document, Mapping):
        raise TypeError(f"document must be an instance of dict, not {type(document)}")
    if "_id" not in document:
        # PyMongo's way: the caller's own document gets its id, though it came as a Mapping.
        document["_id"] = ObjectId()  # type: ignore[index]


def _first(found: list[Document], projection: Any) -> Document | None:
    if not found or projection is None:
        return found[0] if found else None
    return compile_projection(projection)(found[0])


def _answer(changed: Changed, projection: Any, after: bool) -> Document | None:
    found = changed.after if after else changed.before
    return None if found is None else compile_projection(projection)(found)
