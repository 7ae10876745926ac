"""The routes of the catalog: those of everybody, and those of staff."""

from handlers.access import holding
from handlers.pagination import PageQuery
from handlers.routing import PUBLIC, Route
from handlers.shop.catalog import (
    BrandListHandler,
    CategoryListHandler,
    CategoryProductsHandler,
    ProductHandler,
    ProductListHandler,
    ProductsQuery,
)
from handlers.shop.catalog_views import BrandView, CategoryView, ProductView
from handlers.shop.group_staff import (
    CreateBrand,
    CreateCategory,
    StaffBrandHandler,
    StaffBrandsHandler,
    StaffCategoriesHandler,
    StaffCategoryHandler,
    UpdateBrand,
    UpdateCategory,
)
from handlers.shop.product_staff import (
    CreateProduct,
    SetStock,
    StaffProductHandler,
    StaffProductsHandler,
    StaffProductView,
    StaffStockHandler,
    UpdateProduct,
)
from services.access.actor import Permission
from services.shop.brand_editing import BrandInUse
from services.shop.category_editing import CategoryInUse
from services.shop.errors import BrandNotFound, CategoryNotFound, ProductNotFound, SlugTaken
from services.shop.product_keeping import SkuTaken

_CATALOG = "/api/v1/catalog"
_STAFF = "/api/v1/admin/catalog"
_MANAGES = holding(Permission.MANAGE_PRODUCTS)

_PUBLIC = (
    Route(
        "GET",
        f"{_CATALOG}/products",
        ProductListHandler,
        PUBLIC,
        answer=list[ProductView],
        query=ProductsQuery,
    ),
    Route(
        "GET",
        f"{_CATALOG}/products/{{id}}",
        ProductHandler,
        PUBLIC,
        answer=ProductView,
        errors=(ProductNotFound,),
    ),
    Route(
        "GET",
        f"{_CATALOG}/products/category/{{id}}",
        CategoryProductsHandler,
        PUBLIC,
        answer=list[ProductView],
        query=PageQuery,
        errors=(CategoryNotFound,),
    ),
    Route(
        "GET",
        f"{_CATALOG}/categories",
        CategoryListHandler,
        PUBLIC,
        answer=list[CategoryView],
        query=PageQuery,
    ),
    Route(
        "GET",
        f"{_CATALOG}/brands",
        BrandListHandler,
        PUBLIC,
        answer=list[BrandView],
        query=PageQuery,
    ),
)

_PRODUCTS = (
    Route(
        "POST",
        f"{_STAFF}/products",
        StaffProductsHandler,
        _MANAGES,
        CreateProduct,
        StaffProductView,
        status=201,
        errors=(SkuTaken,),
    ),
    Route(
        "GET",
        f"{_STAFF}/products/{{id}}",
        StaffProductHandler,
        _MANAGES,
        answer=StaffProductView,
        errors=(ProductNotFound,),
    ),
    Route(
        "PATCH",
        f"{_STAFF}/products/{{id}}",
        StaffProductHandler,
        _MANAGES,
        UpdateProduct,
        StaffProductView,
        errors=(ProductNotFound, SkuTaken),
    ),
    Route(
        "DELETE",
        f"{_STAFF}/products/{{id}}",
        StaffProductHandler,
        _MANAGES,
        status=204,
        errors=(ProductNotFound,),
    ),
    Route(
        "PUT",
        f"{_STAFF}/products/{{id}}/stock",
        StaffStockHandler,
        _MANAGES,
        SetStock,
        StaffProductView,
        errors=(ProductNotFound,),
    ),
)

_GROUPS = (
    Route(
        "POST",
        f"{_STAFF}/categories",
        StaffCategoriesHandler,
        _MANAGES,
        CreateCategory,
        CategoryView,
        status=201,
        errors=(SlugTaken,),
    ),
    Route(
        "PATCH",
        f"{_STAFF}/categories/{{id}}",
        StaffCategoryHandler,
        _MANAGES,
        UpdateCategory,
        CategoryView,
        errors=(CategoryNotFound, SlugTaken, CategoryInUse),
    ),
    Route(
        "DELETE",
        f"{_STAFF}/categories/{{id}}",
        StaffCategoryHandler,
        _MANAGES,
        status=204,
        errors=(CategoryNotFound, CategoryInUse),
    ),
    Route(
        "POST",
        f"{_STAFF}/brands",
        StaffBrandsHandler,
        _MANAGES,
        CreateBrand,
        BrandView,
        status=201,
        errors=(SlugTaken,),
    ),
    Route(
        "PATCH",
        f"{_STAFF}/brands/{{id}}",
        StaffBrandHandler,
        _MANAGES,
        UpdateBrand,
        BrandView,
        errors=(BrandNotFound, SlugTaken, BrandInUse),
    ),
    Route(
        "DELETE",
        f"{_STAFF}/brands/{{id}}",
        StaffBrandHandler,
        _MANAGES,
        status=204,
        errors=(BrandNotFound, BrandInUse),
    ),
)

ROUTES = (*_PUBLIC, *_PRODUCTS, *_GROUPS)
