"""The catalog's answers: products, categories and brands, field by field."""

from datetime import datetime

from handlers.base import Answer
from handlers.shop.money import Money
from handlers.timestamps import as_timestamp
from repositories.types import Document


class ProductView(Answer, frozen=True, kw_only=True):
    """A product; `SalePrice` is null without one."""

    id: str
    sku: str
    name: str
    description: str
    base_price: Money
    SalePrice: Money | None
    status: str
    brand_id: str | None
    category_id: str | None
    images: list[str]
    attributes: dict[str, str]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, product: Document) -> "ProductView":
        """A product as customers see it."""
        sale_price = product["sale_price"]
        return cls(
            id=product["_id"],
            sku=product["sku"],
            name=product["name"],
            description=product["description"],
            base_price=Money.of(product["base_price"]),
            SalePrice=None if sale_price is None else Money.of(sale_price),
            status=product["status"],
            brand_id=product["brand_id"],
            category_id=product["category_id"],
            images=product["images"],
            attributes=product["attributes"],
            created_at=as_timestamp(product["created_at"]),
            updated_at=as_timestamp(product["updated_at"]),
        )


class CategoryView(Answer, frozen=True, kw_only=True):
    """A category; `parent_id` is null at the top."""

    id: str
    name: str
    slug: str
    description: str
    parent_id: str | None
    image_url: str
    active: bool
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, category: Document) -> "CategoryView":
        """A category as everybody sees it."""
        return cls(
            id=category["_id"],
            name=category["name"],
            slug=category["slug"],
            description=category["description"],
            parent_id=category["parent_id"],
            image_url=category["image_url"],
            active=category["active"],
            created_at=as_timestamp(category["created_at"]),
            updated_at=as_timestamp(category["updated_at"]),
        )


class BrandView(Answer, frozen=True, kw_only=True):
    """A brand."""

    id: str
    name: str
    slug: str
    description: str
    logo_url: str
    active: bool
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, brand: Document) -> "BrandView":
        """A brand as everybody sees it."""
        return cls(
            id=brand["_id"],
            name=brand["name"],
            slug=brand["slug"],
            description=brand["description"],
            logo_url=brand["logo_url"],
            active=brand["active"],
            created_at=as_timestamp(brand["created_at"]),
            updated_at=as_timestamp(brand["updated_at"]),
        )
