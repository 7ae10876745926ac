"""What becomes of an order: staff move it on, its owner or staff call it off (CONTRACT 7)."""

import asyncio
from itertools import product
from typing import Any

import pytest
from bson import ObjectId

from services.shop.order_statuses import NEXT, OrderStatus, before
from tests.factories import stored
from tests.harness import Api, Reply
from tests.shop.shopping import (
    add_product,
    add_promotion,
    error,
    order,
    put_in_cart,
    sign_in_by_email,
    stock_of,
)

ADMIN = "/api/v1/admin/orders"
STEPS = {
    ("pending", "paid"),
    ("pending", "cancelled"),
    ("paid", "shipped"),
    ("paid", "cancelled"),
    ("shipped", "delivered"),
}


async def place(api: Api, token: str, quantity: int = 1, **fields: Any) -> str:
    """The id of a new order."""
    await put_in_cart(api, token, quantity=quantity)
    reply = await order(api, token, **fields)
    assert reply.status == 201, reply
    return str(reply.body["data"]["id"])


async def change_order(api: Api, order_id: str, **changes: Any) -> None:
    """Change an order past HTTP."""
    result = await api.agora.storage["orders"].update_one(
        {"_id": ObjectId(order_id)}, {"$set": changes}
    )
    assert result.matched_count == 1


async def set_status(api: Api, token: str, order_id: str, status: Any) -> Reply:
    """Ask for another status."""
    return await api.call("PATCH", f"{ADMIN}/{order_id}/status", {"status": status}, token=token)


async def cancel(api: Api, token: str, order_id: str) -> Reply:
    """Call an order off as its owner."""
    return await api.post(f"/api/v1/orders/{order_id}/cancel", token=token)


def test_the_steps_that_are_allowed():
    allowed = {(a.value, b.value) for a, b in product(OrderStatus, OrderStatus) if b in NEXT[a]}
    assert allowed == STEPS
    assert before(OrderStatus.CANCELLED) == [OrderStatus.PENDING, OrderStatus.PAID]


@pytest.mark.parametrize("status", OrderStatus)
@pytest.mark.parametrize("wanted", OrderStatus)
async def test_an_order_takes_the_allowed_steps_and_no_others(
    api: Api, status: OrderStatus, wanted: OrderStatus
):
    await add_product(api)
    order_id = await place(api, await api.sign_in())
    await change_order(api, order_id, status=status.value)
    manager = await sign_in_by_email(api, "m@example.com", "manager")
    reply = await set_status(api, manager, order_id, wanted.value)
    (kept,) = await stored(api, "orders")
    if (status.value, wanted.value) in STEPS:
        assert (reply.status, reply.body["data"]["status"]) == (200, wanted.value)
        assert kept["status"] == wanted.value
    else:
        message = f"An order that is {status} can't become {wanted}"
        assert error(reply) == (409, "status_not_allowed", message)
        assert (kept["status"], len(kept["history"])) == (status.value, 1)


async def test_every_step_is_in_the_history(api: Api):
    await add_product(api)
    order_id = await place(api, await api.sign_in(), shipping_method_id="ship_express")
    manager = await sign_in_by_email(api, "m@example.com", "manager")
    for status in ("paid", "shipped", "delivered"):
        api.clock.advance(minutes=1)
        reply = await set_status(api, manager, order_id, status)
        assert reply.status == 200
    staff_id = str((await stored(api, "users", {"email": "m@example.com"}))[0]["_id"])
    assert reply.body["data"]["updated_at"] == "2025-01-18T10:03:00Z"
    assert reply.body["data"]["shipping_method_id"] == "ship_express"
    assert reply.body["data"]["history"] == [
        {"status": "pending", "at": "2025-01-18T10:00:00Z", "by": "customer"},
        {"status": "paid", "at": "2025-01-18T10:01:00Z", "by": staff_id},
        {"status": "shipped", "at": "2025-01-18T10:02:00Z", "by": staff_id},
        {"status": "delivered", "at": "2025-01-18T10:03:00Z", "by": staff_id},
    ]


@pytest.mark.parametrize(
    ("role", "sees", "moves"),
    [
        (None, 403, 403),
        ("customer_experience", 200, 403),
        ("manager", 200, 200),
        ("admin", 200, 200),
        ("superadmin", 200, 200),
    ],
)
async def test_who_handles_the_orders_of_others(api: Api, role: str | None, sees: int, moves: int):
    await add_product(api)
    order_id = await place(api, await api.sign_in())
    caller = await sign_in_by_email(api, "c@example.com", *([] if role is None else [role]))
    assert (await api.get(ADMIN, token=caller)).status == sees
    assert (await set_status(api, caller, order_id, "paid")).status == moves
    (kept,) = await stored(api, "orders")
    assert kept["status"] == ("paid" if moves == 200 else "pending")


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({}, "missing_field", "status is required"),
        ({"status": 1}, "invalid_field", "status: Expected str, got int"),
        (
            {"status": "lost"},
            "invalid_filter",
            "status must be one of pending, paid, shipped, delivered, cancelled",
        ),
    ],
)
async def test_an_unknown_status_is_400(api: Api, body: dict[str, Any], code: str, message: str):
    await add_product(api)
    order_id = await place(api, await api.sign_in())
    manager = await sign_in_by_email(api, "m@example.com", "manager")
    reply = await api.call("PATCH", f"{ADMIN}/{order_id}/status", body, token=manager)
    assert error(reply) == (400, code, message)


