"""What `find` answers: a query that is read when it is asked for its documents."""

from collections.abc import AsyncIterator, Awaitable, Callable
from copy import copy
from time import perf_counter
from typing import Any

from pymongo.errors import InvalidOperation

from repositories.embedded.plan import normalised_sort
from repositories.embedded.project import Projector
from repositories.embedded.reading import Document, Query, Reading, ViewSource, all_documents

Sources = Callable[[], Awaitable[ViewSource]]


class Cursor:
    """The documents of a query, in its order; `async for` or `to_list`, as with Motor."""

    def __init__(self, query: Query, project: Projector | None, sources: Sources):
        self._query = query
        self._project = project
        self._sources = sources
        self._reading: Reading | None = None
        self._batch: list[Document] = []
        self._position = 0
        self._has_begun = False
        self._is_closed = False

    @property
    def alive(self) -> bool:
        """Whether there may be documents left to read."""
        return not self._is_closed

    def sort(self, keys: Any, direction: int | None = None) -> "Cursor":
        """Order by a field and direction, or by a list of such pairs."""
        given = keys if direction is None else [(keys, direction)]
        self._changing().sort = normalised_sort(given)
        return self

    def skip(self, skip: int) -> "Cursor":
        """Leave out the first `skip` documents."""
        if not isinstance(skip, int) or isinstance(skip, bool):
            raise TypeError("skip must be an instance of int")
        if skip < 0:
            raise ValueError("skip must be >= 0")
        self._changing().skip = skip
        return self

    def limit(self, limit: int) -> "Cursor":
        """Read at most `limit` documents; 0 means all."""
        if not isinstance(limit, int) or isinstance(limit, bool):
            raise TypeError("limit must be an instance of int")
        self._changing().limit = abs(limit)
        return self

    def batch_size(self, batch_size: int) -> "Cursor":
        """Accepted for Motor's sake; pages have the size that reads best."""
        if not isinstance(batch_size, int) or batch_size < 0:
            raise ValueError("batch_size must be >= 0")
        self._changing()
        return self

    async def explain(self) -> dict[str, Any]:
        """How the query is answered: `Plan.as_document`, or COLLSCAN without a collection."""
        source = await self._sources()
        return self._query.explain(source())

    async def to_list(self, length: int | None = None) -> list[Document]:
        """The documents that are left, or the next `length` of them."""
        if length is not None and length < 0:
            raise ValueError("length must be positive")
        if not self._has_begun and not self._is_closed:
            limit = self._query.limit
            if length is None or (limit and length >= limit):
                self._has_begun = self._is_closed = True
                found = await all_documents(self._query, await self._sources())
                return found if self._project is None else list(map(self._project, found))
        found = []
        while length is None or len(found) < length:
            document = await self._next()
            if document is None:
                break
            found.append(document)
        return found

    async def next(self) -> Document:
        """The next document; raises StopAsyncIteration at the end."""
        document = await self._next()
        if document is None:
            raise StopAsyncIteration
        return document

    __anext__ = next

    def __aiter__(self) -> AsyncIterator[Document]:
        return self

    async def close(self) -> None:
        """Read no more."""
        self._is_closed = True
        self._batch = []

    def clone(self) -> "Cursor":
        """The same query, unread."""
        query = copy(self._query)
        query.bound = None
        return Cursor(query, self._project, self._sources)

    def _changing(self) -> Query:
        if self._has_begun:
            raise InvalidOperation("cannot set options after executing query")
        return self._query

    async def _next(self) -> Document | None:
        if self._position >= len(self._batch):
            if self._is_closed:
                return None
            self._has_begun = True
            if self._reading is None:
                self._reading = Reading(self._query, await self._sources())
            began, was_read = perf_counter(), self._reading.is_done
            self._batch, self._position = await self._reading.batch(), 0
            if not was_read:
                self._query.tell(perf_counter() - began)
            if not self._batch:
                self._is_closed = True
                return None
        document = self._batch[self._position]
        self._position += 1
        return document if self._project is None else self._project(document)
