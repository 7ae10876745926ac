"""Under which terms a product is listed: all, its category, and every word it is found by."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from repositories.shop import number_sets
from repositories.shop.number_sets import Chunks
from repositories.shop.postings import PostingRepository
from repositories.shop.products import ACTIVE
from repositories.types import Document, Tx
from services.shop.search_terms import terms_of_word, words_of

# No word begins with "@".
ALL = "@"

Change = tuple[Document | None, Document | None]
"""A product before and after; None where there is none."""


def category_term(category_id: str) -> str:
    """The term of the products that are in this very category."""
    return f"@category:{category_id}"


class Listing:
    """Keeps the postings true to the products; in the transaction that changes those."""

    def __init__(self, postings: PostingRepository):
        self._postings = postings

    async def update(self, changes: Iterable[Change], *, tx: Tx) -> None:
        """List products as they are after the changes, and no longer as they were before."""
        gained: dict[str, list[int]] = defaultdict(list)
        lost: dict[str, list[int]] = defaultdict(list)
        for before, after in changes:
            old, new = _words(before), _words(after)
            number = (after or before or {})["number"]
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


def _words(product: Document | None) -> set[str]:
    """Every word under which a product is listed; none for one that is not active."""
    if product is None or product["status"] != ACTIVE:
        return set()
    words = words_of((product["name"], product["description"]))
    words.add(ALL)
    if product["category_id"] is not None:
        words.add(category_term(product["category_id"]))
    return words


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
