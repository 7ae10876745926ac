"""The cart (SHOP "Cart Routes", CONTRACT section 7)."""

import asyncio
from typing import Any

import pytest

from tests.factories import stored
from tests.harness import Api
from tests.shop.shopping import add_product, change_product, error, put_in_cart

CART = "/api/v1/cart"
ITEMS = "/api/v1/cart/items"


async def _quantities(api: Api, token: str) -> list[int]:
    reply = await api.get(CART, token=token)
    return [item["quantity"] for item in reply.body["data"]["items"]]


async def test_a_cart_has_its_id_from_the_first_read(api: Api):
    token = await api.sign_in()
    first, again = await api.get(CART, token=token), await api.get(CART, token=token)
    assert first.status == 200
    assert first.body == again.body
    (user,), (cart,) = await stored(api, "users"), await stored(api, "carts")
    assert first.body == {
        "data": {
            "id": str(cart["_id"]),
            "user_id": str(user["_id"]),
            "session_id": "",
            "items": [],
            "created_at": "2025-01-18T10:00:00Z",
            "updated_at": "2025-01-18T10:00:00Z",
        }
    }


async def test_of_many_first_reads_at_once_all_see_one_cart(api: Api):
    token = await api.sign_in()
    replies = await asyncio.gather(*(api.get(CART, token=token) for _ in range(8)))
    assert len({reply.body["data"]["id"] for reply in replies}) == 1
    assert len(await stored(api, "carts")) == 1


async def test_what_is_put_in_is_shown_as_documented(api: Api):
    await add_product(api)
    token = await api.sign_in()
    api.clock.advance(minutes=5)
    attributes = {"color": "Black", "size": "15-inch", "$a.b": "."}
    reply = await put_in_cart(api, token, quantity=2, variant_id=None, attributes=attributes)
    assert reply.status == 200
    (item,) = reply.body["data"]["items"]
    assert item == {
        "id": item["id"],
        "product_id": "prod-1",
        "variant_id": None,
        "sku": "SKU-prod-1",
        "name": "Professional Laptop",
        "price": {"amount": 99999, "currency": "USD"},
        "quantity": 2,
        "attributes": attributes,
    }
    assert reply.body["data"]["updated_at"] == "2025-01-18T10:05:00Z"
    assert (await api.get(CART, token=token)).body == reply.body


async def test_the_price_is_read_anew_and_a_sale_price_counts(api: Api):
    await add_product(api)
    token = await api.sign_in()
    await put_in_cart(api, token)
    await change_product(api, sale_price={"amount": 89999, "currency": "USD"})
    reply = await api.get(CART, token=token)
    assert reply.body["data"]["items"][0]["price"]["amount"] == 89999


async def test_the_same_product_with_the_same_attributes_is_one_line(api: Api):
    await add_product(api)
    token = await api.sign_in()
    await put_in_cart(api, token, attributes={"a": "1", "b": "2"})
    await put_in_cart(api, token, attributes={"b": "2", "a": "1"})
    await put_in_cart(api, token, attributes={"a": "1"})
    assert await _quantities(api, token) == [2, 1]


async def test_twenty_that_are_put_in_at_once_all_count(api: Api):
    await add_product(api, stock=100)
    token = await api.sign_in()
    replies = await asyncio.gather(*(put_in_cart(api, token) for _ in range(20)))
    assert {reply.status for reply in replies} == {200}
    assert await _quantities(api, token) == [20]


QUANTITY = "quantity must be from 1 to 999 in one line of the cart"


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({}, "missing_field", "product_id is required"),
        ({"product_id": "prod-1"}, "missing_field", "quantity is required"),
        ({"product_id": 1, "quantity": 1}, "invalid_field", "product_id: Expected str, got int"),
        (
            {"product_id": {"$ne": ""}, "quantity": 1},
            "invalid_field",
            "product_id: Expected str, got object",
        ),
        (
            {"product_id": "prod-1", "quantity": "1"},
            "invalid_field",
            "quantity: Expected int, got str",
        ),
        (
            {"product_id": "prod-1", "quantity": True},
            "invalid_field",
            "quantity: Expected int, got bool",
        ),
        ({"product_id": "prod-1", "quantity": 0}, "invalid_quantity", QUANTITY),
        ({"product_id": "prod-1", "quantity": -1}, "invalid_quantity", QUANTITY),
        ({"product_id": "prod-1", "quantity": 1000}, "invalid_quantity", QUANTITY),
        ({"product_id": "prod-1", "quantity": 2**63 - 1}, "invalid_quantity", QUANTITY),
        (
            {"product_id": "prod-1", "quantity": 11},
            "out_of_stock",
            "Only 10 of SKU-prod-1 are left",
        ),
        (
            {"product_id": "prod-0", "quantity": 1},
            "out_of_stock",
            "SKU-prod-0 is out of stock",
        ),
        (
            {"product_id": "none", "quantity": 1},
            "unknown_product",
            "product_id names no product that is sold",
        ),
        (
            {"product_id": "prod-5", "quantity": 1},
            "unknown_product",
            "product_id names no product that is sold",
        ),
        (
            {"product_id": "prod-1", "variant_id": "v", "quantity": 1},
            "unknown_variant",
            "variant_id names no variant of this product",
        ),
        (
            {"product_id": "prod-1", "quantity": 1, "attributes": {"a": "x" * 201}},
            "invalid_attributes",
            "attributes takes at most 20, with names and values of at most 200 characters",
        ),
    ],
)
async def test_what_cannot_be_put_in_is_400_and_changes_nothing(
    api: Api, body: dict[str, Any], code: str, message: str
):
    await add_product(api)
    await add_product(api, "prod-0", stock=0)
    await add_product(api, "prod-5", status="inactive")
    token = await api.sign_in()
    assert error(await api.post(ITEMS, body, token=token)) == (400, code, message)
    assert await _quantities(api, token) == []


