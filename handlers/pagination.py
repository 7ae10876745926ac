"""`page` and `page_size` in, `meta` out (SHOP, "Pagination Metadata"; CONTRACT section 7)."""

import re
from typing import Annotated, ClassVar

import msgspec

from handlers.base import Answer, BaseHandler
from handlers.parameters import Query
from services.errors import Invalid
from services.pagination import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, Page, PageRequest

_POSITIVE = re.compile(r"0*([1-9][0-9]*)")
_MAX_DIGITS = 15


class InvalidPage(Invalid):
    """`page` or `page_size` is not a positive integer."""

    code = "invalid_page"

    def __init__(self, name: str):
        super().__init__(f"{name} must be a positive integer")


class PageQuery(Query, frozen=True, kw_only=True):
    """Which page of how many; a larger `page_size` than 100 is read as 100."""

    page: Annotated[
        str, msgspec.Meta(extra={"schema": {"type": "integer", "minimum": 1, "default": 1}})
    ] = "1"
    page_size: Annotated[
        str,
        msgspec.Meta(
            extra={"schema": {"type": "integer", "minimum": 1, "default": DEFAULT_PAGE_SIZE}}
        ),
    ] = str(DEFAULT_PAGE_SIZE)

    as_written: ClassVar[frozenset[str]] = frozenset({"page", "page_size"})


class Meta(Answer, frozen=True, kw_only=True):
    """Where a page stands among all."""

    page: int
    page_size: int
    total_items: int
    total_pages: int
    has_next: bool
    has_prev: bool

    @classmethod
    def of(cls, page: Page) -> "Meta":
        """The documented `meta` of a page; a page past the end still has one before it."""
        number, size = page.request.number, page.request.size
        total_pages = -(-page.total_items // size)
        return cls(
            page=number,
            page_size=size,
            total_items=page.total_items,
            total_pages=total_pages,
            has_next=number < total_pages,
            has_prev=number > 1 and total_pages > 0,
        )


class PagedHandler(BaseHandler):
    """A route that answers a page at a time."""

    def page_request(self) -> PageRequest:
        """The page that the query names. Raises InvalidPage."""
        query = self.read_query(PageQuery)
        return PageRequest(
            number=_positive("page", query.page),
            size=min(_positive("page_size", query.page_size), MAX_PAGE_SIZE),
        )


def _positive(name: str, given: str) -> int:
    found = _POSITIVE.fullmatch(given)
    if found is None:
        raise InvalidPage(name)
    # Python refuses to read endless digits; past the end is past the end.
    return int(found.group(1)[:_MAX_DIGITS])
