"""Queries, answered: finding, sorting, counting.

Everything here gives the event loop back after a few milliseconds of work.
"""

import asyncio
import heapq
from collections.abc import Callable, Iterator
from itertools import islice
from time import monotonic, perf_counter
from typing import Any, Final

import apsw
from bson.objectid import ObjectId
from pymongo.errors import OperationFailure

from repositories.embedded.codec import OPTIONS, Options, decode, decode_all
from repositories.embedded.encoding import encode_value
from repositories.embedded.errors import unavailable
from repositories.embedded.keys import sort_key
from repositories.embedded.match import compile_filter
from repositories.embedded.meter import Tell, untold
from repositories.embedded.plan import Bound, Observer, Plan, Sort, matcher_of, plan, whole
from repositories.embedded.predicates import Filter
from repositories.embedded.scan import Scan, only_page
from repositories.embedded.sql import fetch
from repositories.embedded.view import DISK_ERRORS, View

Document = dict[str, Any]

#: Rows of a page: enough for a statement to be worth it, few enough for the loop to bear it.
_FEWEST_ROWS: Final = 16
_MOST_ROWS: Final = 128
#: The most that is read by a single statement without giving way.
_FEW_ROWS: Final = 100
#: How long to work before others get their turn.
_STRETCH_SECONDS: Final = 0.001
#: Index rows that are counted, or passed over, by one statement.
_COUNTED_AT_ONCE: Final = 5_000
_QUERY_PLAN_KILLED: Final = 175
#: Values of `_id` that equal exactly those with the same key.
_PLAIN_IDS: Final = frozenset({ObjectId, str, int})


class Breather:
    """Lets the event loop go on whenever a stretch of work has lasted long enough."""

    def __init__(self) -> None:
        self._since = monotonic()

    async def breathe(self) -> None:
        """Give way if it is time to."""
        if monotonic() - self._since > _STRETCH_SECONDS:
            await asyncio.sleep(0)
            self._since = monotonic()


#: Gives the view to read on; raises when the transaction it belongs to has ended. Asked again
#: for every page, as anything may have happened since the last.
ViewSource = Callable[[], View]


class Query:
    """A filter with its order and limits. `limit` 0 means none."""

    __slots__ = (
        "bound",
        "filter",
        "limit",
        "name",
        "observer",
        "operation",
        "options",
        "skip",
        "sort",
        "tell",
    )

    def __init__(
        self,
        name: str,
        operation: str,
        filter: Filter,
        sort: Sort = (),
        skip: int = 0,
        limit: int = 0,
        tell: Tell = untold,
        observer: Observer | None = None,
        options: Options = OPTIONS,
    ):
        self.name = name
        self.operation = operation
        self.filter = filter
        self.sort = sort
        self.skip = skip
        self.limit = limit
        #: Is told how long answering took.
        self.tell = tell
        self.observer = observer
        self.options = options
        self.bound: Bound | None = None

    @property
    def is_count(self) -> bool:
        """Whether only the number of documents is asked for."""
        return self.operation in ("count_documents", "estimated_document_count")

    def bind(self, view: View) -> Bound | None:
        """The plan on what `view` sees, made once; None when there is no such collection."""
        if self.bound is None:
            self.bound = self._bind(view)
            if self.observer is not None and self.bound is not None:
                self.observer(self.name, self.operation, self.bound.describe(self.sort))
        return self.bound

    def _bind(self, view: View) -> Bound | None:
        bound = self._planned(view)
        # Another process may have made the collection, or the index that is missing.
        if (bound is None or not bound.uses_index) and view.catalog.refresh():
            bound = self._planned(view)
        return bound

    def _planned(self, view: View) -> Bound | None:
        entry = view.catalog.collections.get(self.name)
        if entry is None:
            return None
        if self.is_count and not self.filter:
            return whole(entry)
        return plan(entry, self.filter, self.sort)

    def explain(self, view: View) -> dict[str, Any]:
        """The plan as a document; stage EOF when there is no such collection."""
        bound = self._bind(view)
        return (Plan("EOF") if bound is None else bound.describe(self.sort)).as_document()

    def is_in_order(self, bound: Bound) -> bool:
        """Whether rows come in the order that is asked for."""
        return bound.is_sorted or not self.sort

    def few(self, view: View) -> list[Document] | None:
        """All documents by one statement, when they are few and found in order; else None.

        The way of most queries: it awaits nothing, and nothing is left open.
        """
        if self.limit + self.skip > _FEW_ROWS:
            return None
        try:
            try:
                return self._few(view)
            except apsw.SQLError:
                # The catalog may have changed since the plan was made.
                if not view.catalog.refresh():
                    raise
                self.bound = None
                return self._few(view)
        except DISK_ERRORS as problem:
            raise unavailable(problem) from problem

    def _few(self, view: View) -> list[Document] | None:
        bound = self.bind(view)
        if bound is None:
            return []
        if self.sort and not bound.is_sorted:
            return None
        wanted = self.skip + self.limit if self.limit else _FEW_ROWS
        size = wanted if bound.is_exact else max(wanted, _FEWEST_ROWS)
        rows = only_page(view, bound, size)
        if rows is None:
            return None
        is_whole = len(rows) < size or bound.is_point
        if not (is_whole or self.limit):
            return None
        found = decode_all([doc for (doc,) in rows], self.options)
        if not bound.is_exact:
            matches = compile_filter(self.filter)
            found = [document for document in found if matches(document)]
            if len(found) < wanted and not is_whole:
                return None
        return found[self.skip : wanted]


