"""What tests of the catalog share: the example catalog, and more products."""

from typing import Any

from bson import ObjectId

from repositories.seeding import SeedRepository
from scripts.seeding import shop
from services.access.actor import Actor
from tests.harness import Api, Reply

PRODUCTS = "/api/v1/catalog/products"
STAFF = "/api/v1/admin/catalog"
KEEPER = Actor(
    id=ObjectId(), number=0, username="keeper", session_id=ObjectId(), roles=frozenset({"manager"})
)
"""Who changes products past HTTP."""


async def fill(api: Api) -> None:
    """The example catalog (CONTRACT section 8)."""
    await shop.seed(SeedRepository(api.agora.storage), api.agora.storage)


async def add(api: Api, sku: str, name: str = "Thing", **fields: Any) -> str:
    """The id of a new product."""
    price = {"amount": 1000, "currency": "USD"}
    product = await api.agora.services.shop.catalog_editing.products.create(
        {"sku": sku, "name": name, "base_price": price, **fields}, actor=KEEPER
    )
    return str(product["_id"])


async def listed(api: Api, path: str = PRODUCTS) -> list[str]:
    """The ids on a page."""
    reply = await api.get(path)
    assert reply.status == 200, reply
    return [item["id"] for item in reply.body["data"]]


def refusal(reply: Reply) -> tuple[int, str, str]:
    """Status, code and message of a refusal."""
    error = reply.body["error"]
    return reply.status, error["code"], error["message"]
