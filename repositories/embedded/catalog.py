"""Which collections and indexes a file holds, as one connection sees it.

Names of users are rows of the catalog, never parts of SQL: the table of collection 7 is
`c_7`, that of index 9 is `i_9`, or `m_9` once the index is multikey. A number is never
given twice, so that a statement prepared on an outdated catalog fails with "no such table"
and is planned anew. That is what makes reading the catalog once enough, even while another
process changes it: no statement ever has to ask whether its catalog is still right.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import apsw
import bson

from repositories.embedded.codec import decode
from repositories.embedded.indexes import Index, id_index
from repositories.embedded.sql import fetch

CREATE_CATALOG = """
CREATE TABLE collections (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE indexes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    collection INTEGER NOT NULL REFERENCES collections (number),
    name TEXT NOT NULL,
    definition BLOB NOT NULL,
    multikey INTEGER NOT NULL DEFAULT 0,
    UNIQUE (collection, name)
) STRICT;
"""

#: What the catalog keeps of an index: number, definition, whether it is multikey.
_Row = tuple[int, bytes, int]

_MOST_KEPT: Final = 1024


@dataclass(slots=True)
class CollectionEntry:
    """A collection, its indexes, and the plans made for it so far.

    `indexes` are those that writes have to keep; the one on `_id` is part of the table.
    """

    number: int
    name: str
    table: str
    id_index: Index
    indexes: list[Index]
    #: The top-level fields that decide about keys.
    roots: frozenset[str] = frozenset({"_id"})
    plans: dict[Any, Any] = field(default_factory=dict)

    def index(self, name: str) -> Index | None:
        """The index of this name, that of `_id` included."""
        return next((index for index in self.all_indexes() if index.name == name), None)

    def all_indexes(self) -> list[Index]:
        """Every index, that of `_id` first."""
        return [self.id_index, *self.indexes]


class Catalog:
    """The collections of one connection, read anew whenever the schema has changed."""

    def __init__(self, connection: apsw.Connection):
        self._connection = connection
        self.version = -1
        self.collections: dict[str, CollectionEntry] = {}
        self._indexes: dict[_Row, Index] = {}

    def refresh(self) -> bool:
        """Read the catalog again if the schema is not the one last read; tell whether."""
        if self._version_now() == self.version:
            return False
        # In one snapshot: another process may make a collection and its indexes meanwhile.
        with self._connection:
            self._read()
        return True

    def _version_now(self) -> int:
        ((version,),) = fetch(self._connection, "PRAGMA schema_version")
        return int(version)

    def _read(self) -> None:
        version = self._version_now()
        rows = fetch(self._connection, "SELECT number, name FROM collections")
        self.collections = {name: _entry(number, name) for number, name in rows}
        by_number = {entry.number: entry for entry in self.collections.values()}
        known, self._indexes = self._indexes, {}
        for collection, *row in fetch(
            self._connection,
            "SELECT collection, number, definition, multikey FROM indexes ORDER BY number",
        ):
            # Most are as they were; making one costs far more than reading its row.
            key: _Row = tuple(row)
            index = known.get(key) or _index(*key)
            self._indexes[key] = index
            entry = by_number[collection]
            entry.indexes.append(index)
            entry.roots |= index.roots
        self.version = version

    def ensure_collection(self, name: str) -> CollectionEntry:
        """The collection, made now if it is not there; needs a write transaction."""
        entry = self.collections.get(name)
        if entry is not None:
            return entry
        execute = self._connection.execute
        execute("INSERT INTO collections (name) VALUES (?)", (name,))
        number = self._connection.last_insert_rowid()
        execute(
            f"CREATE TABLE c_{number} "
            "(rid INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, doc BLOB NOT NULL) STRICT"
        )
        self.refresh()
        return self.collections[name]

    def drop_collection(self, entry: CollectionEntry) -> None:
        """Remove the collection, its documents and its indexes."""
        for index in entry.indexes:
            self._connection.execute(f"DROP TABLE {index.table}")
        self._connection.execute("DELETE FROM indexes WHERE collection = ?", (entry.number,))
        self._connection.execute("DELETE FROM collections WHERE number = ?", (entry.number,))
        self._connection.execute(f"DROP TABLE {entry.table}")
        self.refresh()

    def add_index(self, entry: CollectionEntry, definition: Mapping[str, Any]) -> Index:
        """Make the empty table of a new index."""
        self._connection.execute(
            "INSERT INTO indexes (collection, name, definition) VALUES (?, ?, ?)",
            (entry.number, definition["name"], bson.encode(definition)),
        )
        index = Index.from_definition(self._connection.last_insert_rowid(), definition)
        rows = "key BLOB NOT NULL PRIMARY KEY, rid INTEGER NOT NULL"
        if not index.unique:
            rows = "key BLOB NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY (key, rid)"
        self._connection.execute(f"CREATE TABLE {index.table} ({rows}) STRICT, WITHOUT ROWID")
        self.refresh()
        found = self.collections[entry.name].index(index.name)
        assert found is not None  # noqa: S101 - just made
        return found

    def drop_index(self, index: Index) -> None:
        """Remove an index and its table."""
        self._connection.execute("DELETE FROM indexes WHERE number = ?", (index.number,))
        self._connection.execute(f"DROP TABLE {index.table}")
        self.refresh()

    def mark_multikey(self, index: Index) -> None:
        """Remember that some document has several keys in `index`.

        The table gets another name, so that every plan which relies on one key a document
        fails, in every process, instead of answering wrongly.
        """
        self._connection.execute(
            "UPDATE indexes SET multikey = 1 WHERE number = ?", (index.number,)
        )
        old = index.table
        index.multikey = True
        self._connection.execute(f"ALTER TABLE {old} RENAME TO {index.table}")
        self.refresh()


def _index(number: int, definition: bytes, multikey: int) -> Index:
    """An index of this catalog's own, for it may become multikey here and not yet elsewhere."""
    return copy(_read_index(number, definition, multikey))


# Every connection reads the same rows, and a store opens with three: 0.4 ms each instead of 1.3.
@lru_cache(_MOST_KEPT)
def _read_index(number: int, definition: bytes, multikey: int) -> Index:
    return Index.from_definition(number, decode(definition), multikey=bool(multikey))


def _entry(number: int, name: str) -> CollectionEntry:
    table = f"c_{number}"
    return CollectionEntry(number, name, table, _id_index(table), [])


@lru_cache(_MOST_KEPT)
def _id_index(table: str) -> Index:
    return id_index(table)
