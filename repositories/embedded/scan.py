"""Reading the rows that a plan names, page by page.

A page is one statement, run to its end at once: no statement stays open while others run, so
none holds on to an old state of the file. The next page begins behind the last row, by its
key and `rid`, wherever that is by then.
"""

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import apsw

from repositories.embedded.indexes import Index
from repositories.embedded.plan import Bound
from repositories.embedded.predicates import Interval
from repositories.embedded.sql import fetch
from repositories.embedded.view import View

#: Intervals looked up by one statement.
_INTERVALS_AT_ONCE: Final = 256

#: Above these a page may be large: rows and their content.
_FEW_ROWS: Final = 16
_MOST_BYTES: Final = 2 * 1024 * 1024

Row = tuple[int, bytes]


def only_page(view: View, bound: Bound, size: int) -> list[tuple[bytes]] | None:
    """The first `size` documents of a plan with one interval; None for other plans.

    What most queries come down to, without what only a second page would need.
    """
    index = bound.index
    if index is None or index.multikey or len(bound.intervals) != 1:
        return None
    sql = _statements(bound.entry.table, index.table, index.key_column, bound.is_backward, True)
    low, high = bound.intervals[0]
    execute = view.cursor.execute
    # For apsw a row is a tuple of any values; the statement says of which.
    if bound.is_point:
        return execute(sql.document, (low,)).fetchall()  # type: ignore[return-value]
    return execute(sql.documents, (low, high, size)).fetchall()  # type: ignore[return-value]


def point_rows(view: View, bound: Bound) -> list[Row]:
    """The row under the one key of a plan whose `is_point` says that it has one; or none."""
    index = bound.index
    assert index is not None  # noqa: S101 - only an index has points
    sql = _statements(bound.entry.table, index.table, index.key_column, bound.is_backward, True)
    # As above: the statement says what is in a row.
    return view.cursor.execute(sql.row, (bound.intervals[0][0],)).fetchall()  # type: ignore[return-value]


class Scan:
    """The rows (`rid`, document) of one plan, each document once."""

    def __init__(self, bound: Bound, *, with_documents: bool = True):
        self._with_documents = with_documents
        self._parts = list(bound.branches) or [bound]
        self._reader = self._reader_of(self._parts.pop(0))
        # One document may have several keys, or meet several branches.
        several = bool(bound.branches) or (bound.index is not None and bound.index.multikey)
        self._seen: set[int] | None = set() if several else None
        self.has_begun = False
        self.is_done = False

    def skip(self, view: View, count: int) -> int:
        """Pass over the first `count` rows by the index alone; how many it passed over.

        That is none where it takes several statements, or the documents themselves.
        """
        if self._seen is not None or isinstance(self._reader, _TableReader):
            return 0
        skipped = self._reader.skip(view, count)
        self.has_begun = True
        self.is_done = self._reader.is_done
        return skipped

    def page(self, view: View, size: int) -> list[Row]:
        """At most `size` rows more; `is_done` once there are no others."""
        rows = self._reader.page(view, size)
        self.has_begun = True
        while self._reader.is_done and self._parts:
            self._reader = self._reader_of(self._parts.pop(0))
            if not rows:
                rows = self._reader.page(view, size)
        self.is_done = self._reader.is_done
        if self._seen is None:
            return rows
        return self._unseen(rows, self._seen)

    def _reader_of(self, bound: Bound) -> "_IndexReader | _TableReader":
        if bound.index is None:
            return _TableReader(bound.entry.table)
        return _IndexReader(bound, bound.index, self._with_documents)

    @staticmethod
    def _unseen(rows: list[Row], seen: set[int]) -> list[Row]:
        new = []
        for row in rows:
            if row[0] not in seen:
                seen.add(row[0])
                new.append(row)
        return new


class _TableReader:
    """A whole collection, in the order of insertion."""

    def __init__(self, table: str):
        self._sql = f"SELECT rid, doc FROM {table} WHERE rid > ? ORDER BY rid LIMIT ?"  # noqa: S608
        self._after = -(2**63)
        self.is_done = False

    def page(self, view: View, size: int) -> list[Row]:
        rows, is_cut = _fetch(view.connection.execute(self._sql, (self._after, size)), size)
        self.is_done = len(rows) < size and not is_cut
        if rows:
            self._after = rows[-1][0]
        return rows


