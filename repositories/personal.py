"""What collections keep of one account, to be handed to the person it belongs to."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from repositories.types import Document

Query = Callable[[Document], Document | None]
"""The filter that finds what is an account's, or None when there can't be any."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a collection keeps of accounts, under the name it has in an export.

    `hidden` are the fields that are left out: hashes of secrets, and what is others'.
    """

    section: str
    collection: str
    query: Query
    hidden: tuple[str, ...] = ()


def by(field: str) -> Query:
    """The filter for documents that name an account's id in `field`."""
    return lambda user: {field: user["_id"]}


class PersonalRepository:
    """Reads it section by section, document by document; queries are served by an index."""

    def __init__(self, storage: Any, kept: Sequence[Kept]):
        self._storage = storage
        self._kept = kept

    @property
    def collections(self) -> frozenset[str]:
        """The collections that are read."""
        return frozenset(kept.collection for kept in self._kept)

    def sections(self, user: Document) -> Iterator[tuple[str, AsyncIterator[Document]]]:
        """Each section with its documents."""
        for kept in self._kept:
            query = kept.query(user)
            if query is not None:
                yield kept.section, self._documents(kept, query)

    async def _documents(self, kept: Kept, query: Document) -> AsyncIterator[Document]:
        # Whole documents without some fields: what is added to them is the person's too.
        async for document in self._storage[kept.collection].find(query):
            yield {name: value for name, value in document.items() if name not in kept.hidden}
