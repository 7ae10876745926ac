"""Placing and seeing orders (SHOP "Order Routes", CONTRACT section 7)."""

from typing import Any

import pytest

from tests.factories import stored
from tests.harness import Api
from tests.shop.shopping import (
    ADDRESS,
    ORDER,
    add_product,
    add_promotion,
    change_product,
    error,
    order,
    put_in_cart,
    sign_in_by_email,
    stock_of,
)

ORDERS = "/api/v1/orders"


def usd(amount: int) -> dict[str, Any]:
    """An amount as it is shown."""
    return {"amount": amount, "currency": "USD"}


async def test_the_documents_own_order(api: Api):
    await add_product(api)
    token = await api.sign_in()
    await put_in_cart(api, token)
    reply = await order(api, token, payment_method_id="pm_123", notes="Please deliver after 5 PM")
    assert reply.status == 201
    (user,), (kept,) = await stored(api, "users"), await stored(api, "orders")
    assert kept["payment_method_id"] == "pm_123"
    assert reply.body == {
        "data": {
            "id": str(kept["_id"]),
            "order_number": "ORD-61803399",
            "user_id": str(user["_id"]),
            "status": "pending",
            "items": [
                {
                    "id": str(kept["items"][0]["id"]),
                    "product_id": "prod-1",
                    "sku": "SKU-prod-1",
                    "name": "Professional Laptop",
                    "unit_price": usd(99999),
                    "quantity": 1,
                    "discount_amount": usd(0),
                    "tax_amount": usd(8750),
                    "total": usd(108749),
                }
            ],
            "shipping_address": ADDRESS,
            "billing_address": ADDRESS,
            "subtotal": usd(99999),
            "discount_total": usd(0),
            "tax_total": usd(8750),
            "shipping_total": usd(0),
            "total": usd(108749),
            "notes": "Please deliver after 5 PM",
            "created_at": "2025-01-18T10:00:00Z",
            "updated_at": "2025-01-18T10:00:00Z",
        }
    }
    shown = await api.get(f"{ORDERS}/{kept['_id']}", token=token)
    assert (shown.status, shown.body) == (200, reply.body)


async def test_an_order_takes_the_stock_and_empties_the_cart(api: Api):
    await add_product(api)
    await add_product(api, "prod-2", stock=5)
    token = await api.sign_in()
    await put_in_cart(api, token, quantity=2)
    await put_in_cart(api, token, quantity=1, attributes={"color": "Black"})
    before = await put_in_cart(api, token, "prod-2", 5)
    assert (await order(api, token)).status == 201
    assert (await stock_of(api), await stock_of(api, "prod-2")) == (7, 0)
    after = await api.get("/api/v1/cart", token=token)
    assert after.body["data"]["items"] == []
    assert after.body["data"]["id"] == before.body["data"]["id"]
    assert error(await order(api, token)) == (400, "cart_empty", "Cart is empty")


async def test_the_sale_price_of_the_moment_is_charged_and_stays(api: Api):
    await add_product(api)
    token = await api.sign_in()
    await put_in_cart(api, token)
    await change_product(api, sale_price=usd(89999))
    placed = await order(api, token)
    assert placed.body["data"]["subtotal"] == usd(89999)
    await change_product(api, sale_price=None, name="Other")
    shown = await api.get(f"{ORDERS}/{placed.body['data']['id']}", token=token)
    assert shown.body == placed.body


async def test_shipping_and_billing_as_asked_for(api: Api):
    await add_product(api, base_price=usd(1000))
    token = await api.sign_in()
    await put_in_cart(api, token)
    billing = {**ADDRESS, "first_name": " Jane ", "country": "de", "state": ""}
    reply = await order(api, token, billing_address=billing, shipping_method_id="ship_express")
    data = reply.body["data"]
    assert data["billing_address"] == {**billing, "first_name": "Jane", "country": "DE"}
    assert (data["shipping_address"]["country"], data["tax_total"]) == ("US", usd(88))
    assert (data["shipping_total"], data["total"]) == (usd(1500), usd(2588))


