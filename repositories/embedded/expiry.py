"""What TTL indexes promise: documents go when their time is over."""

from datetime import datetime, timedelta
from typing import Any, Final

from repositories.embedded.indexes import Index
from repositories.embedded.predicates import Predicate, range_part
from repositories.embedded.sql import fetch
from repositories.embedded.view import WriteView
from repositories.embedded.writing import delete_rids

#: Documents deleted in one turn of the writer: about 2 ms of work.
_AT_ONCE: Final = 64


async def expire(store: Any, now: datetime) -> int:
    """Delete what has expired by `now`, in slices; how many documents that were."""
    store.refuse_if_closed()
    store.reader.catalog.refresh()
    timed = [
        (entry.name, index.name)
        for entry in store.reader.catalog.collections.values()
        for index in entry.indexes
        if index.expire_after_seconds is not None
    ]
    total = 0
    for collection, index_name in timed:
        deleted = _AT_ONCE
        while deleted == _AT_ONCE:
            deleted = await store.writer.run(
                lambda view, c=collection, i=index_name: _expire_some(view, c, i, now)
            )
            total += deleted
    return total


def _expire_some(view: WriteView, collection: str, index_name: str, now: datetime) -> int:
    entry = view.catalog.collections.get(collection)
    index = None if entry is None else entry.index(index_name)
    if entry is None or index is None or index.expire_after_seconds is None:
        return 0
    rids = _expired(view, index, now - timedelta(seconds=index.expire_after_seconds))
    delete_rids(view, entry, rids)
    return len(rids)


def _expired(view: WriteView, index: Index, limit: datetime) -> list[int]:
    """Documents whose date, or the earliest of several, is not after `limit`."""
    low, high = range_part(
        [Predicate("$lte", ("limit",))], {"limit": limit}, descending=index.fields[0][1] < 0
    )
    rows = fetch(
        view.connection,
        f"SELECT DISTINCT rid FROM {index.table} "  # noqa: S608
        f"WHERE {index.key_column} >= ? AND {index.key_column} < ? LIMIT ?",
        (low, high, _AT_ONCE),
    )
    return [rid for (rid,) in rows]
