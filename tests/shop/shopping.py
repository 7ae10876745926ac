"""What tests of the cart and the orders share: products, customers, and a full cart."""

from datetime import UTC, datetime
from typing import Any

from repositories.shop.products import ProductRepository
from scripts.seeding.promotions import promotion
from services.accounts.passwords import PasswordHasher
from tests.factories import sign_in_many
from tests.harness import Api, Reply

ADDRESS = {
    "first_name": "John",
    "last_name": "Doe",
    "company": "Tech Corp",
    "address1": "123 Main St",
    "address2": "Apt 4B",
    "city": "New York",
    "state": "NY",
    "postal_code": "10001",
    "country": "US",
    "phone_number": "555-0100",
}
ORDER = {"shipping_address": ADDRESS}
_AT = datetime(2025, 1, 18, 10, 0, tzinfo=UTC)


def product_document(product_id: str = "prod-1", **fields: Any) -> dict[str, Any]:
    """A product on sale, 99999 in USD with ten pieces unless told otherwise."""
    return {
        "_id": product_id,
        "number": 1,
        "sku": f"SKU-{product_id}",
        "name": "Professional Laptop",
        "description": "High-performance laptop for professionals",
        "base_price": {"amount": 99999, "currency": "USD"},
        "sale_price": None,
        "status": "active",
        "brand_id": None,
        "category_id": None,
        "images": [],
        "attributes": {},
        "stock": 10,
        "created_at": _AT,
        "updated_at": _AT,
        **fields,
    }


async def add_product(api: Api, product_id: str = "prod-1", **fields: Any) -> None:
    """Keep a product, as `product_document` describes it."""
    storage = api.agora.storage
    products = ProductRepository(storage)
    async with storage.transaction() as tx:
        number = await products.next_number(tx=tx)
        await products.insert([product_document(product_id, number=number, **fields)], tx=tx)


async def change_product(api: Api, product_id: str = "prod-1", **changes: Any) -> None:
    """Change a product as the staff would, past HTTP."""
    async with api.agora.storage.transaction() as tx:
        await ProductRepository(api.agora.storage).change(product_id, changes, tx=tx)


async def stock_of(api: Api, product_id: str = "prod-1") -> int:
    """How many pieces are left."""
    product = await ProductRepository(api.agora.storage).find(product_id)
    assert product is not None
    return int(product["stock"])


async def sign_in_by_email(api: Api, email: str, *roles: str) -> str:
    """The access token of a new account with an address, made without HTTP."""
    hasher = PasswordHasher(cost=4)
    password_hash = await hasher.hash("secret1")
    hasher.close()
    services = api.agora.services
    user = await services.accounts.registration.insert_with_phone(email, password_hash)
    changes = {
        "email": email,
        "email_verified": True,
        "first_name": "Ann",
        "roles": ["user", *roles],
    }
    await api.agora.storage["users"].update_one({"_id": user["_id"]}, {"$set": changes})
    return (await services.accounts.sessions.open(user["_id"])).access


async def put_in_cart(
    api: Api, token: str, product_id: str = "prod-1", quantity: int = 1, **more: Any
) -> Reply:
    """Put pieces of a product into the cart."""
    body = {"product_id": product_id, "quantity": quantity, **more}
    return await api.post("/api/v1/cart/items", body, token=token)


async def customers_with(
    api: Api, count: int, product_id: str = "prod-1", **more: Any
) -> list[str]:
    """Access tokens of as many customers, each with the product in the cart."""
    tokens = await sign_in_many(api, count)
    for token in tokens:
        assert (await put_in_cart(api, token, product_id, **more)).status == 200
    return tokens


async def order(api: Api, token: str, key: str | None = None, **fields: Any) -> Reply:
    """Order what is in the cart."""
    headers = {} if key is None else {"Idempotency-Key": key}
    return await api.post("/api/v1/orders", {**ORDER, **fields}, token=token, headers=headers)


def error(reply: Reply) -> tuple[int, str, str]:
    """Status, code and message of a refusal."""
    return reply.status, reply.body["error"]["code"], reply.body["error"]["message"]


async def add_promotion(api: Api, code: str = "SAVE10", **terms: Any) -> None:
    """A promotion of 10 % without limits unless told otherwise."""
    percent = None if "amount" in terms else 10
    document = promotion(code, **{"percent": percent, **terms})
    await api.agora.storage["promotions"].insert_one(document)
