"""Under which terms a product is listed: all, its category, and every word it is found by.

The lists (all, a category) have exactly the products that are active, at every commit. Under
a word may also be the numbers of products that are still to be kept, for an import puts the
words of thousands of products in their sets before it keeps the products, each in a short
transaction (docs/decisions/0010). So a search counts only what the list of all has too.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from repositories import number_sets
from repositories.number_sets import Chunks
from repositories.shop.postings import PostingRepository, Sets
from repositories.shop.products import ACTIVE
from repositories.types import Document, Tx
from services.shop.search_terms import terms_of_word, words_of

# No word begins with "@".
ALL = "@"

Change = tuple[Document | None, Document | None]
"""A product before and after; None where there is none."""

_TERMS_TOGETHER = 2_000


def category_term(category_id: str) -> str:
    """The term of the products that are in this very category."""
    return f"@category:{category_id}"


class Listing:
    """Keeps the postings true to the products; in the transaction that changes those."""

    def __init__(self, postings: PostingRepository):
        self._postings = postings

    async def update(
        self, changes: Iterable[Change], *, announced: Collection[int] = (), tx: Tx
    ) -> None:
        """List products as they are after the changes, and no longer as they were before.

        The new products with the numbers `announced` are under their words already.
        """
        gained: dict[str, list[int]] = defaultdict(list)
        lost: dict[str, list[int]] = defaultdict(list)
        for before, after in changes:
            number = (after or before or {})["number"]
            old, new = _lists(before), _lists(after)
            if number not in announced and not _have_same_words(before, after):
                old, new = old | _words(before), new | _words(after)
            for word in new - old:
                gained[word].append(number)
            # A term goes only when no other word has it.
            for term in _terms(old - new) - _terms(new) if old - new else ():
                lost[term].append(number)
        await self._postings.change(
            _by_term(gained),
            {term: number_sets.chunks_of(numbers) for term, numbers in lost.items()},
            tx=tx,
        )

    async def announce(self, part: Sets, *, tx: Tx) -> None:
        """Put products that are still to be kept under some of their words."""
        await self._postings.change(part, {}, tx=tx)


def announcement(products: Iterable[Document]) -> list[Sets]:
    """The words of products that have their numbers and are still to be kept.

    In parts that `Listing.announce` takes a transaction each. For 16,000 products this
    takes a second: it is for scripts, not for a server's event loop.
    """
    numbers: dict[str, list[int]] = defaultdict(list)
    for product in products:
        for word in _words(product):
            numbers[word].append(product["number"])
    by_term = _by_term(numbers)
    terms = sorted(by_term)
    return [
        {term: by_term[term] for term in terms[start : start + _TERMS_TOGETHER]}
        for start in range(0, len(terms), _TERMS_TOGETHER)
    ]


def terms_of_product(product: Document) -> set[str]:
    """Every term that has the product: its lists, and the beginnings of its words."""
    return _lists(product) | _terms(_words(product))


def _lists(product: Document | None) -> set[str]:
    """The lists that a product is in; none for one that is not active."""
    if product is None or product["status"] != ACTIVE:
        return set()
    category_id = product["category_id"]
    return {ALL} if category_id is None else {ALL, category_term(category_id)}


def _words(product: Document | None) -> set[str]:
    """Every word by which a product is found; none for one that is not active."""
    if product is None or product["status"] != ACTIVE:
        return set()
    return words_of((product["name"], product["description"]))


def _have_same_words(before: Document | None, after: Document | None) -> bool:
    fields = ("status", "name", "description")
    return (
        before is not None
        and after is not None
        and all(before[field] == after[field] for field in fields)
    )


def _terms_of(word: str) -> frozenset[str]:
    return frozenset((word,)) if word.startswith("@") else terms_of_word(word)


def _terms(words: Iterable[str]) -> set[str]:
    return set().union(*map(_terms_of, words))


def _by_term(numbers: Mapping[str, list[int]]) -> dict[str, Chunks]:
    """The numbers of words by the terms of these words."""
    chunks: dict[str, Chunks] = {}
    for word, some in numbers.items():
        of_word = number_sets.chunks_of(some)
        for term in _terms_of(word):
            chunks[term] = number_sets.union((chunks[term], of_word)) if term in chunks else of_word
    return chunks
