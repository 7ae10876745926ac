"""The shop."""

from config.families import catalog
from config.families.shared import Crossing, Shared
from repositories.accounts.throttles import ThrottleRepository
from repositories.personal import PersonalRepository
from repositories.shop import personal
from repositories.shop.cart import CartRepository
from repositories.shop.idempotency_keys import IdempotencyKeyRepository
from repositories.shop.orders import OrderRepository
from repositories.shop.products import ProductRepository
from repositories.shop.promotions import PromotionRepository
from services.accounts.throttles import ThrottleService
from services.services import ShopServices
from services.shop.cart import CartService
from services.shop.counting import ShopCounter
from services.shop.customers import Customers
from services.shop.figures import ShopFigures
from services.shop.order_changes import OrderChangeService
from services.shop.order_mail import OrderConfirmations
from services.shop.orders import OrderService
from services.shop.promotion_management import PromotionManagementService
from services.shop.promotions import Promotions
from services.shop.quotes import Quoter


def join(shared: Shared) -> tuple[ShopServices, Crossing]:
    """The shop's services, and what they do when an account is deleted or renamed."""
    storage, transaction, clock = shared.storage, shared.storage.transaction, shared.clock
    products = ProductRepository(storage)
    catalog_service, catalog_editing = catalog.join(shared, products)
    carts, customers = CartRepository(storage), Customers(shared.users)
    cart = CartService(carts, products, customers, transaction, clock)
    order_repository, promotion_repository = OrderRepository(storage), PromotionRepository(storage)
    promotions = Promotions(promotion_repository)
    settings, throttles = shared.settings, ThrottleService(ThrottleRepository(storage), clock)
    orders = OrderService(
        order_repository,
        IdempotencyKeyRepository(storage),
        carts,
        products,
        promotions,
        Quoter(cart, promotions, settings.tax_rates, settings.shipping_methods),
        customers,
        OrderConfirmations(shared.users, throttles, shared.outbox),
        transaction,
        clock,
    )
    services = ShopServices(
        cart=cart,
        orders=orders,
        order_changes=OrderChangeService(
            order_repository, products, promotions, shared.audit, transaction, clock
        ),
        promotions=PromotionManagementService(
            promotion_repository, shared.audit, transaction, clock
        ),
        catalog=catalog_service,
        catalog_editing=catalog_editing,
    )
    counter = ShopCounter(order_repository, carts)
    return services, Crossing(
        erasers=(cart, orders),
        counters=(counter,),
        exporters=(PersonalRepository(storage, personal.KEPT),),
    )


def figures(shared: Shared) -> ShopFigures:
    """What the shop tells the console."""
    return ShopFigures(OrderRepository(shared.storage))
