"""Making and removing indexes and collections, and telling which there are."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import apsw
from pymongo.errors import InvalidOperation, OperationFailure

from repositories.embedded.catalog import CollectionEntry
from repositories.embedded.codec import decode
from repositories.embedded.indexes import ID_INDEX_NAME, Index, is_made_as, same_index
from repositories.embedded.plan import Bound, normalised_sort
from repositories.embedded.reading import ViewSource
from repositories.embedded.scan import Scan
from repositories.embedded.view import View, WriteView
from repositories.embedded.worker import give_way
from repositories.embedded.writing import duplicate_key, read_row

_INDEX_NOT_FOUND: Final = 27
_INVALID_OPTIONS: Final = 72
#: Documents whose keys are sorted together before they are added to a new index.
_ROWS_AT_ONCE: Final = 4_000
#: Documents whose keys are made without giving way to the event loop.
_ROWS_IN_A_ROW: Final = 50


def has_indexes(view: View, name: str, definitions: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a collection has all these indexes."""
    entry = view.catalog.collections.get(name)
    return entry is not None and all(
        any(is_made_as(index, definition) for index in entry.all_indexes())
        for definition in definitions
    )


def create_indexes(view: WriteView, name: str, definitions: Sequence[Mapping[str, Any]]) -> None:
    """Make indexes with the rows of the documents there are; nothing of one that exists."""
    for definition in definitions:
        _create_index(view, name, definition)


def _create_index(view: WriteView, name: str, definition: Mapping[str, Any]) -> None:
    entry = view.catalog.ensure_collection(name)
    if any(same_index(index, definition) for index in entry.all_indexes()):
        return
    index = view.catalog.add_index(entry, definition)
    _fill(view, view.catalog.collections[name], index)


def _fill(view: WriteView, entry: CollectionEntry, index: Index) -> None:
    scan = Scan(Bound(entry, None, [], False, False, False, False))
    multikey = False
    while not scan.is_done:
        rows: list[tuple[bytes, int]] = []
        for number, (rid, data) in enumerate(scan.page(view, _ROWS_AT_ONCE)):
            if number % _ROWS_IN_A_ROW == 0:
                give_way()
            keys, met_array = index.keys_of(decode(data))
            multikey = multikey or met_array
            rows += [(key, rid) for key in keys]
        # In the order of the keys, so that neighbours in the file are written together.
        rows.sort()
        _add_rows(view, entry, index, rows)
    if multikey:
        view.catalog.mark_multikey(index)


def _add_rows(
    view: WriteView, entry: CollectionEntry, index: Index, rows: list[tuple[bytes, int]]
) -> None:
    execute = view.connection.execute
    for key, rid in rows:
        try:
            execute(f"INSERT INTO {index.table} (key, rid) VALUES (?, ?)", (key, rid))  # noqa: S608
        except apsw.ConstraintError as problem:
            raise duplicate_key(entry, index, read_row(view, entry, rid).document) from problem


def drop_index(view: WriteView, name: str, index_or_name: Any) -> None:
    """Remove an index, named or given by its keys. Raises OperationFailure 27 without it."""
    entry = view.catalog.collections.get(name)
    index = None if entry is None else _find(entry, index_or_name)
    if index is None:
        raise OperationFailure(f"index not found with name [{index_or_name}]", _INDEX_NOT_FOUND)
    if index.name == ID_INDEX_NAME:
        raise OperationFailure("cannot drop _id index", _INVALID_OPTIONS)
    view.catalog.drop_index(index)


def _find(entry: CollectionEntry, index_or_name: Any) -> Index | None:
    if isinstance(index_or_name, str):
        return entry.index(index_or_name)
    fields = normalised_sort(index_or_name)
    return next((index for index in entry.all_indexes() if index.fields == fields), None)


def drop_indexes(view: WriteView, name: str) -> None:
    """Remove every index but that on `_id`."""
    entry = view.catalog.collections.get(name)
    for index in list(entry.indexes) if entry is not None else ():
        view.catalog.drop_index(index)


def drop(view: WriteView, name: str) -> None:
    """Remove a collection, if it is there."""
    entry = view.catalog.collections.get(name)
    if entry is not None:
        view.catalog.drop_collection(entry)


def not_in_transaction() -> InvalidOperation:
    """The error for changing indexes or collections in a transaction."""
    return InvalidOperation(
        "Indexes and collections cannot be made or removed in a transaction. Do it before."
    )


def definitions(view: View, name: str) -> list[dict[str, Any]]:
    """The definitions of a collection's indexes, as MongoDB lists them."""
    view.catalog.refresh()
    entry = view.catalog.collections.get(name)
    return [] if entry is None else [dict(index.definition) for index in entry.all_indexes()]


def index_information(view: View, name: str) -> dict[str, Any]:
    """The indexes by name, as PyMongo shows them: `key` as pairs, and no `name`."""
    information = {}
    for definition in definitions(view, name):
        shown = {option: value for option, value in definition.items() if option != "name"}
        information[definition["name"]] = {**shown, "key": list(definition["key"].items())}
    return information


class IndexCursor:
    """The definitions of a collection's indexes; `async for` or `to_list`."""

    def __init__(self, sources: Callable[[], Awaitable[ViewSource]], name: str):
        self._sources = sources
        self._name = name
        self._definitions: list[dict[str, Any]] | None = None

    async def to_list(self, length: int | None = None) -> list[dict[str, Any]]:
        """The definitions that are left, or the next `length` of them."""
        found = await self._rest()
        taken = list(islice(found, length))
        del found[: len(taken)]
        return taken

    def __aiter__(self) -> AsyncIterator[dict[str, Any]]:
        return self

    async def __anext__(self) -> dict[str, Any]:
        found = await self._rest()
        if not found:
            raise StopAsyncIteration
        return found.pop(0)

    async def _rest(self) -> list[dict[str, Any]]:
        if self._definitions is None:
            source = await self._sources()
            self._definitions = definitions(source(), self._name)
        return self._definitions
