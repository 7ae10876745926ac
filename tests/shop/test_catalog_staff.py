"""Staff keep the catalog: who may, what is checked, and what must stay whole."""

import asyncio
from typing import Any

import pytest

from tests.factories import stored
from tests.harness import Api
from tests.shop.people import join_as
from tests.shop.shelves import PRODUCTS, STAFF, add, fill, listed, refusal

PRICE = {"amount": 1000, "currency": "USD"}
LAMP = {"sku": "LAMP-1", "name": "Lamp", "base_price": PRICE}


async def _manager(api: Api) -> str:
    return (await join_as(api, "manager")).token


ROUTES = [
    ("POST", "/products", LAMP, 201),
    ("GET", "/products/prod-1", None, 200),
    ("PATCH", "/products/prod-1", {"name": "Lamp"}, 200),
    ("PUT", "/products/prod-1/stock", {"stock": 1}, 200),
    ("DELETE", "/products/prod-1", None, 204),
    ("POST", "/categories", {"name": "Lamps"}, 201),
    ("PATCH", "/categories/cat-1", {"name": "Lamps"}, 200),
    ("DELETE", "/categories/cat-3", None, 409),
    ("POST", "/brands", {"name": "Lamps"}, 201),
    ("PATCH", "/brands/brand-1", {"name": "Lamps"}, 200),
    ("DELETE", "/brands/brand-1", None, 409),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), ROUTES)
async def test_only_who_manages_products_gets_in(api: Api, method, path, body, status):
    await fill(api)
    before = [await stored(api, name) for name in ("products", "categories", "brands")]
    nobody = await api.call(method, STAFF + path, body)
    assert refusal(nobody)[0] == 401
    for rank in ("user", "customer_experience", "users_admin"):
        token = (await join_as(api, rank)).token
        refused = await api.call(method, STAFF + path, body, token=token)
        assert refusal(refused) == (403, "forbidden", "Insufficient permissions")
    assert before == [await stored(api, name) for name in ("products", "categories", "brands")]
    token = (await join_as(api, "manager")).token
    assert (await api.call(method, STAFF + path, body, token=token)).status == status


async def test_a_product_is_made_shown_changed_and_archived(api: Api):
    await fill(api)
    token = await _manager(api)
    given = {
        **LAMP,
        "description": "Bright",
        "SalePrice": {"amount": 900, "currency": "USD"},
        "brand_id": "brand-1",
        "category_id": "cat-3",
        "images": ["https://example.com/lamp.jpg"],
        "attributes": {"color": "red"},
    }
    made = await api.post(f"{STAFF}/products", {**given, "stock": 5, "id": "x"}, token=token)
    assert made.status == 201
    product = made.body["data"]
    times = {"created_at": "2025-01-18T10:00:00Z", "updated_at": "2025-01-18T10:00:00Z"}
    shown = {"id": product["id"], **given, "status": "active", **times}
    assert product == {**shown, "stock": 5}
    assert product["id"] != "x"
    path, staff_path = f"{PRODUCTS}/{product['id']}", f"{STAFF}/products/{product['id']}"
    assert (await api.get(path)).body == {"data": shown}
    assert (await listed(api, f"{PRODUCTS}/category/cat-1"))[0] == product["id"]

    api.clock.advance(minutes=10)
    changes = {"SalePrice": None, "category_id": None, "name": "Big lamp"}
    changed = await api.call("PATCH", staff_path, changes, token=token)
    shown |= {**changes, "updated_at": "2025-01-18T10:10:00Z"}
    assert (changed.status, changed.body) == (200, {"data": {**shown, "stock": 5}})
    assert product["id"] not in await listed(api, f"{PRODUCTS}/category/cat-1")

    for _ in range(2):
        assert (await api.call("DELETE", staff_path, token=token)).status == 204
    assert (await api.get(path)).status == 404
    kept = await api.get(staff_path, token=token)
    assert kept.body["data"]["status"] == "archived"


BAD_PRODUCTS: list[tuple[dict[str, Any], str]] = [
    ({"sku": ""}, "sku is required"),
    ({"sku": "A B"}, "sku must be 1 to 64 characters without spaces"),
    ({"sku": "A\0"}, "sku must be 1 to 64 characters without spaces"),
    ({"name": "   "}, "name must be 1 to 200 characters in one line and not blank"),
    ({"name": "Mouse\nfree"}, "name must be 1 to 200 characters in one line and not blank"),
    ({"name": 5}, "name: Expected str, got int"),
    ({"base_price": None}, "base_price is required"),
    ({"base_price": 5}, "base_price: Expected object, got int"),
    ({"base_price": {"amount": 1}}, "base_price: Object missing required field currency"),
    ({"base_price": {"amount": 1.5, "currency": "USD"}}, "base_price.amount: Expected int"),
    ({"base_price": {"amount": -1, "currency": "USD"}}, "base_price.amount must be from 0"),
    ({"base_price": {"amount": 1, "currency": "usd"}}, "base_price.currency must be three"),
    ({"SalePrice": {"amount": 1, "currency": "EUR"}}, "SalePrice.currency must be that of"),
    ({"SalePrice": {"amount": 1001, "currency": "USD"}}, "SalePrice.amount must not be above"),
    ({"status": "sold"}, "status must be one of active, inactive, archived"),
    ({"stock": -1}, "stock must be from 0"),
    ({"stock": True}, "stock: Expected int | null, got bool"),
    ({"stock": 2**63}, "stock: "),
    ({"images": ["javascript:alert(1)"]}, "images must be addresses"),
    ({"attributes": {"a.b": "c"}}, "attributes must have names"),
    ({"attributes": {"$set": "c"}}, "attributes must have names"),
    ({"attributes": {"a": 1}}, "attributes[...]: Expected str, got int"),
    ({"category_id": "cat-9"}, "category_id names none that there is: cat-9"),
    ({"category_id": ""}, "category_id names none that there is: "),
    ({"brand_id": {"$ne": None}}, "brand_id: Expected str | null, got object"),
    ({"brand_id": "brand-9"}, "brand_id names none that there is: brand-9"),
]


