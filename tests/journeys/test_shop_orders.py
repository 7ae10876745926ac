"""SHOP from the catalog to the order, on the seeded catalog, with the document's own examples."""

from typing import Any

from repositories.seeding import SeedRepository
from scripts.seeding import promotions, shop
from tests.harness import Api
from tests.shop.shopping import ADDRESS, sign_in_by_email


def usd(amount: int) -> dict[str, Any]:
    """An amount as it is shown."""
    return {"amount": amount, "currency": "USD"}


async def test_a_customer_buys_and_the_staff_sends(api: Api):
    repository = SeedRepository(api.agora.storage)
    await shop.seed(repository, api.agora.storage)
    await promotions.seed(repository)
    credentials = {"email": "user@example.com", "password": "SecurePassword123!"}
    reply = await api.post(
        "/api/v1/auth/register", {**credentials, "first_name": "John", "last_name": "Doe"}
    )
    token = reply.body["data"]["access_token"]

    reply = await api.get("/api/v1/catalog/products?page=1&page_size=20&keyword=laptop")
    (laptop,) = reply.body["data"]
    assert (laptop["id"], laptop["SalePrice"]) == ("prod-1", usd(89999))

    chosen = {
        "product_id": "prod-1",
        "variant_id": None,
        "quantity": 2,
        "attributes": {"color": "Black", "size": "15-inch"},
    }
    reply = await api.post("/api/v1/cart/items", chosen, token=token)
    (item,) = reply.body["data"]["items"]
    assert (item["sku"], item["price"], item["quantity"]) == ("LAPTOP-001", usd(89999), 2)
    path = f"/api/v1/cart/items/{item['id']}"
    reply = await api.call("PATCH", path, {"quantity": 1}, token=token)
    assert reply.body["data"]["items"][0]["quantity"] == 1
    await api.post("/api/v1/cart/items", {"product_id": "prod-3", "quantity": 3}, token=token)

    body = {
        "shipping_address": ADDRESS,
        "payment_method_id": "pm_123",
        "promotion_codes": ["SAVE10"],
        "shipping_method_id": "ship_standard",
        "notes": "Please deliver after 5 PM",
    }
    quote = await api.post("/api/v1/orders/quote", body, token=token)
    placed = await api.post("/api/v1/orders", body, token=token)
    assert (quote.status, placed.status) == (200, 201)
    order = placed.body["data"]
    for field, amount in (
        ("subtotal", 90998),
        ("discount_total", 9100),
        ("tax_total", 7166),
        ("shipping_total", 0),
        ("total", 89064),
    ):
        assert order[field] == quote.body["data"][field] == usd(amount), field

    reply = await api.get("/api/v1/orders?page=1&page_size=10", token=token)
    assert reply.body["data"] == [order]
    assert reply.body["meta"]["total_items"] == 1

    manager = await sign_in_by_email(api, "manager@example.com", "manager")
    reply = await api.get(f"/api/v1/orders/{order['id']}", token=manager)
    assert reply.body["data"] == order
    for status in ("paid", "shipped", "delivered"):
        path = f"/api/v1/admin/orders/{order['id']}/status"
        reply = await api.call("PATCH", path, {"status": status}, token=manager)
        assert reply.status == 200
    reply = await api.get(f"/api/v1/orders/{order['id']}", token=token)
    assert reply.body["data"] == {**order, "status": "delivered"}
