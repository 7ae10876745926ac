"""Promotions at an order, and in the hands of those who manage them (CONTRACT section 7)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from repositories.seeding import SeedRepository
from scripts.seeding import promotions
from tests.factories import stored
from tests.harness import Api
from tests.shop.shopping import (
    ADDRESS,
    add_product,
    add_promotion,
    error,
    order,
    put_in_cart,
    sign_in_by_email,
)

ADMIN = "/api/v1/admin/promotions"
NOW = datetime(2025, 1, 18, 10, 0, tzinfo=UTC)


def usd(amount: int) -> dict[str, Any]:
    """An amount as it is kept and shown."""
    return {"amount": amount, "currency": "USD"}


@pytest.mark.parametrize(
    ("terms", "discount"),
    [
        ({}, 100),
        ({"amount": usd(500)}, 500),
        ({"amount": usd(5000)}, 1000),
        ({"minimum_spend": usd(1000)}, 100),
        ({"starts_at": NOW}, 100),
        ({"max_uses": 1}, 100),
    ],
)
async def test_a_promotion_that_holds(api: Api, terms: dict[str, Any], discount: int):
    await add_product(api, base_price=usd(1000))
    await add_promotion(api, **terms)
    token = await api.sign_in()
    await put_in_cart(api, token)
    reply = await order(api, token, promotion_codes=["save10", " SAVE10 "])
    assert reply.status == 201
    assert reply.body["data"]["discount_total"] == usd(discount)
    assert (await stored(api, "promotions"))[0]["uses"] == 1


@pytest.mark.parametrize(
    ("terms", "code", "problem"),
    [
        ({"ends_at": NOW}, "promotion_expired", "has ended"),
        ({"starts_at": NOW.replace(minute=1)}, "promotion_expired", "has not begun yet"),
        ({"status": "archived"}, "unknown_promotion", "is unknown"),
        ({"max_uses": 2, "uses": 2}, "promotion_used_up", "has been used as often as it may be"),
        (
            {"minimum_spend": usd(1001)},
            "promotion_minimum_spend",
            "needs a subtotal of at least 10.01 USD",
        ),
        (
            {"amount": {"amount": 5, "currency": "EUR"}},
            "promotion_refused",
            "is for orders in EUR",
        ),
    ],
)
async def test_a_promotion_that_does_not_hold(
    api: Api, terms: dict[str, Any], code: str, problem: str
):
    await add_product(api, base_price=usd(1000))
    await add_promotion(api, **terms)
    token = await api.sign_in()
    await put_in_cart(api, token)
    for path in ("", "/quote"):
        body = {"shipping_address": ADDRESS, "promotion_codes": ["SAVE10"]}
        reply = await api.post(f"/api/v1/orders{path}", body, token=token)
        assert error(reply) == (400, code, f"promotion_codes: SAVE10 {problem}")
    assert await stored(api, "orders") == []


async def test_the_seeded_promotions_are_made_once(api: Api):
    repository = SeedRepository(api.agora.storage)
    assert [await promotions.seed(repository) for _ in range(2)] == [5, 0]
    del api.plans[:]
    await add_product(api, stock=100)
    token = await api.sign_in()
    for code, status in (
        ("SAVE10", 201),
        ("EXPIRED10", 400),
        ("LIMITED1", 201),
        ("LIMITED1", 400),
        ("LIMITED2", 201),
        ("LIMITED2", 201),
        ("LIMITED2", 400),
        ("MINUS500", 201),
    ):
        await put_in_cart(api, token)
        assert (await order(api, token, promotion_codes=[code])).status == status, code


TERMS: dict[str, Any] = {
    "code": "spring-25",
    "amount": usd(500),
    "minimum_spend": usd(2000),
    "starts_at": "2025-03-01T00:00:00+01:00",
    "ends_at": "2025-06-01T00:00:00Z",
    "max_uses": 100,
    "max_uses_per_user": 1,
}


async def test_a_promotion_is_made_seen_changed_and_archived(api: Api):
    manager = await sign_in_by_email(api, "m@example.com", "manager")
    made = await api.post(ADMIN, TERMS, token=manager)
    assert made.status == 201
    shown = {
        "id": made.body["data"]["id"],
        "code": "SPRING-25",
        "percent": None,
        "amount": usd(500),
        "minimum_spend": usd(2000),
        "starts_at": "2025-02-28T23:00:00Z",
        "ends_at": "2025-06-01T00:00:00Z",
        "max_uses": 100,
        "max_uses_per_user": 1,
        "uses": 0,
        "status": "active",
        "created_at": "2025-01-18T10:00:00Z",
        "updated_at": "2025-01-18T10:00:00Z",
    }
    assert made.body == {"data": shown}
    path = f"{ADMIN}/{shown['id']}"
    assert (await api.get(path, token=manager)).body == {"data": shown}
    api.clock.advance(minutes=1)
    changed = await api.call("PUT", path, {"code": "SPRING-25", "percent": 20}, token=manager)
    assert (changed.status, changed.body["data"]["percent"]) == (200, 20)
    for limit in ("amount", "minimum_spend", "starts_at", "ends_at", "max_uses"):
        assert changed.body["data"][limit] is None
    assert changed.body["data"]["updated_at"] == "2025-01-18T10:01:00Z"
    archived = await api.call("DELETE", path, token=manager)
    assert (archived.status, archived.content) == (204, b"")
    assert (await api.get(path, token=manager)).body["data"]["status"] == "archived"


async def test_a_changed_promotion_keeps_its_uses(api: Api):
    await add_product(api)
    await add_promotion(api, "ONCE", max_uses=1, uses=1)
    manager = await sign_in_by_email(api, "m@example.com", "manager")
    (kept,) = await stored(api, "promotions")
    body = {"code": "ONCE", "percent": 10, "max_uses": 2}
    await api.call("PUT", f"{ADMIN}/{kept['_id']}", body, token=manager)
    token = await api.sign_in()
    for status in (201, 400):
        await put_in_cart(api, token)
        assert (await order(api, token, promotion_codes=["ONCE"])).status == status


async def test_promotions_newest_first_and_by_status(api: Api):
    manager = await sign_in_by_email(api, "m@example.com", "manager")
    for code in ("A", "B", "C"):
        await api.post(ADMIN, {"code": code, "percent": 1}, token=manager)
        api.clock.advance(seconds=1)
    (second,) = await stored(api, "promotions", {"code": "B"})
    await api.call("DELETE", f"{ADMIN}/{second['_id']}", token=manager)
    for query, codes in (
        ("", ["C", "B", "A"]),
        ("?status=active", ["C", "A"]),
        ("?status=archived", ["B"]),
        ("?page=2&page_size=2", ["A"]),
    ):
        reply = await api.get(ADMIN + query, token=manager)
        assert [each["code"] for each in reply.body["data"]] == codes
    assert reply.body["meta"]["total_items"] == 3
    assert (await api.get(f"{ADMIN}?status=x", token=manager)).status == 400


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"code": None}, "missing_field", "code is required"),
        ({"code": "a b"}, "invalid_promotion", "code must be 1 to 64 letters, digits, _ or -"),
        ({"percent": 10}, "invalid_promotion", "give either percent or amount"),
        ({"amount": None}, "invalid_promotion", "give either percent or amount"),
        (
            {"amount": None, "percent": 0},
            "invalid_promotion",
            "percent must be from 1 to 100",
        ),
        (
            {"amount": None, "percent": 101},
            "invalid_promotion",
            "percent must be from 1 to 100",
        ),
        (
            {"amount": usd(0)},
            "invalid_promotion",
            "amount.amount must be from 1 to 1000000000000",
        ),
        (
            {"amount": {"amount": 5, "currency": "usd"}},
            "invalid_promotion",
            "amount.currency must be three capital letters, as in USD",
        ),
        (
            {"minimum_spend": usd(-1)},
            "invalid_promotion",
            "minimum_spend.amount must be from 0 to 1000000000000",
        ),
        ({"max_uses": 0}, "invalid_promotion", "max_uses must be from 1 to 1000000000"),
        (
            {"max_uses_per_user": -1},
            "invalid_promotion",
            "max_uses_per_user must be from 1 to 1000000000",
        ),
        (
            {"ends_at": "2025-02-28T23:00:00Z"},
            "invalid_promotion",
            "ends_at must be after starts_at",
        ),
        (
            {"ends_at": "9999-12-31T23:59:59-01:00"},
            "invalid_promotion",
            "ends_at is out of range",
        ),
        ({"status": "paused"}, "invalid_promotion", "status must be active or archived"),
    ],
)
async def test_terms_that_make_no_sense_are_400(
    api: Api, changes: dict[str, Any], code: str, message: str
):
    manager = await sign_in_by_email(api, "m@example.com", "manager")
    reply = await api.post(ADMIN, {**TERMS, **changes}, token=manager)
    assert error(reply) == (400, code, message)
    assert await stored(api, "promotions") == []


@pytest.mark.parametrize("ends_at", ["tomorrow", "2025-06-01T00:00:00", 5])
async def test_a_moment_has_an_offset(api: Api, ends_at: Any):
    manager = await sign_in_by_email(api, "m@example.com", "manager")
    reply = await api.post(ADMIN, {**TERMS, "ends_at": ends_at}, token=manager)
    assert (reply.status, reply.body["error"]["code"]) == (400, "invalid_field")


async def test_a_code_is_taken_once_in_any_case(api: Api):
    manager = await sign_in_by_email(api, "m@example.com", "manager")
    await api.post(ADMIN, TERMS, token=manager)
    other = await api.post(ADMIN, {"code": "OTHER", "percent": 1}, token=manager)
    path = f"{ADMIN}/{other.body['data']['id']}"
    for reply in (
        await api.post(ADMIN, {**TERMS, "code": "Spring-25"}, token=manager),
        await api.call("PUT", path, TERMS, token=manager),
    ):
        assert error(reply) == (409, "promotion_code_taken", "Promotion code already exists")


@pytest.mark.parametrize("promotion_id", ["0" * 24, "x"])
async def test_an_unknown_promotion_is_404(api: Api, promotion_id: str):
    manager = await sign_in_by_email(api, "m@example.com", "manager")
    path = f"{ADMIN}/{promotion_id}"
    for method, body in (("GET", None), ("PUT", TERMS), ("DELETE", None)):
        reply = await api.call(method, path, body, token=manager)
        assert error(reply) == (404, "promotion_not_found", "Promotion not found")


@pytest.mark.parametrize(
    ("role", "status"),
    [(None, 403), ("customer_experience", 403), ("manager", 201), ("admin", 201)],
)
async def test_who_manages_promotions(api: Api, role: str | None, status: int):
    caller = await sign_in_by_email(api, "c@example.com", *([] if role is None else [role]))
    assert (await api.post(ADMIN, TERMS, token=caller)).status == status
    assert (await api.get(ADMIN, token=caller)).status == (200 if status == 201 else 403)
    assert len(await stored(api, "promotions")) == (1 if status == 201 else 0)