async def test_a_bad_product_is_400_and_nothing_is_kept(api: Api):
    await fill(api)
    token = await _manager(api)
    before = await stored(api, "products"), await stored(api, "postings")
    for fields, message in BAD_PRODUCTS:
        reply = await api.post(f"{STAFF}/products", {**LAMP, **fields}, token=token)
        assert (refusal(reply)[0], refusal(reply)[2][: len(message)]) == (400, message)
    assert before == (await stored(api, "products"), await stored(api, "postings"))


async def test_prices_are_checked_together_with_what_is_stored(api: Api):
    await fill(api)
    token = await _manager(api)
    for changes in (
        {"base_price": {"amount": 89998, "currency": "USD"}},
        {"base_price": {"amount": 99999, "currency": "EUR"}},
        {"SalePrice": {"amount": 100000, "currency": "USD"}},
    ):
        reply = await api.call("PATCH", f"{STAFF}/products/prod-1", changes, token=token)
        assert refusal(reply)[:2] == (400, "invalid_product")


async def test_a_sku_is_of_one_product(api: Api):
    await fill(api)
    token = await _manager(api)
    taken = await api.post(f"{STAFF}/products", {**LAMP, "sku": "MOUSE-001"}, token=token)
    assert refusal(taken) == (409, "sku_taken", "SKU already exists")
    path = f"{STAFF}/products/prod-1"
    taken = await api.call("PATCH", path, {"sku": "MOUSE-001"}, token=token)
    assert refusal(taken)[0] == 409
    same = await api.call("PATCH", path, {"sku": "LAPTOP-001"}, token=token)
    assert same.status == 200


async def test_of_many_who_make_one_sku_at_once_one_does(api: Api):
    token = await _manager(api)
    replies = await asyncio.gather(
        *(api.post(f"{STAFF}/products", LAMP, token=token) for _ in range(10))
    )
    assert sorted(reply.status for reply in replies) == [201, *[409] * 9]
    assert len(await stored(api, "products")) == 1
    assert len(await listed(api, f"{PRODUCTS}?keyword=lamp")) == 1


async def test_many_products_at_once_are_all_listed(api: Api):
    token = await _manager(api)
    await asyncio.gather(
        *(api.post(f"{STAFF}/products", {**LAMP, "sku": f"L-{n}"}, token=token) for n in range(20))
    )
    reply = await api.get(f"{PRODUCTS}?keyword=lamp")
    assert reply.body["meta"]["total_items"] == 20
    assert len({item["id"] for item in reply.body["data"]}) == 20


async def test_the_stock_is_set_and_never_negative(api: Api):
    await fill(api)
    token = await _manager(api)
    path = f"{STAFF}/products/prod-6/stock"
    reply = await api.call("PUT", path, {"stock": 7}, token=token)
    assert (reply.status, reply.body["data"]["stock"]) == (200, 7)
    for stock in (-1, None, "7", 1.5, 10**9 + 1):
        assert (await api.call("PUT", path, {"stock": stock}, token=token)).status == 400
    (product,) = await stored(api, "products", {"_id": "prod-6"})
    assert product["stock"] == 7


@pytest.mark.parametrize("what", ["products", "categories", "brands"])
async def test_what_is_unknown_is_404(api: Api, what: str):
    token = await _manager(api)
    for method in ("PATCH", "DELETE"):
        reply = await api.call(method, f"{STAFF}/{what}/nothing", {}, token=token)
        assert refusal(reply)[0] == 404


