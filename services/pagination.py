"""Pages: which one is asked for, and what is on it (SHOP, "Pagination Metadata")."""

from collections.abc import Sequence
from dataclasses import dataclass

from repositories.types import Document

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is asked for: `number` from 1, `size` from 1 to MAX_PAGE_SIZE."""

    number: int = 1
    size: int = DEFAULT_PAGE_SIZE

    @property
    def offset(self) -> int:
        """How many items come before the page."""
        return (self.number - 1) * self.size


@dataclass(frozen=True, slots=True)
class Page:
    """The items of a page, none past the end, and how many there are on all pages."""

    items: Sequence[Document]
    total_items: int
    request: PageRequest
