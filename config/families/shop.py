"""The shop."""

from config.families.shared import Crossing, Shared
from repositories.shop.brands import BrandRepository
from repositories.shop.cart import CartRepository
from repositories.shop.categories import CategoryRepository
from repositories.shop.postings import PostingRepository
from repositories.shop.products import ProductRepository
from services.services import ShopServices
from services.shop.cart import CartService
from services.shop.catalog import CatalogService
from services.shop.customers import Customers


def join(shared: Shared) -> tuple[ShopServices, Crossing]:
    """The shop's services, and what they do when an account is deleted or renamed."""
    storage = shared.storage
    products, postings = ProductRepository(storage), PostingRepository(storage)
    categories, brands = CategoryRepository(storage), BrandRepository(storage)
    cart = CartService(
        CartRepository(storage),
        products,
        Customers(shared.users),
        storage.transaction,
        shared.clock,
    )
    services = ShopServices(
        cart=cart,
        catalog=CatalogService(products, categories, brands, postings),
    )
    return services, Crossing(erasers=(cart,))