async def test_a_category_is_made_moved_and_archived(api: Api):
    await fill(api)
    token = await _manager(api)
    made = await api.post(
        f"{STAFF}/categories", {"name": "Desk Lamps", "parent_id": "cat-3"}, token=token
    )
    category = made.body["data"]
    assert made.status == 201
    assert (category["slug"], category["parent_id"], category["active"]) == (
        "desk-lamps",
        "cat-3",
        True,
    )
    product_id = await add(api, "LAMP-1", "Lamp", category_id=category["id"])
    assert product_id in await listed(api, f"{PRODUCTS}/category/cat-1")
    path = f"{STAFF}/categories/{category['id']}"
    moved = await api.call("PATCH", path, {"parent_id": None}, token=token)
    assert moved.body["data"]["parent_id"] is None
    assert product_id not in await listed(api, f"{PRODUCTS}/category/cat-1")
    assert await listed(api, f"{PRODUCTS}/category/{category['id']}") == [product_id]

    refused = await api.call("DELETE", path, token=token)
    assert refusal(refused)[:2] == (409, "category_in_use")
    await api.call("DELETE", f"{STAFF}/products/{product_id}", token=token)
    for _ in range(2):
        assert (await api.call("DELETE", path, token=token)).status == 204
    assert (await api.get(f"{PRODUCTS}/category/{category['id']}")).status == 404
    assert category["id"] not in await listed(api, "/api/v1/catalog/categories")
    back = await api.call(
        "PATCH", f"{STAFF}/products/{product_id}", {"status": "active"}, token=token
    )
    assert refusal(back)[0] == 400
    restored = await api.call("PATCH", path, {"active": True}, token=token)
    assert restored.body["data"]["active"] is True


async def test_a_category_is_never_in_itself(api: Api):
    await fill(api)
    token = await _manager(api)
    for parent_id in ("cat-1", "cat-2", "cat-3"):
        reply = await api.call(
            "PATCH", f"{STAFF}/categories/cat-1", {"parent_id": parent_id}, token=token
        )
        assert refusal(reply)[:2] == (400, "category_cycle")


async def test_two_moves_at_once_make_no_cycle(api: Api):
    await fill(api)
    token = await _manager(api)
    moves = (("cat-1", "cat-4"), ("cat-4", "cat-1"))
    replies = await asyncio.gather(
        *(
            api.call("PATCH", f"{STAFF}/categories/{one}", {"parent_id": other}, token=token)
            for one, other in moves
        )
    )
    assert sorted(reply.status for reply in replies) == [200, 400]


async def test_a_product_never_gets_into_a_category_that_is_archived_at_once(api: Api):
    token = await _manager(api)
    for number in range(5):
        made = await api.post(f"{STAFF}/categories", {"name": f"Group {number}"}, token=token)
        category_id = made.body["data"]["id"]
        lamp = {**LAMP, "sku": f"L-{number}", "category_id": category_id}
        archived, added = await asyncio.gather(
            api.call("DELETE", f"{STAFF}/categories/{category_id}", token=token),
            api.post(f"{STAFF}/products", lamp, token=token),
        )
        assert (archived.status, added.status) in {(204, 400), (409, 201)}


BAD_NAMES: list[tuple[dict[str, Any], int, str]] = [
    ({"name": "Lamps", "slug": "Lamps!"}, 400, "slug must be 1 to 100 of a-z"),
    ({"name": ""}, 400, "name is required"),
    ({"name": "灯"}, 400, "slug must be 1 to 100 of a-z"),
    ({"name": "x" * 101}, 400, "name must be 1 to 100 characters in one line and not blank"),
    ({"name": "Lamps\0"}, 400, "name must be 1 to 100 characters in one line and not blank"),
    ({"name": "Electronics", "slug": "taken"}, 409, "Slug already exists"),
]


@pytest.mark.parametrize("what", ["categories", "brands"])
async def test_a_bad_category_or_brand_is_refused(api: Api, what: str):
    token = await _manager(api)
    first = await api.post(f"{STAFF}/{what}", {"name": "First", "slug": "taken"}, token=token)
    assert first.status == 201
    for body, status, message in BAD_NAMES:
        reply = await api.post(f"{STAFF}/{what}", body, token=token)
        assert (refusal(reply)[0], refusal(reply)[2][: len(message)]) == (status, message)
    assert len(await stored(api, what)) == 1
    other = await api.post(f"{STAFF}/{what}", {"name": "Other"}, token=token)
    path = f"{STAFF}/{what}/{other.body['data']['id']}"
    assert (await api.call("PATCH", path, {"slug": "taken"}, token=token)).status == 409


async def test_an_unknown_parent_is_400(api: Api):
    token = await _manager(api)
    for parent_id in ("cat-9", ""):
        reply = await api.post(
            f"{STAFF}/categories", {"name": "Lamps", "parent_id": parent_id}, token=token
        )
        assert refusal(reply) == (400, "unknown_parent", "parent_id names no category")


async def test_a_brand_is_archived_when_its_products_are(api: Api):
    await fill(api)
    token = await _manager(api)
    refused = await api.call("DELETE", f"{STAFF}/brands/brand-1", token=token)
    assert refusal(refused)[:2] == (409, "brand_in_use")
    await api.call("PATCH", f"{STAFF}/products/prod-1", {"brand_id": None}, token=token)
    assert (await api.call("DELETE", f"{STAFF}/brands/brand-1", token=token)).status == 204
    assert await listed(api, "/api/v1/catalog/brands") == []
    lamp = {**LAMP, "brand_id": "brand-1"}
    assert (await api.post(f"{STAFF}/products", lamp, token=token)).status == 400