def is_plain_id(filter: Filter) -> bool:
    """Whether a filter asks for one `_id` of a common type, and for nothing else."""
    return len(filter) == 1 and type(filter.get("_id")) in _PLAIN_IDS


def by_id(
    view: View, name: str, filter: Filter, options: Options, tell: Tell
) -> list[Document] | None:
    """The document that a plain id means, or none, without a plan; None to plan after all.

    Every request looks its session and its account up this way.
    """
    began = perf_counter()
    entry = view.catalog.collections.get(name)
    if entry is None:
        return None
    sql = f"SELECT doc FROM {entry.table} WHERE id = ?"  # noqa: S608
    try:
        rows: list[Any] = view.cursor.execute(sql, (encode_value(filter["_id"]),)).fetchall()
    except apsw.SQLError:  # the catalog has changed
        return None
    except DISK_ERRORS as problem:
        raise unavailable(problem) from problem
    found = [decode(doc, options) for (doc,) in rows]
    tell(perf_counter() - began)
    return found


def _matching(
    rows: list[Any], matches: Callable[[Document], bool] | None, options: Options
) -> list[Document]:
    found = decode_all([doc for _, doc in rows], options)
    return found if matches is None else [document for document in found if matches(document)]


class Reading:
    """The documents of a query, batch by batch, in order."""

    def __init__(self, query: Query, source: ViewSource):
        self._query = query
        self._source = source
        self._breather = Breather()
        self._bound: Bound | None = None
        self._scan: Scan | None = None
        self._matches: Callable[[Document], bool] | None = None
        self._sorted: Iterator[Document] | None = None
        self._left = query.limit
        self._to_skip = query.skip
        self.is_done = False

    async def batch(self) -> list[Document]:
        """The next documents; none only at the end."""
        if self._bound is None and not self._start():
            return []
        assert self._bound is not None  # noqa: S101 - just started
        while not self.is_done:
            if self._query.is_in_order(self._bound):
                found = await self._page(self._page_size())
                self.is_done = self._scan is None or self._scan.is_done
            else:
                if self._sorted is None:
                    self._sorted = await self._sort()
                found = list(islice(self._sorted, _MOST_ROWS))
                self.is_done = not found
                await self._breather.breathe()
            if found := self._within_limits(found):
                return found
        return []

    def _start(self) -> bool:
        self._bound = self._query.bind(self._source())
        if self._bound is None:
            self.is_done = True
            return False
        self._scan = Scan(self._bound)
        self._matches = matcher_of(self._bound, self._query.filter)
        return True

    def _page_size(self) -> int:
        if not self._query.limit:
            return _MOST_ROWS
        return min(max(self._left + self._to_skip, _FEWEST_ROWS), _MOST_ROWS)

    def _within_limits(self, found: list[Document]) -> list[Document]:
        if self._to_skip:
            skipped = min(self._to_skip, len(found))
            self._to_skip -= skipped
            found = found[skipped:]
        if self._query.limit:
            found = found[: self._left]
            self._left -= len(found)
            self.is_done = self.is_done or self._left == 0
        return found

    async def _page(self, size: int) -> list[Document]:
        """The matching documents of the next page."""
        assert self._scan is not None  # noqa: S101 - started by the caller
        assert self._bound is not None  # noqa: S101 - likewise
        try:
            view = self._source()
            if self._to_skip and self._bound.is_exact and self._query.is_in_order(self._bound):
                skipped = self._scan.skip(view, min(self._to_skip, _COUNTED_AT_ONCE))
                self._to_skip -= skipped
                if skipped and self._to_skip and not self._scan.is_done:
                    await self._breather.breathe()
                    return []
            rows = self._scan.page(view, size)
        except apsw.SQLError as problem:
            self._replan(problem)
            return []
        except DISK_ERRORS as problem:
            raise unavailable(problem) from problem
        found = _matching(rows, self._matches, self._query.options)
        await self._breather.breathe()
        return found

    def _replan(self, problem: apsw.SQLError) -> None:
        assert self._scan is not None  # noqa: S101 - started by the caller
        if not self._source().catalog.refresh():
            raise problem
        self._query.bound = None
        if self._scan.has_begun:
            raise OperationFailure(
                "An index of the collection changed while the query was reading it. Run it again.",
                _QUERY_PLAN_KILLED,
            ) from problem
        self._start()

    async def _sort(self) -> Iterator[Document]:
        """Everything that matches, sorted in memory; with a limit, only the first ones kept."""
        query = self._query
        key = sort_key(query.sort)
        kept = query.skip + query.limit if query.limit else None
        runs: list[list[tuple[bytes, int, Document]]] = []
        run: list[tuple[bytes, int, Document]] = []
        number = 0
        while self._scan is not None and not self._scan.is_done:
            for document in await self._page(_MOST_ROWS):
                # The number keeps the order of reading among equals.
                run.append((key(document), number, document))
                number += 1
            if len(run) >= 2 * (kept or _MOST_ROWS):
                run.sort()
                if kept is None:
                    runs.append(run)
                    run = []
                else:
                    del run[kept:]
        run.sort()
        return (document for _, _, document in heapq.merge(*runs, run))


