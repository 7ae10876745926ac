"""The catalog: products, their search, categories and brands."""

from handlers.data import DataHandler
from handlers.pagination import Meta, PagedHandler, PageQuery
from handlers.shop.catalog_views import BrandView, CategoryView, ProductView
from services.pagination import Page


class ProductsQuery(PageQuery, frozen=True, kw_only=True):
    """Which page of all products, or of those that `keyword` finds; a blank one is none."""

    keyword: str = ""


class _ProductsHandler(PagedHandler, DataHandler):
    """A page of products; without a tag, which would cost each page more than 1 % of its time."""

    def render_products(self, page: Page) -> None:
        """Answer the products of a page with its `meta`."""
        self.render_data([ProductView.of(item) for item in page.items], meta=Meta.of(page))


class ProductListHandler(_ProductsHandler):
    """All products, or those that a keyword finds."""

    async def get(self) -> None:
        """SHOP, "GET /api/v1/catalog/products"; a blank `keyword` is none."""
        request = self.page_request()
        keyword = self.read_query(ProductsQuery).keyword
        catalog = self.services.shop.catalog
        if keyword:
            self.render_products(await catalog.search(keyword, request))
        else:
            self.render_products(await catalog.all_products(request))


class CategoryProductsHandler(_ProductsHandler):
    """The products of a category and of those below it."""

    async def get(self, id: str) -> None:
        """SHOP, "GET /api/v1/catalog/products/category/:id"."""
        request = self.page_request()
        self.render_products(await self.services.shop.catalog.in_category(id, request))


class ProductHandler(DataHandler):
    """A product."""

    has_etag = True

    async def get(self, id: str) -> None:
        """SHOP, "GET /api/v1/catalog/products/:id"."""
        self.render_data(ProductView.of(await self.services.shop.catalog.product(id)))


class CategoryListHandler(PagedHandler, DataHandler):
    """All categories."""

    has_etag = True

    async def get(self) -> None:
        """SHOP, "GET /api/v1/catalog/categories"."""
        page = await self.services.shop.catalog.categories(self.page_request())
        self.render_data([CategoryView.of(item) for item in page.items], meta=Meta.of(page))


class BrandListHandler(PagedHandler, DataHandler):
    """All brands."""

    has_etag = True

    async def get(self) -> None:
        """SHOP, "GET /api/v1/catalog/brands"."""
        page = await self.services.shop.catalog.brands(self.page_request())
        self.render_data([BrandView.of(item) for item in page.items], meta=Meta.of(page))