async def test_the_owner_cancels_and_everything_comes_back(api: Api):
    await add_product(api)
    await add_promotion(api, max_uses=1, max_uses_per_user=1)
    token = await api.sign_in()
    order_id = await place(api, token, 3, promotion_codes=["SAVE10"])
    reply = await cancel(api, token, order_id)
    assert (reply.status, reply.body["data"]["status"]) == (200, "cancelled")
    assert await stock_of(api) == 10
    again = await place(api, token, promotion_codes=["SAVE10"])
    assert again != order_id


async def test_of_many_who_cancel_at_once_one_gives_back(api: Api):
    await add_product(api)
    await add_promotion(api)
    token = await api.sign_in()
    manager = await sign_in_by_email(api, "m@example.com", "manager")
    order_id = await place(api, token, 3, promotion_codes=["SAVE10"])
    replies = await asyncio.gather(
        *(cancel(api, token, order_id) for _ in range(8)),
        *(set_status(api, manager, order_id, "cancelled") for _ in range(8)),
    )
    assert sorted(reply.status for reply in replies) == [200] + [409] * 15
    assert await stock_of(api) == 10
    (promotion,) = await stored(api, "promotions")
    (use,) = await stored(api, "promotion_uses")
    assert (promotion["uses"], use["count"]) == (0, 0)


async def test_of_cancelling_and_paying_at_once_one_happens(api: Api):
    await add_product(api)
    token = await api.sign_in()
    manager = await sign_in_by_email(api, "m@example.com", "manager")
    for _ in range(3):
        order_id = await place(api, token)
        replies = await asyncio.gather(
            cancel(api, token, order_id), set_status(api, manager, order_id, "paid")
        )
        assert sorted(reply.status for reply in replies) == [200, 409]
    paid = len(await stored(api, "orders", {"status": "paid"}))
    assert await stock_of(api) == 10 - paid


async def test_staff_cancel_a_paid_order_and_its_owner_cannot(api: Api):
    await add_product(api)
    token = await api.sign_in()
    order_id = await place(api, token)
    manager = await sign_in_by_email(api, "m@example.com", "manager")
    await set_status(api, manager, order_id, "paid")
    refused = await cancel(api, token, order_id)
    message = "An order that is paid can't become cancelled"
    assert error(refused) == (409, "status_not_allowed", message)
    assert await stock_of(api) == 9
    assert (await set_status(api, manager, order_id, "cancelled")).status == 200
    assert await stock_of(api) == 10


async def test_the_order_of_another_is_not_cancelled(api: Api):
    await add_product(api)
    order_id = await place(api, await api.sign_in())
    reply = await cancel(api, await api.sign_in("someone"), order_id)
    message = "You don't have permission to cancel this order"
    assert error(reply) == (403, "not_your_order", message)
    assert await stock_of(api) == 9


@pytest.mark.parametrize("order_id", ["0" * 24, "x"])
async def test_an_unknown_order_has_no_steps(api: Api, order_id: str):
    manager = await sign_in_by_email(api, "m@example.com", "manager")
    for reply in (
        await cancel(api, manager, order_id),
        await set_status(api, manager, order_id, "paid"),
    ):
        assert error(reply) == (404, "order_not_found", "Order not found")


async def test_staff_find_orders_by_status_customer_number_and_day(api: Api):
    await add_product(api)
    token, other = await api.sign_in(), await api.sign_in("someone")
    manager = await sign_in_by_email(api, "m@example.com", "manager")
    ids = []
    for customer in (token, other, token):
        ids.append(await place(api, customer))
        api.clock.advance(minutes=1)
    await set_status(api, manager, ids[0], "paid")
    first, second, third = ids
    await change_order(api, first, created_at=api.clock.now.replace(day=17))
    customer_id = str((await stored(api, "orders", {"number": 1}))[0]["user_id"])
    for query, found in (
        ("", [third, second, first]),
        ("?status=paid", [first]),
        ("?status=pending", [third, second]),
        (f"?user_id={customer_id}", [third, first]),
        (f"?user_id={customer_id}&status=pending", [third]),
        ("?order_number=ORD-23606798", [second]),
        ("?order_number=none", []),
        ("?from=2025-01-18", [third, second]),
        ("?to=2025-01-17", [first]),
        ("?from=2025-01-17&to=2025-01-18", [third, second, first]),
        ("?status=pending&from=2025-01-18&to=2025-01-18", [third, second]),
        ("?page=2&page_size=2", [first]),
    ):
        reply = await api.get(ADMIN + query, token=manager)
        assert reply.status == 200, reply
        assert [each["id"] for each in reply.body["data"]] == found, query
    assert reply.body["meta"]["total_items"] == 3


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("status=x", "status must be one of pending, paid, shipped, delivered, cancelled"),
        ("user_id=x", "user_id must be an account's id"),
        ("from=yesterday", "from must be a day as YYYY-MM-DD"),
        ("from=20250118", "from must be a day as YYYY-MM-DD"),
        ("to=2025-02-30", "to must be a day as YYYY-MM-DD"),
        ("to=9999-12-31", "to must be a day as YYYY-MM-DD"),
    ],
)
async def test_a_bad_filter_is_400(api: Api, query: str, message: str):
    manager = await sign_in_by_email(api, "m@example.com", "manager")
    reply = await api.get(f"{ADMIN}?{query}", token=manager)
    assert error(reply) == (400, "invalid_filter", message)