class _IndexReader:
    """The intervals of an index scan, one after the other."""

    def __init__(self, bound: Bound, index: Index, with_documents: bool):
        self._sql = _statements(
            bound.entry.table, index.table, index.key_column, bound.is_backward, with_documents
        )
        self._is_point = bound.is_point
        self._is_backward = bound.is_backward
        self._intervals: Sequence[Interval] = bound.intervals
        # The row after which to go on within the first interval.
        self._after: tuple[bytes, int] | None = None
        self.is_done = not bound.intervals

    def page(self, view: View, size: int) -> list[Row]:
        while not self.is_done:
            cursor, read = self._read(view, size)
            rows, is_cut = _fetch(cursor, size)
            if len(rows) < size and not is_cut:
                self._intervals = self._intervals[read:]
                self._after = None
            else:
                self._stop_behind(rows[-1])
            self.is_done = not self._intervals
            if rows:
                return [(rid, doc) for rid, doc, _ in rows]
        return []

    def skip(self, view: View, count: int) -> int:
        if len(self._intervals) != 1 or self._is_point:
            return 0
        low, high = self._intervals[0]
        if self._after is None:
            rows = fetch(view.connection, self._sql.nth, (low, high, count - 1))
        else:
            end = low if self._is_backward else high
            rows = fetch(view.connection, self._sql.next_nth, (*self._after, end, count - 1))
        if rows:
            ((key, rid),) = rows
            self._after = key, rid
        else:
            self._intervals = []
            self.is_done = True
        return count

    def _read(self, view: View, size: int) -> tuple[apsw.Cursor, int]:
        """The rows to fetch, and how many intervals were asked for them."""
        execute = view.connection.execute
        sql = self._sql
        if self._after is not None:
            key, rid = self._after
            end = self._intervals[0][0 if self._is_backward else 1]
            return execute(sql.next, (key, rid, end, size)), 1
        if self._is_point:
            keys = [low for low, _ in self._intervals[:_INTERVALS_AT_ONCE]]
            if len(keys) == 1:
                return execute(sql.point, (keys[0],)), 1
            return execute(sql.points(len(keys)), (*_padded(keys), size)), len(keys)
        if len(self._intervals) == 1 or self._is_backward:
            low, high = self._intervals[0]
            return execute(sql.first, (low, high, size)), 1
        some = self._intervals[:_INTERVALS_AT_ONCE]
        ends = [end for interval in _padded(some, (b"", b"")) for end in interval]
        return execute(sql.ranges(len(some)), (*ends, size)), len(some)

    def _stop_behind(self, row: Any) -> None:
        rid, _, key = row
        if self._is_point:
            position = next(i for i, (low, _) in enumerate(self._intervals) if low == key)
            self._intervals = self._intervals[position + 1 :]
            return
        if not self._is_backward and self._after is None:
            lows = [low for low, _ in self._intervals[:_INTERVALS_AT_ONCE]]
            self._intervals = self._intervals[bisect_right(lows, key) - 1 :]
        self._after = key, rid


def _fetch(cursor: apsw.Cursor, size: int) -> tuple[list[Any], bool]:
    """The rows of a page, and whether it was cut off because they are large."""
    if size <= _FEW_ROWS:
        return cursor.fetchall(), False
    rows: list[Any] = []
    content = 0
    for row in cursor:
        rows.append(row)
        content += len(row[1])
        if content > _MOST_BYTES:
            cursor.close()
            return rows, True
    return rows, False


def _padded(items: Sequence[Any], filler: Any = None) -> list[Any]:
    """`items` up to a power of two, so that few different statements are prepared."""
    return [*items, *[filler] * (_rounded(len(items)) - len(items))]


def _rounded(count: int) -> int:
    return 1 << (count - 1).bit_length()


class _Statements:
    """The SQL for one index in one direction; every table name is made of a number."""

    def __init__(self, table: str, index: str, key: str, is_backward: bool, with_documents: bool):
        source, self._link, document = f"{index} AS i", "", "x''"
        if with_documents and index == table:
            document = "i.doc"
        elif with_documents:
            source = f"{index} AS i CROSS JOIN {table} AS c"
            self._link = " AND c.rid = i.rid"
            document = "c.doc"
        columns = f"i.rid, {document}, i.{key}"
        self._key, self._columns, self._source = f"i.{key}", columns, source
        select = f"SELECT {columns} FROM {source} WHERE "  # noqa: S608
        down = " DESC" if is_backward else ""
        order = f"{self._link} ORDER BY {self._key}{down}, i.rid{down} LIMIT ?"
        self.document = f"SELECT {document} FROM {source} WHERE {self._key} = ?{self._link}"  # noqa: S608
        self.documents = (
            f"SELECT {document} FROM {source} WHERE {self._key} >= ? AND {self._key} < ?{order}"  # noqa: S608
        )
        self.row = f"SELECT i.rid, {document} FROM {source} WHERE {self._key} = ?{self._link}"  # noqa: S608
        self.point = f"{select}{self._key} = ?{self._link}"
        keys = f"SELECT {self._key}, i.rid FROM {index} AS i WHERE "  # noqa: S608
        nth = f" ORDER BY {self._key}{down}, i.rid{down} LIMIT 1 OFFSET ?"
        self.nth = f"{keys}{self._key} >= ? AND {self._key} < ?{nth}"
        self.first = f"{select}{self._key} >= ? AND {self._key} < ?{order}"
        behind = f"({self._key}, i.rid) > (?, ?) AND {self._key} < ?"
        if is_backward:
            behind = f"({self._key}, i.rid) < (?, ?) AND {self._key} >= ?"
        self.next = f"{select}{behind}{order}"
        self.next_nth = f"{keys}{behind}{nth}"

    def points(self, count: int) -> str:
        """Several keys of a unique index, in the order they are given."""
        values = ", ".join(["(?)"] * _rounded(count))
        return (
            f"WITH w (low) AS (VALUES {values}) SELECT {self._columns} "  # noqa: S608
            f"FROM w CROSS JOIN {self._source} WHERE {self._key} = w.low{self._link} LIMIT ?"
        )

    def ranges(self, count: int) -> str:
        """Several ascending intervals: the outer loop is over them, the inner one over keys."""
        values = ", ".join(["(?, ?)"] * _rounded(count))
        return (
            f"WITH w (low, high) AS (VALUES {values}) SELECT {self._columns} "  # noqa: S608
            f"FROM w CROSS JOIN {self._source} "
            f"WHERE {self._key} >= w.low AND {self._key} < w.high{self._link} LIMIT ?"
        )


@lru_cache(maxsize=1024)
def _statements(
    table: str, index: str, key: str, is_backward: bool, with_documents: bool
) -> _Statements:
    return _Statements(table, index, key, is_backward, with_documents)