async def all_documents(query: Query, source: ViewSource) -> list[Document]:
    """Every document of a query."""
    began = perf_counter()
    found = query.few(source())
    if found is None:
        reading = Reading(query, source)
        found = []
        while batch := await reading.batch():
            found += batch
    query.tell(perf_counter() - began)
    return found


async def first_document(query: Query, source: ViewSource) -> Document | None:
    """The first document of a query whose limit is 1."""
    began = perf_counter()
    found = query.few(source())
    if found is None:
        found = await Reading(query, source).batch()
    query.tell(perf_counter() - began)
    return found[0] if found else None


async def count(query: Query, source: ViewSource) -> int:
    """How many documents a query has, within its skip and limit."""
    began = perf_counter()
    try:
        found = await _count(query, source)
    except apsw.SQLError:
        if not source().catalog.refresh():
            raise
        query.bound = None
        found = await _count(query, source)
    query.tell(perf_counter() - began)
    return found


async def _count(query: Query, source: ViewSource) -> int:
    bound = query.bind(source())
    if bound is None:
        return 0
    if bound.is_exact and bound.index is not None and not bound.is_point:
        found = max(await _count_keys(source, bound) - query.skip, 0)
        return min(found, query.limit) if query.limit else found
    reading = Reading(query, source)
    total = 0
    while batch := await reading.batch():
        total += len(batch)
    return total


async def _count_keys(source: ViewSource, bound: Bound) -> int:
    """The number of rows in the intervals, from the index alone."""
    breather = Breather()
    total = 0
    for low, high in bound.intervals:
        after: tuple[bytes, int] | None = None
        while True:
            try:
                counted, after = _count_some(source(), bound, low, high, after)
            except DISK_ERRORS as problem:
                raise unavailable(problem) from problem
            total += counted
            if after is None:
                break
            await breather.breathe()
    return total


def _count_some(
    view: View, bound: Bound, low: bytes, high: bytes, after: tuple[bytes, int] | None
) -> tuple[int, tuple[bytes, int] | None]:
    """Rows of an interval behind `after`, and where to go on if these were not all."""
    assert bound.index is not None  # noqa: S101 - the caller has looked
    key, table = bound.index.key_column, bound.index.table
    start: tuple[Any, ...] = (low,) if after is None else after
    condition = f"{key} >= ?" if after is None else f"({key}, rid) > (?, ?)"
    where = f"FROM {table} WHERE {condition} AND {key} < ?"
    rows = fetch(
        view.connection,
        f"SELECT {key}, rid {where} ORDER BY {key}, rid LIMIT 1 OFFSET ?",
        (*start, high, _COUNTED_AT_ONCE - 1),
    )
    if rows:
        return _COUNTED_AT_ONCE, rows[0]
    ((rest,),) = fetch(view.connection, f"SELECT count(*) {where}", (*start, high))
    return rest, None
