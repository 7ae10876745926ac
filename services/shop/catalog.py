"""The catalog as customers see it: what is active, newest first, and the search."""

from collections.abc import Sequence

from repositories import number_sets
from repositories.number_sets import Chunks
from repositories.shop.brands import BrandRepository
from repositories.shop.categories import CategoryRepository
from repositories.shop.postings import PostingRepository
from repositories.shop.products import ACTIVE, ProductRepository
from repositories.types import Document
from services.errors import Invalid
from services.pagination import Page, PageRequest
from services.shop.errors import CategoryNotFound, ProductNotFound
from services.shop.listing import ALL, category_term
from services.shop.run_search import RunSearch
from services.shop.search_terms import spread_runs, terms_asked

MAX_KEYWORD_LENGTH = 200


class ProductIdRequired(Invalid):
    """The path has a place for an id, and nothing there."""

    code = "product_id_required"

    def __init__(self) -> None:
        super().__init__("Product ID is required")


class KeywordTooLong(Invalid):
    """A keyword is a few words."""

    code = "keyword_too_long"

    def __init__(self) -> None:
        super().__init__(f"keyword must be at most {MAX_KEYWORD_LENGTH} characters")


class CatalogService:
    """Shows products, categories and brands."""

    def __init__(
        self,
        products: ProductRepository,
        categories: CategoryRepository,
        brands: BrandRepository,
        postings: PostingRepository,
        runs: RunSearch,
    ):
        self._products = products
        self._categories = categories
        self._brands = brands
        self._postings = postings
        self._runs = runs

    async def product(self, product_id: str) -> Document:
        """An active product. Raises ProductIdRequired or ProductNotFound."""
        if not product_id.strip():
            raise ProductIdRequired
        product = await self._products.find(product_id)
        if product is None or product["status"] != ACTIVE:
            raise ProductNotFound
        return product

    async def all_products(self, request: PageRequest) -> Page:
        """A page of all active products, newest first."""
        return await self._page(await self._postings.numbers(ALL), request)

    async def search(self, keyword: str, request: PageRequest) -> Page:
        """A page of the active products whose name or description has every word.

        A word is one by its beginning; CJK is found anywhere (CONTRACT section 7). A
        keyword without letters and digits finds nothing. Raises KeywordTooLong.
        """
        if len(keyword) > MAX_KEYWORD_LENGTH:
            raise KeywordTooLong
        terms = _narrowest(terms_asked(keyword))
        # Only the list of all tells which products there are (`listing.py`).
        found = await self._with_all([*terms, ALL] if terms else [])
        runs = spread_runs(keyword)
        return await self._page(await self._runs.having(runs, found) if runs else found, request)

    async def in_category(self, category_id: str, request: PageRequest) -> Page:
        """A page of the active products in a category or below it, newest first.

        Raises CategoryNotFound.
        """
        category = await self._categories.find(category_id)
        if category is None or not category["active"]:
            raise CategoryNotFound
        ids = await self._with_descendants(category_id)
        sets = [await self._postings.numbers(category_term(each)) for each in ids]
        return await self._page(number_sets.union(sets), request)

    async def categories(self, request: PageRequest) -> Page:
        """A page of all active categories, oldest first."""
        items = await self._categories.page(request.offset, request.size)
        return Page(items, await self._categories.count(), request)

    async def brands(self, request: PageRequest) -> Page:
        """A page of all active brands, oldest first."""
        items = await self._brands.page(request.offset, request.size)
        return Page(items, await self._brands.count(), request)

    async def _with_all(self, terms: Sequence[str]) -> Chunks:
        if not terms:
            return {}
        found = await self._postings.numbers(terms[0])
        for term in terms[1:]:
            if not found:
                break
            found = number_sets.intersection(found, await self._postings.numbers(term))
        return found

    async def _with_descendants(self, category_id: str) -> list[str]:
        found, level = [category_id], [category_id]
        while level:
            level = [child["_id"] for child in await self._categories.children(level)]
            found += level
        return found

    async def _page(self, chunks: Chunks, request: PageRequest) -> Page:
        numbers = number_sets.highest(chunks, request.offset, request.size)
        items = await self._products.with_numbers(numbers) if numbers else []
        return Page(items, number_sets.count(chunks), request)


def _narrowest(terms: set[str]) -> list[str]:
    """The terms, the longest first, as few products have those."""
    return sorted(terms, key=len, reverse=True)
