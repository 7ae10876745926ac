"""Looking for products that lists and searches miss, or show wrongly.

There are a hundred times as many pairs of a term and a product as there are products. So of
each product's terms only a hash is remembered, 8 bytes for its lists and 8 for its words:
once of the terms it should be under, once of those it is under.
"""

from array import array
from collections import defaultdict

from repositories.shop.checking import ListingCheckingRepository
from repositories.shop.products import ACTIVE
from repositories.types import Document, Transaction
from services.checking import Progress
from services.shop.listing import ALL, category_term
from services.shop.search_terms import terms_of_word, words_of

_AT_ONCE = 1_000
"""How many suspicious products are looked at together; their terms are all in memory."""


class ListingCheck:
    """Compares postings with products, in both directions."""

    def __init__(self, repository: ListingCheckingRepository, transaction: Transaction):
        self._repository = repository
        self._transaction = transaction

    async def find_problems(self, progress: Progress) -> list[str]:
        """One sentence for each problem."""
        suspicious = await self._suspicious(progress)
        problems = []
        for start in range(0, len(suspicious), _AT_ONCE):
            some = suspicious[start : start + _AT_ONCE]
            under = await self._terms_under(set(some))
            for number in some:
                problems += await self._problems_of_product(number, under[number])
        return problems

    async def _suspicious(self, progress: Progress) -> list[int]:
        """The numbers of products whose terms and postings may differ, ascending."""
        lists, words, is_listed = Hashes(), Hashes(), bytearray()
        async for product in self._repository.products():
            number = product["number"]
            is_listed.extend(bytes(max(number + 1 - len(is_listed), 0)))
            for term in terms_of_product(product):
                is_listed[number] = True
                (lists if is_list(term) else words).add(number, term)
            progress()
        async for term, numbers in self._repository.postings():
            hashes = lists if is_list(term) else words
            for number in numbers:
                hashes.add(number, term)
            progress()
        # Under a word may be numbers that no list has: searches leave them out.
        wrong = {number for number in words.unequal() if number < len(is_listed)}
        return sorted(lists.unequal() | {number for number in wrong if is_listed[number]})

    async def _terms_under(self, numbers: set[int]) -> dict[int, set[str]]:
        """The terms that each of some numbers is under."""
        under: dict[int, set[str]] = defaultdict(set)
        async for term, kept in self._repository.postings():
            for number in numbers.intersection(kept):
                under[number].add(term)
        return under

    async def _problems_of_product(self, number: int, under: set[str]) -> list[str]:
        async with self._transaction() as tx:
            product = await self._repository.find_product(number, tx=tx)
            wanted = set() if product is None else terms_of_product(product)
            found = await self._repository.terms_with(number, sorted(under | wanted), tx=tx)
        if not any(map(is_list, wanted)):
            # What no list has is shown by no search (`services/shop/listing.py`).
            found = {term for term in found if is_list(term)}
        name = f"product {number}" if product is None else str(product["_id"])
        return [
            *(f"postings: {name} is not under {term!r}." for term in sorted(wanted - found)),
            *(f"postings: {name} is under {term!r}." for term in sorted(found - wanted)),
        ]


class Hashes:
    """For each number, whether it was given each term an even number of times."""

    def __init__(self) -> None:
        self._hashes = array("q")

    def add(self, number: int, term: str) -> None:
        """Give a number a term; giving it again takes it back."""
        if number >= len(self._hashes):
            self._hashes.frombytes(bytes(8 * (number + 1 - len(self._hashes))))
        self._hashes[number] ^= hash(term)

    def unequal(self) -> set[int]:
        """The numbers that have some term an odd number of times."""
        return {number for number, value in enumerate(self._hashes) if value}


def terms_of_product(product: Document) -> set[str]:
    """Every term that should have the product.

    Said anew, and not asked of what keeps the postings, whose mistakes would be repeated.
    """
    if product["status"] != ACTIVE:
        return set()
    category_id = product["category_id"]
    lists = {ALL} if category_id is None else {ALL, category_term(category_id)}
    words = words_of((product["name"], product["description"]))
    return lists.union(*map(terms_of_word, words))


def is_list(term: str) -> bool:
    """Whether a term is a list, and no part of a word."""
    return term.startswith("@")
