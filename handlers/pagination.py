"""`page` and `page_size` in, `meta` out (SHOP, "Pagination Metadata"; CONTRACT section 7)."""

import re

from handlers.base import Answer, BaseHandler
from services.errors import Invalid
from services.pagination import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, Page, PageRequest

_POSITIVE = re.compile(r"0*([1-9][0-9]*)")
_MAX_DIGITS = 15


class InvalidPage(Invalid):
    """`page` or `page_size` is not a positive integer."""

    code = "invalid_page"

    def __init__(self, name: str):
        super().__init__(f"{name} must be a positive integer")


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
        return PageRequest(
            number=self._positive("page", default=1),
            size=min(self._positive("page_size", default=DEFAULT_PAGE_SIZE), MAX_PAGE_SIZE),
        )

    def _positive(self, name: str, *, default: int) -> int:
        # Whole: Tornado reads control characters as spaces, and would strip those.
        given = self.get_query_argument(name, None, strip=False)
        if given is None:
            return default
        found = _POSITIVE.fullmatch(given)
        if found is None:
            raise InvalidPage(name)
        # Python refuses to read endless digits; past the end is past the end.
        return int(found.group(1)[:_MAX_DIGITS])
