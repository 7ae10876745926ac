"""The catalog of the shop."""

from config.families.shared import Shared
from repositories.shop.brands import BrandRepository
from repositories.shop.categories import CategoryRepository
from repositories.shop.postings import PostingRepository
from repositories.shop.products import ProductRepository
from services.services import CatalogEditing
from services.shop.brand_editing import BrandEditor
from services.shop.catalog import CatalogService
from services.shop.category_editing import CategoryEditor
from services.shop.listing import Listing
from services.shop.product_editing import ProductEditor
from services.shop.product_import import ProductImport
from services.shop.product_keeping import ProductKeeper
from services.shop.run_search import RunSearch


def join(shared: Shared, products: ProductRepository) -> tuple[CatalogService, CatalogEditing]:
    """The catalog for customers, and in the hands of staff."""
    storage, clock, transaction = shared.storage, shared.clock, shared.storage.transaction
    categories, brands = CategoryRepository(storage), BrandRepository(storage)
    postings = PostingRepository(storage)
    listing = Listing(postings)
    keeper = ProductKeeper(products, categories, brands, listing, clock)
    runs = RunSearch(products, postings)
    return CatalogService(products, categories, brands, postings, runs), CatalogEditing(
        products=ProductEditor(products, keeper, shared.audit, transaction),
        categories=CategoryEditor(categories, products, shared.audit, transaction, clock),
        brands=BrandEditor(brands, products, shared.audit, transaction, clock),
        product_import=ProductImport(products, categories, brands, listing, keeper, transaction),
    )
