"""Under which terms a product is listed: all, its category, and every word it is found by.

The lists (all, a category) have exactly the products that are active, at every commit. Under
a word may also be the numbers of products that are still to be kept, for an import puts the
words of thousands of products in their sets before it keeps the products, each in a short
transaction (docs/decisions/0010). So a search counts only what the list of all has too.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from repositories import number_sets
from repositories.number_sets import Chunks
from repositories.shop.postings import PostingRepository, Sets
from repositories.shop.products import ACTIVE
from repositories.types import Document, Tx
from services.shop.beginnings import sets_of_beginnings
from services.shop.search_terms import stems_of_word, terms_of_word, words_of

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
        self, changes: Sequence[Change], *, announced: Collection[int] = (), tx: Tx
    ) -> None:
        """List products as they are after the changes, and no longer as they were before.

        The new products with the numbers `announced` are under their words already.
        """
        gained: dict[str, list[int]] = defaultdict(list)
        gained_stems: dict[str, list[int]] = defaultdict(list)
        lost: dict[str, list[int]] = defaultdict(list)
        for before, after in changes:
            number = (after or before or {})["number"]
            for name in _lists(after) - _lists(before):
                gained[name].append(number)
            for name in _lists(before) - _lists(after):
                lost[name].append(number)
            if number in announced or _have_same_words(before, after):
                continue
            old, new = _words(before), _words(after)
            for stem in _stems(new - old):
                gained_stems[stem].append(number)
            # A term goes only when no other word has it.
            for term in _terms(old - new) - _terms(new) if old - new else ():
                lost[term].append(number)
        if any(map(_has_other_texts, changes)):
            await self._postings.count_text_change(tx=tx)
        await self._postings.change(
            _sets(gained) | dict(sets_of_beginnings(gained_stems)), _sets(lost), tx=tx
        )

    async def announce(self, part: Sets, *, tx: Tx) -> None:
        """Put products that are still to be kept under some of their words."""
        await self._postings.change(part, {}, tx=tx)


def announcement(products: Iterable[Document]) -> Iterator[Sets]:
    """The words of products that have their numbers and are still to be kept.

    In parts that `Listing.announce` takes a transaction each. For 16,000 products they
    take a second to make: they are for scripts, not for a server's event loop.
    """
    numbers: dict[str, list[int]] = defaultdict(list)
    for product in products:
        number = product["number"]
        for stem in _stems(_words(product)):
            numbers[stem].append(number)
    sets = sets_of_beginnings(numbers)
    while part := dict(islice(sets, _TERMS_TOGETHER)):
        yield part


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
    return (
        before is not None
        and after is not None
        and before["status"] == after["status"]
        and not _has_other_texts((before, after))
    )


def _has_other_texts(change: Change) -> bool:
    """Whether a product was there, and with other texts."""
    before, after = change
    return (
        before is not None
        and after is not None
        and (before["name"], before["description"]) != (after["name"], after["description"])
    )


def _stems(words: Iterable[str]) -> set[str]:
    return {stem for word in words for stem in stems_of_word(word)}


def _terms(words: Iterable[str]) -> set[str]:
    return set().union(*map(terms_of_word, words))


def _sets(numbers: Mapping[str, list[int]]) -> dict[str, Chunks]:
    return {term: number_sets.chunks_of(some) for term, some in numbers.items()}
