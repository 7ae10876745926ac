"""The routes of the catalog."""

from handlers.routing import PUBLIC, Route
from handlers.shop.catalog import (
    BrandListHandler,
    CategoryListHandler,
    CategoryProductsHandler,
    ProductHandler,
    ProductListHandler,
)
from handlers.shop.catalog_views import BrandView, CategoryView, ProductView

_CATALOG = "/api/v1/catalog"

ROUTES = (
    Route("GET", f"{_CATALOG}/products", ProductListHandler, PUBLIC, answer=list[ProductView]),
    Route("GET", f"{_CATALOG}/products/{{id}}", ProductHandler, PUBLIC, answer=ProductView),
    Route(
        "GET",
        f"{_CATALOG}/products/category/{{id}}",
        CategoryProductsHandler,
        PUBLIC,
        answer=list[ProductView],
    ),
    Route("GET", f"{_CATALOG}/categories", CategoryListHandler, PUBLIC, answer=list[CategoryView]),
    Route("GET", f"{_CATALOG}/brands", BrandListHandler, PUBLIC, answer=list[BrandView]),
)
