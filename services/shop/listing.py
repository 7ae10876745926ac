"""Under which terms a product is listed: all, its category, and every word it is found by."""

from collections import defaultdict
from collections.abc import Iterable

from repositories.shop.postings import PostingRepository
from repositories.shop.products import ACTIVE
from repositories.types import Document, Tx
from services.shop.search_terms import terms_of

# No word begins with "@".
ALL = "@"

Change = tuple[Document | None, Document | None]
"""A product before and after; None where there is none."""


def category_term(category_id: str) -> str:
    """The term of the products that are in this very category."""
    return f"@category:{category_id}"


def listing_terms(product: Document | None) -> set[str]:
    """Every term under which a product is listed; none for one that is not active."""
    if product is None or product["status"] != ACTIVE:
        return set()
    terms = terms_of((product["name"], product["description"]))
    terms.add(ALL)
    if product["category_id"] is not None:
        terms.add(category_term(product["category_id"]))
    return terms


class Listing:
    """Keeps the postings true to the products; in the transaction that changes those."""

    def __init__(self, postings: PostingRepository):
        self._postings = postings

    async def update(self, changes: Iterable[Change], *, tx: Tx) -> None:
        """List products as they are after the changes, and no longer as they were before."""
        gained: dict[str, list[int]] = defaultdict(list)
        lost: dict[str, list[int]] = defaultdict(list)
        for before, after in changes:
            old, new = listing_terms(before), listing_terms(after)
            number = (after or before or {})["number"]
            for term in new - old:
                gained[term].append(number)
            for term in old - new:
                lost[term].append(number)
        await self._postings.change(gained, lost, tx=tx)
