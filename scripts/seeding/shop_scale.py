"""A large catalog, the same one each time: for measuring, and for trying things out."""

from datetime import UTC, datetime
from random import Random

from tqdm import tqdm

from repositories.storage import Storage
from repositories.types import Document
from scripts.seeding.shop import keep_missing
from services.shop.product_editing import new_product

_SLICE = 500
_AT = datetime(2024, 1, 1, tzinfo=UTC)
_CATEGORIES = ("cat-1", "cat-2", "cat-3")
_KINDS = ("lamp", "desk", "chair", "cable", "mouse", "laptop", "tablet", "camera", "speaker")
_TEXT = (
    "small large light heavy quiet bright wireless folding portable silver black blue solid "
    "wooden steel glass soft office travel kitchen garden studio winter summer classic modern"
)
_WORDS = _TEXT.split()


async def seed(storage: Storage, count: int) -> int:
    """Add `count` products, where missing."""
    added = 0
    with tqdm(total=count, unit="product", desc="shop") as progress:
        for start in range(0, count, _SLICE):
            numbers = range(start, min(start + _SLICE, count))
            products = [_product(number) for number in numbers]
            added += await keep_missing(storage, products, clock=lambda: _AT)
            progress.update(len(numbers))
    return added


def _product(number: int) -> Document:
    random = Random(number)  # noqa: S311 - the same catalog each time is what is wanted
    first, second, *others = random.sample(_WORDS, 8)
    kind = random.choice(_KINDS)
    return new_product(
        {
            "_id": f"scale-{number}",
            "sku": f"SCALE-{number:07}",
            "name": f"{first.capitalize()} {second} {kind} {number}",
            "description": f"A {kind} that is {' and '.join(others)}.",
            "base_price": {"amount": random.randint(100, 200_000), "currency": "USD"},
            "brand_id": "brand-1",
            "category_id": random.choice(_CATEGORIES),
            "attributes": {"color": random.choice(("black", "blue", "silver"))},
            "stock": random.randint(0, 500),
        }
    )