async def test_attributes_are_strings(api: Api):
    await add_product(api)
    reply = await put_in_cart(api, await api.sign_in(), attributes={"size": 15})
    assert (reply.status, reply.body["error"]["code"]) == (400, "invalid_field")


async def test_the_lines_of_a_product_are_together_within_its_stock(api: Api):
    await add_product(api, stock=5)
    token = await api.sign_in()
    await put_in_cart(api, token, quantity=3)
    reply = await put_in_cart(api, token, quantity=3, attributes={"color": "Black"})
    assert error(reply) == (400, "out_of_stock", "Only 5 of SKU-prod-1 are left")
    assert await _quantities(api, token) == [3]


async def test_a_line_that_grows_past_999_is_refused(api: Api):
    await add_product(api, stock=2000)
    token = await api.sign_in()
    await put_in_cart(api, token, quantity=999)
    assert error(await put_in_cart(api, token)) == (400, "invalid_quantity", QUANTITY)
    assert await _quantities(api, token) == [999]


async def test_a_cart_has_one_currency(api: Api):
    await add_product(api)
    await add_product(api, "prod-e", base_price={"amount": 5, "currency": "EUR"})
    token = await api.sign_in()
    await put_in_cart(api, token)
    assert error(await put_in_cart(api, token, "prod-e")) == (
        400,
        "currency_mismatch",
        "A cart has one currency: this is in EUR, what is in the cart in USD",
    )
    assert await _quantities(api, token) == [1]


async def test_a_line_is_changed_and_taken_out(api: Api):
    await add_product(api)
    token = await api.sign_in()
    reply = await put_in_cart(api, token)
    path = f"{ITEMS}/{reply.body['data']['items'][0]['id']}"
    changed = await api.call("PATCH", path, {"quantity": 3}, token=token)
    assert (changed.status, changed.body["data"]["items"][0]["quantity"]) == (200, 3)
    for quantity, code in ((0, "invalid_quantity"), (11, "out_of_stock")):
        refused = await api.call("PATCH", path, {"quantity": quantity}, token=token)
        assert (refused.status, refused.body["error"]["code"]) == (400, code)
    assert await _quantities(api, token) == [3]
    removed = await api.call("DELETE", path, token=token)
    assert (removed.status, removed.body["data"]["items"]) == (200, [])
    again = await api.call("DELETE", path, token=token)
    assert error(again) == (404, "item_not_found", "Item not found in cart")


async def test_a_line_of_another_cart_does_not_exist_for_the_caller(api: Api):
    await add_product(api)
    token, other = await api.sign_in(), await api.sign_in("someone")
    reply = await put_in_cart(api, token)
    path = f"{ITEMS}/{reply.body['data']['items'][0]['id']}"
    for method, body in (("PATCH", {"quantity": 2}), ("DELETE", None)):
        refused = await api.call(method, path, body, token=other)
        assert error(refused) == (404, "item_not_found", "Item not found in cart")
    assert await _quantities(api, token) == [1]


@pytest.mark.parametrize("path", [ITEMS, f"{ITEMS}/", f"{ITEMS}/%20"])
async def test_a_line_has_to_be_named(api: Api, path: str):
    token = await api.sign_in()
    for method, body in (("PATCH", {"quantity": 2}), ("DELETE", None)):
        reply = await api.call(method, path, body, token=token)
        assert error(reply) == (400, "item_id_required", "Item ID is required")


async def test_an_emptied_cart_keeps_its_id(api: Api):
    await add_product(api)
    token = await api.sign_in()
    filled = await put_in_cart(api, token)
    emptied = await api.call("DELETE", CART, token=token)
    assert (emptied.status, emptied.body["data"]["items"]) == (200, [])
    assert emptied.body["data"]["id"] == filled.body["data"]["id"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", CART),
        ("DELETE", CART),
        ("POST", ITEMS),
        ("PATCH", f"{ITEMS}/x"),
        ("DELETE", f"{ITEMS}/x"),
    ],
)
async def test_nobody_has_no_cart(api: Api, method: str, path: str):
    reply = await api.call(method, path, {} if method in ("POST", "PATCH") else None)
    assert error(reply) == (401, "authentication_required", "Authentication required")


async def test_a_cart_goes_with_its_account_also_when_it_is_filled_meanwhile(api: Api):
    await add_product(api)
    token = await api.sign_in()
    replies = await asyncio.gather(
        *(put_in_cart(api, token) for _ in range(4)),
        api.call("DELETE", "/api/user/", token=token),
        *(api.get(CART, token=token) for _ in range(4)),
        *(put_in_cart(api, token) for _ in range(4)),
    )
    assert {reply.status for reply in replies} <= {200, 401}
    assert await stored(api, "carts") == []
