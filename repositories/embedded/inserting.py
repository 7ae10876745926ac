"""Many new documents at once: a statement for each table instead of one for each row.

Five hundred products with four indexes take half as long so.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from repositories.embedded.encoding import encode_value
from repositories.embedded.indexes import Index
from repositories.embedded.sql import fetch
from repositories.embedded.view import WriteView
from repositories.embedded.writing import prepare_insert

Document = dict[str, Any]


def insert_together(view: WriteView, name: str, documents: Sequence[Document]) -> None:
    """Keep documents that have an `_id`.

    Raises apsw.ConstraintError when a unique index has one of the values, and what
    `writing.insert` raises else; then some of them are written, and the caller undoes that.
    """
    entry = view.catalog.ensure_collection(name)
    prepared = [prepare_insert(entry, document) for document in documents]
    # Nobody else writes, so these are the ones that SQLite would give.
    ((last,),) = fetch(view.connection, f"SELECT max(rid) FROM {entry.table}")  # noqa: S608
    rids = range((last or 0) + 1, (last or 0) + 1 + len(prepared))
    view.connection.executemany(
        f"INSERT INTO {entry.table} (rid, id, doc) VALUES (?, ?, ?)",  # noqa: S608
        (
            (rid, encode_value(stored["_id"]), data)
            for rid, (stored, data) in zip(rids, prepared, strict=True)
        ),
    )
    for index in entry.indexes:
        _add_rows(view, index, zip(rids, (stored for stored, _ in prepared), strict=True))


def _add_rows(view: WriteView, index: Index, documents: Iterable[tuple[int, Document]]) -> None:
    keys_of = [(rid, *index.keys_of(document)) for rid, document in documents]
    if not index.multikey and any(multikey for _, _, multikey in keys_of):
        view.catalog.mark_multikey(index)
    # In the order of the table, one page after the other is written, and each once.
    rows = sorted((key, rid) for rid, keys, _ in keys_of for key in keys)
    view.connection.executemany(
        f"INSERT INTO {index.table} (key, rid) VALUES (?, ?)",  # noqa: S608
        rows,
    )
