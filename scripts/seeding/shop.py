"""SHOP's example catalog (CONTRACT section 8): a brand, four categories, fourteen products."""

from collections.abc import Sequence
from datetime import UTC, datetime

from repositories.seeding import SeedRepository
from repositories.shop import brands, categories
from repositories.shop.brands import BrandRepository
from repositories.shop.categories import CategoryRepository
from repositories.shop.postings import PostingRepository
from repositories.shop.products import ProductRepository
from repositories.storage import Storage
from repositories.types import Document
from services.clock import Clock
from services.shop.listing import Listing
from services.shop.product_editing import new_product
from services.shop.product_keeping import ProductKeeper

_AT = datetime(2025, 1, 18, 10, 0, tzinfo=UTC)
_LIMITED_STOCKS = (0, 5, 5, 1, 5, 1, 1, 5, 2)


def _usd(amount: int) -> Document:
    return {"amount": amount, "currency": "USD"}


def _product(number: int, sku: str, name: str, amount: int, **fields: object) -> Document:
    price = _usd(amount)
    return new_product(
        {"_id": f"prod-{number}", "sku": sku, "name": name, "base_price": price, **fields}
    )


def _products() -> list[Document]:
    laptop = _product(
        1,
        "LAPTOP-001",
        "Professional Laptop",
        99999,
        description="High-performance laptop for professionals",
        sale_price=_usd(89999),
        brand_id="brand-1",
        category_id="cat-1",
        images=["https://example.com/laptop.jpg"],
        attributes={"color": "silver", "ram": "16GB"},
        stock=10000,
    )
    others = [
        _product(2, "MOUSE-001", "Wireless Mouse", 1000, category_id="cat-2", stock=10000),
        _product(3, "CABLE-001", "USB-C Cable", 333, category_id="cat-3", stock=10000),
        _product(4, "KEYBOARD-001", "无线机械键盘", 4999, category_id="cat-3", stock=1000),
        _product(
            5,
            "RETIRED-001",
            "Retired Tablet",
            1000,
            status="inactive",
            category_id="cat-1",
            stock=100,
        ),
    ]
    limited = [
        _product(
            number,
            f"LIMITED-{number - 5:03}",
            f"Limited Edition {number - 5}",
            1000,
            category_id="cat-4",
            stock=stock,
        )
        for number, stock in enumerate(_LIMITED_STOCKS, 6)
    ]
    return [laptop, *others, *limited]


def group(group_id: str, name: str, description: str, **fields: object) -> Document:
    """A brand or a category; `fields` are those that only one of them has."""
    return {
        "_id": group_id,
        "name": name,
        "slug": name.lower(),
        "description": description,
        "active": True,
        "created_at": _AT,
        "updated_at": _AT,
        **fields,
    }


def _brands() -> list[Document]:
    return [group("brand-1", "TechCorp", "Leading technology manufacturer", logo_url="")]


def _categories() -> list[Document]:
    rows = (
        ("cat-1", "Electronics", "Electronic devices and gadgets", None),
        ("cat-2", "Computers", "Computers and what belongs to them", "cat-1"),
        ("cat-3", "Accessories", "Cables, keyboards and the like", "cat-2"),
        ("cat-4", "Limited", "Few pieces of each", None),
    )
    return [
        group(group_id, name, description, parent_id=parent_id, image_url="")
        for group_id, name, description, parent_id in rows
    ]


async def seed(repository: SeedRepository, storage: Storage) -> int:
    """Add what is missing and tell how many documents that were; stocks stay as they are."""
    added = await repository.insert_missing(brands.COLLECTION, _brands(), numbered="number")
    added += await repository.insert_missing(
        categories.COLLECTION, _categories(), numbered="number"
    )
    return added + await keep_missing(storage, _products(), clock=lambda: _AT)


async def keep_missing(storage: Storage, wanted: Sequence[Document], *, clock: Clock) -> int:
    """Keep the products whose ids are unknown, listed as any; how many they were."""
    products = ProductRepository(storage)
    keeper = ProductKeeper(
        products,
        CategoryRepository(storage),
        BrandRepository(storage),
        Listing(PostingRepository(storage)),
        clock,
    )
    async with storage.transaction() as tx:
        found = await products.find_many([product["_id"] for product in wanted], tx=tx)
        known = {product["_id"] for product in found}
        missing = [product for product in wanted if product["_id"] not in known]
        await keeper.keep([(None, product) for product in missing], tx=tx)
    return len(missing)
