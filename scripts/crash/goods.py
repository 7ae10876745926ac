"""What is sold during the rounds: products of which there are many or few, and promotions."""

from datetime import UTC, datetime

from repositories.seeding import SeedRepository
from repositories.shop import promotions
from repositories.storage import Storage
from scripts.seeding.promotions import promotion
from scripts.seeding.shop import keep_missing
from services.shop.product_editing import new_product

_AT = datetime(2025, 1, 18, 10, 0, tzinfo=UTC)

PIECES = {"goods-many": 1_000_000, "goods-some": 200, "goods-few": 20, "goods-one": 1}
"""How many pieces of each product there are to begin with."""

PROMOTIONS = (
    promotion("OFTEN", percent=10),
    promotion("RARE", percent=15, max_uses=30, max_uses_per_user=3),
)
CODES = tuple(each["code"] for each in PROMOTIONS)


async def offer_goods(storage: Storage) -> None:
    """Put the products and the promotions into a store that lacks them."""
    products = [
        new_product(
            {
                "_id": product_id,
                "sku": product_id.upper(),
                "name": product_id,
                "base_price": {"amount": 1_999, "currency": "USD"},
                "stock": pieces,
            }
        )
        for product_id, pieces in PIECES.items()
    ]
    await keep_missing(storage, products, clock=lambda: _AT)
    await SeedRepository(storage).insert_missing(promotions.COLLECTION, PROMOTIONS)
