"""The shop."""

from config.families.shared import Crossing, Shared
from repositories.shop.brands import BrandRepository
from repositories.shop.cart import CartRepository
from repositories.shop.categories import CategoryRepository
from repositories.shop.idempotency_keys import IdempotencyKeyRepository
from repositories.shop.orders import OrderRepository
from repositories.shop.postings import PostingRepository
from repositories.shop.products import ProductRepository
from repositories.shop.promotions import PromotionRepository
from services.services import ShopServices
from services.shop.cart import CartService
from services.shop.catalog import CatalogService
from services.shop.customers import Customers
from services.shop.order_changes import OrderChangeService
from services.shop.orders import OrderService
from services.shop.promotions import Promotions
from services.shop.quotes import Quoter


def join(shared: Shared) -> tuple[ShopServices, Crossing]:
    """The shop's services, and what they do when an account is deleted or renamed."""
    storage, transaction, clock = shared.storage, shared.storage.transaction, shared.clock
    products, postings = ProductRepository(storage), PostingRepository(storage)
    categories, brands = CategoryRepository(storage), BrandRepository(storage)
    carts, customers = CartRepository(storage), Customers(shared.users)
    cart = CartService(carts, products, customers, transaction, clock)
    order_repository = OrderRepository(storage)
    promotions = Promotions(PromotionRepository(storage))
    settings = shared.settings
    orders = OrderService(
        order_repository,
        IdempotencyKeyRepository(storage),
        carts,
        products,
        promotions,
        Quoter(cart, promotions, settings.tax_rates, settings.shipping_methods),
        customers,
        shared.outbox,
        transaction,
        clock,
    )
    services = ShopServices(
        cart=cart,
        orders=orders,
        order_changes=OrderChangeService(
            order_repository, products, promotions, transaction, clock
        ),
        catalog=CatalogService(products, categories, brands, postings),
    )
    return services, Crossing(erasers=(cart, orders))