def without(field: str) -> dict[str, Any]:
    """The address with one field left out."""
    return {name: value for name, value in ADDRESS.items() if name != field}


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"shipping_address": None}, "missing_field", "shipping_address is required"),
        (
            {"shipping_address": "here"},
            "invalid_field",
            "shipping_address: Expected object, got str",
        ),
        (
            {"shipping_address": {**ADDRESS, "city": 5}},
            "invalid_field",
            "shipping_address.city: Expected str | null, got int",
        ),
        *(
            (
                {"shipping_address": without(field)},
                "invalid_address",
                f"shipping_address.{field} is required",
            )
            for field in ("first_name", "last_name", "address1", "city", "postal_code", "country")
        ),
        (
            {"shipping_address": {**ADDRESS, "city": "  "}},
            "invalid_address",
            "shipping_address.city is required",
        ),
        (
            {"shipping_address": without("state")},
            "invalid_address",
            "shipping_address.state is required in the US",
        ),
        (
            {"shipping_address": {**ADDRESS, "country": "USA"}},
            "invalid_address",
            "shipping_address.country must be a country's two letters, such as US",
        ),
        (
            {"shipping_address": {**ADDRESS, "company": "x" * 201}},
            "invalid_address",
            "shipping_address.company must be at most 200 characters",
        ),
        *(
            (
                {"shipping_address": {**ADDRESS, "first_name": text}},
                "invalid_address",
                "shipping_address.first_name must be one line, without control characters",
            )
            for text in ("John\n\nYou won", "John\0", "John\u2028You won")
        ),
        (
            {"billing_address": without("city")},
            "invalid_address",
            "billing_address.city is required",
        ),
        (
            {"shipping_method_id": "pigeon"},
            "unknown_shipping_method",
            "shipping_method_id: pigeon is unknown; it is one of ship_express, ship_standard",
        ),
        ({"notes": "x" * 2001}, "invalid_field", "notes must be at most 2000 characters"),
        (
            {"promotion_codes": ["NONE"]},
            "unknown_promotion",
            "promotion_codes: NONE is unknown",
        ),
        (
            {"promotion_codes": "SAVE10"},
            "invalid_field",
            "promotion_codes: Expected array, got str",
        ),
    ],
)
async def test_what_cannot_be_ordered_is_400_and_changes_nothing(
    api: Api, body: dict[str, Any], code: str, message: str
):
    await add_product(api)
    token = await sign_in_by_email(api, "ann@example.com")
    cart = await put_in_cart(api, token)
    for path in (ORDERS, f"{ORDERS}/quote"):
        reply = await api.post(path, {**ORDER, **body}, token=token)
        assert error(reply) == (400, code, message)
    assert await stored(api, "orders") == []
    assert await stored(api, "outbox") == []
    assert await stock_of(api) == 10
    assert (await api.get("/api/v1/cart", token=token)).body == cart.body


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"stock": 1}, "out_of_stock", "Only 1 of SKU-prod-1 are left"),
        (
            {"status": "inactive"},
            "product_unavailable",
            "SKU-prod-1 is not sold any more; take it out of the cart",
        ),
        (
            {"base_price": {"amount": 5, "currency": "EUR"}},
            "currency_mismatch",
            "A cart has one currency: this is in EUR, what is in the cart in USD",
        ),
    ],
)
async def test_what_changed_since_it_was_put_into_the_cart_is_refused(
    api: Api, changes: dict[str, Any], code: str, message: str
):
    await add_product(api, "prod-0")
    await add_product(api)
    token = await api.sign_in()
    await put_in_cart(api, token, "prod-0")
    await put_in_cart(api, token, quantity=2)
    await change_product(api, **changes)
    assert error(await order(api, token)) == (400, code, message)
    assert await stock_of(api, "prod-0") == 10
    assert await stored(api, "orders") == []


async def test_foreign_fields_are_ignored(api: Api):
    await add_product(api)
    token = await api.sign_in()
    await put_in_cart(api, token, price=1, roles=["admin"])
    reply = await order(api, token, total=usd(1), status="paid", user_id="x", price=1)
    assert (reply.body["data"]["total"], reply.body["data"]["status"]) == (usd(108749), "pending")


async def test_own_orders_newest_first_in_pages(api: Api):
    await add_product(api)
    token, other = await api.sign_in(), await api.sign_in("someone")
    ids = []
    for customer in (token, token, other, token):
        await put_in_cart(api, customer)
        placed = await order(api, customer)
        ids.append(placed.body["data"]["id"])
    reply = await api.get(f"{ORDERS}?page=1&page_size=2", token=token)
    assert [each["id"] for each in reply.body["data"]] == [ids[3], ids[1]]
    assert reply.body["meta"] == {
        "page": 1,
        "page_size": 2,
        "total_items": 3,
        "total_pages": 2,
        "has_next": True,
        "has_prev": False,
    }
    past = await api.get(f"{ORDERS}?page=3&page_size=2", token=token)
    assert (past.status, past.body["data"]) == (200, [])
    assert (await api.get(f"{ORDERS}?page=0", token=token)).status == 400


