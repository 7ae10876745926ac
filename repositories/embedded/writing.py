"""Changing documents, with every index row that belongs to them.

Everything here is run by the writer, on its connection, inside a savepoint.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

import apsw
from bson.objectid import ObjectId
from pymongo.errors import DuplicateKeyError

from repositories.embedded.catalog import CollectionEntry
from repositories.embedded.codec import decode, encode
from repositories.embedded.conditions import ARRAYS, REGEXES
from repositories.embedded.encoding import encode_value
from repositories.embedded.indexes import Index
from repositories.embedded.keys import sort_key
from repositories.embedded.match import compile_filter
from repositories.embedded.paths import leaves, split
from repositories.embedded.plan import Bound, matcher_of
from repositories.embedded.reading import Query
from repositories.embedded.refusals import write_refused
from repositories.embedded.scan import Row, Scan, point_rows
from repositories.embedded.sql import fetch
from repositories.embedded.update import upsert_base
from repositories.embedded.values import MISSING
from repositories.embedded.view import WriteView

Document = dict[str, Any]
DUPLICATE_KEY: Final = 11000
#: Types whose values have the same keys before they are stored and after.
_UNCHANGED_BY_BSON: Final = frozenset({str, int, ObjectId, bool, float, type(None), datetime})
_PAGE_ROWS: Final = 256
#: What writing a row is, in rows read, to `WriteView.spend`.
_WRITE_COST: Final = 16


class Change(Protocol):
    """A compiled update or replacement (`update.py`)."""

    @property
    def needs_array_position(self) -> bool: ...

    def apply(
        self,
        doc: Mapping[str, Any],
        *,
        now: datetime,
        inserting: bool = False,
        array_position: int | None = None,
    ) -> Document: ...


@dataclass(slots=True)
class Found:
    """A document that is about to be changed."""

    rid: int
    data: bytes
    document: Document


@dataclass(slots=True)
class Changed:
    """What an update came to: counts, and the last document before and after it."""

    matched: int = 0
    modified: int = 0
    upserted_id: Any = None
    did_upsert: bool = False
    before: Document | None = None
    #: The document after it, as it is stored: few callers want to see it.
    after_data: bytes | None = None

    @property
    def after(self) -> Document | None:
        """The document after it."""
        return None if self.after_data is None else decode(self.after_data)

    def raw(self) -> dict[str, Any]:
        """The counts as MongoDB answers them."""
        answer: dict[str, Any] = {
            "n": 1 if self.did_upsert else self.matched,
            "nModified": self.modified,
            "updatedExisting": self.matched > 0,
            "ok": 1.0,
        }
        if self.did_upsert:
            answer["upserted"] = self.upserted_id
        return answer


def insert(view: WriteView, name: str, document: Document) -> bytes:
    """Keep a document that has an `_id`; the bytes it is kept as. Raises DuplicateKeyError."""
    entry = view.catalog.ensure_collection(name)
    stored, data = prepare_insert(entry, document)
    execute = view.connection.execute
    try:
        execute(
            f"INSERT INTO {entry.table} (id, doc) VALUES (?, ?)",  # noqa: S608
            (encode_value(stored["_id"]), data),
        )
    except apsw.ConstraintError as problem:
        raise duplicate_key(entry, entry.id_index, stored) from problem
    rid = view.connection.last_insert_rowid()
    for index in entry.indexes:
        keys, multikey = index.keys_of(stored)
        add_keys(view, entry, index, rid, keys, stored, multikey=multikey)
    return data


def prepare_insert(entry: CollectionEntry, document: Document) -> tuple[Document, bytes]:
    """A document that has an `_id` as it will be read, and the bytes it is kept as."""
    if next(iter(document)) != "_id":
        document = {"_id": document["_id"], **document}
    data = encode(document)
    if all(type(document.get(root)) in _UNCHANGED_BY_BSON for root in entry.roots):
        return document, data
    # Indexed is what will be read: BSON makes lists of tuples, and more of the kind.
    stored = decode(data)
    _refuse_bad_id(stored["_id"])
    return stored, data


def add_keys(
    view: WriteView,
    entry: CollectionEntry,
    index: Index,
    rid: int,
    keys: Iterable[bytes],
    document: Document,
    *,
    multikey: bool,
) -> None:
    """Add the rows of a document to an index. Raises DuplicateKeyError."""
    if multikey and not index.multikey:
        view.catalog.mark_multikey(index)
    execute = view.connection.execute
    try:
        for key in keys:
            execute(f"INSERT INTO {index.table} (key, rid) VALUES (?, ?)", (key, rid))  # noqa: S608
    except apsw.ConstraintError as problem:
        raise duplicate_key(entry, index, document) from problem


def _remove_keys(view: WriteView, index: Index, rid: int, keys: Iterable[bytes]) -> None:
    for key in keys:
        view.connection.execute(
            f"DELETE FROM {index.table} WHERE key = ? AND rid = ?",  # noqa: S608
            (key, rid),
        )


def _refuse_bad_id(value: Any) -> None:
    if isinstance(value, (*ARRAYS, *REGEXES)):
        kind = "array" if isinstance(value, ARRAYS) else "regex"
        raise write_refused(f"The '_id' value cannot be of type {kind}", 2)


def duplicate_key(entry: CollectionEntry, index: Index, document: Document) -> DuplicateKeyError:
    """The error for a value that a unique index has already."""
    values: dict[str, Any] = {}
    for path in index.paths:
        leaf = next(iter(leaves(document, split(path))), None)
        values[path] = None if leaf is None or leaf.value is MISSING else leaf.value
    shown = ", ".join(f"{path}: {value!r}" for path, value in values.items())
    message = (
        f"E11000 duplicate key error collection: {entry.name} index: {index.name} "
        f"dup key: {{ {shown} }}"
    )
    details = {
        "index": 0,
        "code": DUPLICATE_KEY,
        "errmsg": message,
        "keyPattern": dict(index.fields),
        "keyValue": values,
    }
    return DuplicateKeyError(message, DUPLICATE_KEY, details)


def find_one(view: WriteView, query: Query) -> Found | None:
    """The first document that a write means, in the order of the query."""
    bound = _planned(view, query)
    if bound is None:
        return None
    matches = matcher_of(bound, query.filter)
    if bound.is_point and len(bound.intervals) == 1:
        return next(_matching(point_rows(view, bound), matches), None)
    scan = Scan(bound)
    first: Found | None = None
    first_key = b""
    key_of = None if query.is_in_order(bound) else sort_key(query.sort)
    size = 1 if key_of is None else _PAGE_ROWS
    while not scan.is_done:
        rows = scan.page(view, size)
        for found in _matching(rows, matches):
            if key_of is None:
                return found
            key = key_of(found.document)
            if first is None or key < first_key:
                first, first_key = found, key
        view.spend(len(rows))
        size = min(size * 16, _PAGE_ROWS)
    return first


def _matching(rows: list[Row], matches: Callable[[Document], bool] | None) -> Iterator[Found]:
    for rid, data in rows:
        document = decode(data)
        if matches is None or matches(document):
            yield Found(rid, data, document)


def _planned(view: WriteView, query: Query) -> Bound | None:
    """The plan as of now: an operation that is run again may meet another catalog."""
    query.bound = None
    return query.bind(view)


def find_rids(view: WriteView, query: Query) -> list[int]:
    """Every document that a write means: all found before the first is changed, so that
    none is met twice because its change moved it in the index being read."""
    bound = _planned(view, query)
    if bound is None:
        return []
    matches = matcher_of(bound, query.filter)
    # Where the keys decide, no document has to be read to find it.
    scan = Scan(bound, with_documents=matches is not None)
    found: list[int] = []
    while not scan.is_done:
        rows = scan.page(view, _PAGE_ROWS)
        new = [rid for rid, data in rows if matches is None or matches(decode(data))]
        found += new
        view.spend(len(rows) + _WRITE_COST * len(new))
    return found


def read_row(view: WriteView, entry: CollectionEntry, rid: int) -> Found:
    """The document of a row."""
    sql = f"SELECT doc FROM {entry.table} WHERE rid = ?"  # noqa: S608
    ((data,),) = fetch(view.connection, sql, (rid,))
    return Found(rid, data, decode(data))


def update_one(
    view: WriteView, query: Query, change: Change, *, now: datetime, upsert: bool = False
) -> Changed:
    """Change the first document, or insert one if there is none and `upsert`."""
    found = find_one(view, query)
    if found is None:
        return _upsert(view, query, change, now) if upsert else Changed()
    return _rewrite(view, view.catalog.collections[query.name], found, query, change, now)


def update_many(
    view: WriteView, query: Query, change: Change, *, now: datetime, upsert: bool = False
) -> Changed:
    """Change every document, or insert one if there is none and `upsert`."""
    rids = find_rids(view, query)
    if not rids and upsert:
        return _upsert(view, query, change, now)
    total = Changed(matched=len(rids))
    for rid in rids:
        entry = view.catalog.collections[query.name]
        changed = _rewrite(view, entry, read_row(view, entry, rid), query, change, now)
        total.modified += changed.modified
    return total


def _upsert(view: WriteView, query: Query, change: Change, now: datetime) -> Changed:
    document = change.apply(upsert_base(query.filter), now=now, inserting=True)
    if "_id" not in document:
        document = {"_id": ObjectId(), **document}
    data = insert(view, query.name, document)
    return Changed(upserted_id=decode(data)["_id"], did_upsert=True, after_data=data)


def _rewrite(
    view: WriteView,
    entry: CollectionEntry,
    found: Found,
    query: Query,
    change: Change,
    now: datetime,
) -> Changed:
    old = found.document
    position = None
    if change.needs_array_position:
        position = compile_filter(query.filter).array_position(old)
    new = change.apply(old, now=now, array_position=position)
    data = encode(new)
    if data == found.data:
        return Changed(matched=1, before=old, after_data=data)
    view.connection.execute(
        f"UPDATE {entry.table} SET doc = ? WHERE rid = ?",  # noqa: S608
        (data, found.rid),
    )
    # An update shares what it leaves alone with the old document.
    touched = [
        index
        for index in entry.indexes
        if any(new.get(root, MISSING) is not old.get(root, MISSING) for root in index.roots)
    ]
    if touched:
        stored = decode(data)
        for index in touched:
            _move(view, entry, index, found, stored)
    return Changed(matched=1, modified=1, before=old, after_data=data)


def _move(
    view: WriteView, entry: CollectionEntry, index: Index, found: Found, stored: Document
) -> None:
    """Bring the rows of a document in one index from its old keys to its new ones."""
    old_keys, _ = index.keys_of(found.document)
    new_keys, multikey = index.keys_of(stored)
    if old_keys == new_keys and (index.multikey or not multikey):
        return
    old, new = set(old_keys), set(new_keys)
    _remove_keys(view, index, found.rid, old - new)
    add_keys(view, entry, index, found.rid, new - old, stored, multikey=multikey)


def delete_one(view: WriteView, query: Query) -> Document | None:
    """Delete the first document, and answer it."""
    found = find_one(view, query)
    if found is None:
        return None
    _delete(view, view.catalog.collections[query.name], found)
    return found.document


def delete_many(view: WriteView, query: Query) -> int:
    """Delete every document, and answer how many there were."""
    rids = find_rids(view, query)
    if rids:
        delete_rids(view, view.catalog.collections[query.name], rids)
    return len(rids)


def delete_rids(view: WriteView, entry: CollectionEntry, rids: Iterable[int]) -> None:
    """Delete documents by their rows."""
    if not entry.indexes:
        # No key has to be known, so no document has to be read.
        view.connection.executemany(
            f"DELETE FROM {entry.table} WHERE rid = ?",  # noqa: S608
            ((rid,) for rid in rids),
        )
        return
    for rid in rids:
        _delete(view, entry, read_row(view, entry, rid))


def _delete(view: WriteView, entry: CollectionEntry, found: Found) -> None:
    view.connection.execute(f"DELETE FROM {entry.table} WHERE rid = ?", (found.rid,))  # noqa: S608
    for index in entry.indexes:
        keys, _ = index.keys_of(found.document)
        _remove_keys(view, index, found.rid, keys)
