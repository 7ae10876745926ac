"""A large catalog, the same one each time: for measuring, and for trying things out."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from tqdm import tqdm

from repositories.seeding import SeedRepository
from repositories.shop import brands, categories
from repositories.storage import Storage
from repositories.types import Document
from scripts.seeding.shop import group, keep_missing
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
_FILE_BRANDS = [f"brand-scale-{number}" for number in range(20)]
_FILE_CATEGORIES = [f"cat-scale-{number}" for number in range(50)]
_COLUMNS = (
    "sku",
    "name",
    "description",
    "base_price",
    "currency",
    "brand_id",
    "category_id",
    "stock",
)
_VOCABULARY_SIZE = 5_000
_SYLLABLES = [first + vowel for first in "bcdfghjklmnprstvwz" for vowel in "aeiou"]


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


async def seed_groups(repository: SeedRepository) -> int:
    """Add the brands and categories that `write_catalog_file` names, where missing."""
    added = await repository.insert_missing(
        brands.COLLECTION,
        [group(name, name, "", logo_url="") for name in _FILE_BRANDS],
        numbered="number",
    )
    return added + await repository.insert_missing(
        categories.COLLECTION,
        [group(name, name, "", parent_id=None, image_url="") for name in _FILE_CATEGORIES],
        numbered="number",
    )


def write_catalog_file(path: Path, count: int) -> None:
    """Write a CSV file of `count` products for `scripts.import_catalog`, the same one each time.

    Their texts are 18 to 35 words of 5,000, all as frequent as each other: more terms a
    product than a real catalog has, where few words make most of every text.
    """
    random = Random(0)  # noqa: S311 - the same file each time is what is wanted
    words = _vocabulary(random)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for number in range(count):
            name = " ".join(random.choices(words, k=random.randint(3, 5)))
            writer.writerow(
                (
                    f"FILE-{number:07}",
                    name.title(),
                    " ".join(random.choices(words, k=random.randint(15, 30))),
                    random.randint(100, 200_000),
                    "USD",
                    random.choice(_FILE_BRANDS),
                    random.choice(_FILE_CATEGORIES),
                    random.randint(0, 500),
                )
            )


def _vocabulary(random: Random) -> list[str]:
    words: set[str] = set()
    while len(words) < _VOCABULARY_SIZE:
        words.add("".join(random.choices(_SYLLABLES, k=random.randint(2, 5))))
    return sorted(words)
