"""Products in the hands of staff, and how many pieces there are of them."""

from typing import Any

import msgspec

from handlers.bodies import Body, Int64, decode_object
from handlers.shop.catalog_views import ProductView
from handlers.shop.money import Price
from handlers.shop.staff import CatalogStaffHandler, given_fields
from repositories.types import Document

_NULLABLE = ("SalePrice", "brand_id", "category_id")


class CreateProduct(Body, frozen=True, kw_only=True):
    """A new product; what is left out is empty, `active`, and out of stock."""

    sku: str
    name: str
    base_price: Price
    description: str | None = None
    SalePrice: Price | None = None
    status: str | None = None
    brand_id: str | None = None
    category_id: str | None = None
    images: list[str] | None = None
    attributes: dict[str, str] | None = None
    stock: Int64 | None = None


class UpdateProduct(Body, frozen=True, kw_only=True):
    """What changes; `SalePrice`, `brand_id` and `category_id` can be null."""

    sku: str | None = None
    name: str | None = None
    base_price: Price | None = None
    description: str | None = None
    SalePrice: Price | None = None
    status: str | None = None
    brand_id: str | None = None
    category_id: str | None = None
    images: list[str] | None = None
    attributes: dict[str, str] | None = None
    stock: Int64 | None = None


class SetStock(Body, frozen=True, kw_only=True):
    """How many pieces there are."""

    stock: Int64


class StaffProductView(ProductView, frozen=True, kw_only=True):
    """A product as staff see it: whatever its status, and with its stock."""

    stock: int

    @classmethod
    def with_stock(cls, product: Document) -> "StaffProductView":
        """A product as it is stored."""
        return cls(**msgspec.structs.asdict(ProductView.of(product)), stock=product["stock"])


def read_product(raw: dict[str, Any], body: type[Body]) -> dict[str, Any]:
    """The fields that an object gives, by the names under which they are kept.

    Raises MissingFields or WrongType.
    """
    given = given_fields(raw, body, _NULLABLE)
    if "SalePrice" in given:
        given["sale_price"] = given.pop("SalePrice")
    return given


class _ProductStaffHandler(CatalogStaffHandler):
    """A route that changes a product."""

    def parse_product(self, body: type[Body]) -> dict[str, Any]:
        """What the request's body gives. Raises MalformedBody, MissingFields or WrongType."""
        return read_product(decode_object(self.request.body), body)

    def render_product(self, product: Document, *, status: int = 200) -> None:
        """Answer with the product as it is now."""
        self.render_data(StaffProductView.with_stock(product), status=status)


class StaffProductsHandler(_ProductStaffHandler):
    """Make a product."""

    async def post(self) -> None:
        """Beyond SHOP: staff keep the catalog; the product's own names for its fields."""
        product = await self.editing.products.create(
            self.parse_product(CreateProduct), actor=self.actor
        )
        self.render_product(product, status=201)


class StaffProductHandler(_ProductStaffHandler):
    """See, change or archive a product."""

    async def get(self, id: str) -> None:
        """Beyond SHOP: a product that is not active is shown too."""
        self.render_product(await self.editing.products.get(id))

    async def patch(self, id: str) -> None:
        """Beyond SHOP: what is not in the body stays."""
        given = self.parse_product(UpdateProduct)
        self.render_product(await self.editing.products.update(id, given, actor=self.actor))

    async def delete(self, id: str) -> None:
        """Beyond SHOP: the product is archived, for the orders that have it."""
        await self.editing.products.archive(id, actor=self.actor)
        self.render_nothing()


class StaffStockHandler(_ProductStaffHandler):
    """Say how many pieces there are of a product."""

    async def put(self, id: str) -> None:
        """Beyond SHOP: the stock is counted anew, whatever was sold meanwhile."""
        given = self.parse_product(SetStock)
        self.render_product(await self.editing.products.update(id, given, actor=self.actor))
