"""What a product has to be like, however it comes: from staff or from a file."""

import re
from typing import Any

from repositories.shop.products import ACTIVE, ARCHIVED, INACTIVE
from repositories.types import Document
from services.errors import Invalid
from services.texts import is_one_line

STATUSES = (ACTIVE, INACTIVE, ARCHIVED)
DEFAULTS: Document = {
    "description": "",
    "sale_price": None,
    "status": ACTIVE,
    "brand_id": None,
    "category_id": None,
    "images": [],
    "attributes": {},
    "stock": 0,
}
MAX_AMOUNT = 10**12
MAX_STOCK = 10**9
_MAX_NAME = 200
_MAX_DESCRIPTION = 5_000
_MAX_IMAGES = 20
_MAX_ADDRESS = 2_000
_MAX_ATTRIBUTES = 50
_MAX_ATTRIBUTE_NAME = 100
_MAX_ATTRIBUTE_VALUE = 500

_SKU = re.compile(r"\S{1,64}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_ADDRESS = re.compile(rf"https?://[^\s\0]{{1,{_MAX_ADDRESS}}}")
# MongoDB reads dots and dollars in the names of fields as operators.
_ATTRIBUTE_NAME = re.compile(rf"[^$.\0][^.\0]{{0,{_MAX_ATTRIBUTE_NAME - 1}}}")


class InvalidProduct(Invalid):
    """A field of a product is not as it has to be."""

    code = "invalid_product"

    def __init__(self, field: str, problem: str):
        super().__init__(f"{field} {problem}")
        self.field = field


def check_product(product: Document) -> None:
    """That every field, and all together, can be kept. Raises InvalidProduct."""
    _check_texts(product)
    _check_prices(product["base_price"], product["sale_price"])
    if product["status"] not in STATUSES:
        raise InvalidProduct("status", f"must be one of {', '.join(STATUSES)}")
    if not 0 <= product["stock"] <= MAX_STOCK:
        raise InvalidProduct("stock", f"must be from 0 to {MAX_STOCK}")
    _check_images(product["images"])
    _check_attributes(product["attributes"])


def _check_texts(product: Document) -> None:
    sku, name = product["sku"], product["name"]
    if not _SKU.fullmatch(sku) or not is_one_line(sku):
        raise InvalidProduct("sku", "must be 1 to 64 characters without spaces")
    if not name.strip() or len(name) > _MAX_NAME or not is_one_line(name):
        raise InvalidProduct(
            "name", f"must be 1 to {_MAX_NAME} characters in one line and not blank"
        )
    if len(product["description"]) > _MAX_DESCRIPTION:
        raise InvalidProduct("description", f"must be at most {_MAX_DESCRIPTION} characters")


def _check_prices(base: Document, sale: Document | None) -> None:
    for field, price in (("base_price", base), ("SalePrice", sale)):
        if price is None:
            continue
        if not 0 <= price["amount"] <= MAX_AMOUNT:
            raise InvalidProduct(f"{field}.amount", f"must be from 0 to {MAX_AMOUNT}")
        if not _CURRENCY.fullmatch(price["currency"]):
            raise InvalidProduct(f"{field}.currency", "must be three capital letters, as in USD")
    if sale is not None and sale["currency"] != base["currency"]:
        raise InvalidProduct("SalePrice.currency", "must be that of base_price")
    if sale is not None and sale["amount"] > base["amount"]:
        raise InvalidProduct("SalePrice.amount", "must not be above base_price")


def _check_images(images: list[str]) -> None:
    if len(images) > _MAX_IMAGES:
        raise InvalidProduct("images", f"must be at most {_MAX_IMAGES}")
    if not all(_ADDRESS.fullmatch(image) for image in images):
        raise InvalidProduct("images", "must be addresses that begin with http:// or https://")


def _check_attributes(attributes: dict[str, Any]) -> None:
    if len(attributes) > _MAX_ATTRIBUTES:
        raise InvalidProduct("attributes", f"must be at most {_MAX_ATTRIBUTES}")
    if not all(_ATTRIBUTE_NAME.fullmatch(name) for name in attributes):
        raise InvalidProduct(
            "attributes",
            f"must have names of 1 to {_MAX_ATTRIBUTE_NAME} characters, without dots and "
            "without a dollar sign in front",
        )
    if any(len(value) > _MAX_ATTRIBUTE_VALUE for value in attributes.values()):
        raise InvalidProduct(
            "attributes", f"must have values of at most {_MAX_ATTRIBUTE_VALUE} characters"
        )