@pytest.mark.parametrize(
    ("role", "status"),
    [(None, 403), ("customer_experience", 200), ("manager", 200), ("admin", 200)],
)
async def test_who_sees_the_order_of_another(api: Api, role: str | None, status: int):
    await add_product(api)
    token = await api.sign_in()
    await put_in_cart(api, token)
    placed = await order(api, token)
    roles = () if role is None else (role,)
    other = await sign_in_by_email(api, "other@example.com", *roles)
    reply = await api.get(f"{ORDERS}/{placed.body['data']['id']}", token=other)
    assert reply.status == status
    if status == 200:
        assert reply.body == placed.body
    else:
        message = "You don't have permission to view this order"
        assert error(reply) == (403, "not_your_order", message)


@pytest.mark.parametrize("order_id", ["0" * 24, "x", "ORD-61803399", "%00"])
async def test_an_unknown_order_is_404(api: Api, order_id: str):
    reply = await api.get(f"{ORDERS}/{order_id}", token=await api.sign_in())
    assert error(reply) == (404, "order_not_found", "Order not found")


async def test_a_blank_order_id_is_400(api: Api):
    reply = await api.get(f"{ORDERS}/%20", token=await api.sign_in())
    assert error(reply) == (400, "order_id_required", "Order ID is required")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", ORDERS),
        ("GET", ORDERS),
        ("POST", f"{ORDERS}/quote"),
        ("GET", f"{ORDERS}/x"),
        ("POST", f"{ORDERS}/x/cancel"),
    ],
)
async def test_nobody_has_no_orders(api: Api, method: str, path: str):
    reply = await api.call(method, path, {} if method == "POST" else None)
    assert (reply.status, reply.body["error"]["code"]) == (401, "authentication_required")


async def test_an_order_charges_its_quote_which_explains_itself(api: Api):
    await add_product(api, base_price=usd(1000))
    await add_product(api, "prod-2", base_price=usd(333))
    await add_promotion(api)
    token = await api.sign_in()
    await put_in_cart(api, token)
    await put_in_cart(api, token, "prod-2", 2)
    body = {**ORDER, "promotion_codes": ["save10"], "shipping_method_id": "ship_express"}
    quote = await api.post(f"{ORDERS}/quote", body, token=token)
    assert quote.status == 200
    assert await stored(api, "orders") == []
    assert await stock_of(api) == 10
    steps = [
        (step["rule"], step["input"], step["effect"]["amount"], step["rounding"])
        for step in quote.body["data"]["steps"]
    ]
    assert steps == [
        ("line", "SKU-prod-1: 1 x 1000", 1000, "none"),
        ("line", "SKU-prod-2: 2 x 333", 666, "none"),
        ("promotion", "SAVE10: 10 % of 1666", -167, "half up"),
        ("discount_share", "SKU-prod-1: 1000 of 1666", -100, "largest remainder"),
        ("discount_share", "SKU-prod-2: 666 of 1666", -67, "largest remainder"),
        ("tax", "SKU-prod-1: 8.75 % of 900", 79, "half up"),
        ("tax", "SKU-prod-2: 8.75 % of 599", 52, "half up"),
        ("shipping", "ship_express", 1500, "none"),
    ]
    placed = await api.post(ORDERS, body, token=token)
    assert placed.status == 201
    for field in ("subtotal", "discount_total", "tax_total", "shipping_total", "total"):
        assert placed.body["data"][field] == quote.body["data"][field]
    shared = quote.body["data"]["items"][0].keys()
    items = [{name: item[name] for name in shared} for item in placed.body["data"]["items"]]
    assert items == quote.body["data"]["items"]
    assert placed.body["data"]["total"] == usd(1666 - 167 + 131 + 1500)


async def test_orders_outlive_their_account_without_anything_personal(api: Api):
    await add_product(api)
    await add_promotion(api)
    token = await api.sign_in()
    await put_in_cart(api, token, attributes={"engraving": "For Ann"})
    placed = await order(
        api, token, "key", notes="ring twice", payment_method_id="pm_1", promotion_codes=["SAVE10"]
    )
    assert placed.status == 201
    assert (await api.call("DELETE", "/api/user/", token=token)).status == 200
    (kept,) = await stored(api, "orders")
    for field in ("user_id", "shipping_address", "billing_address", "payment_method_id"):
        assert kept[field] is None
    assert (kept["notes"], kept["total_minor"]) == ("", 97874)
    assert [item["attributes"] for item in kept["items"]] == [[]]
    for collection in ("carts", "idempotency_keys", "promotion_uses"):
        assert await stored(api, collection) == []
    manager = await sign_in_by_email(api, "m@example.com", "manager")
    shown = await api.get(f"{ORDERS}/{kept['_id']}", token=manager)
    assert (shown.body["data"]["user_id"], shown.body["data"]["shipping_address"]) == (None, None)
