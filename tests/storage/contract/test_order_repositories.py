"""The queries of carts, promotions and orders, as their repositories make them, on every engine."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from repositories.errors import Taken, WriteConflict
from repositories.indexes import ensure_indexes
from repositories.shop.cart import CartRepository
from repositories.shop.idempotency_keys import IdempotencyKeyRepository
from repositories.shop.orders import OrderFilter, OrderRepository
from repositories.shop.promotions import PromotionRepository
from repositories.types import Document

#: In a future that no TTL index reaches, whichever clock the engine goes by.
NOON = datetime(2125, 1, 18, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(hours=24)
ANN, BOB = ObjectId(), ObjectId()


def order(number: int, user_id: ObjectId, status: str, at: datetime = NOON) -> Document:
    """As much of an order as is asked for."""
    return {
        "_id": ObjectId(),
        "number": number,
        "order_number": f"ORD-{number}",
        "user_id": user_id,
        "status": status,
        "notes": "ring twice",
        "history": [],
        "created_at": at,
    }


@pytest.mark.differs(nx=116)
async def test_a_cart_is_changed_by_those_who_saw_it_as_it_is(storage):
    await ensure_indexes(storage)
    carts = CartRepository(storage)
    cart = await carts.insert(ANN, at=NOON, tx=None)
    assert await carts.find(ANN) == cart
    assert await carts.find(BOB) is None
    with pytest.raises(WriteConflict):
        await carts.insert(ANN, at=NOON, tx=None)
    changed = await carts.put_items(cart, [{"quantity": 1}], at=LATER, tx=None)
    assert await carts.find(ANN) == changed
    assert (changed["items"], changed["updated_at"]) == ([{"quantity": 1}], LATER)
    with pytest.raises(WriteConflict):
        await carts.put_items(cart, [], at=LATER, tx=None)
    await carts.delete_of(ANN, tx=None)
    assert await carts.find(ANN) is None


@pytest.mark.differs(nx=116)
async def test_uses_of_a_promotion_are_taken_up_to_its_limits(storage):
    await ensure_indexes(storage)
    promotions, promotion_id = PromotionRepository(storage), ObjectId()
    promotion = {"_id": promotion_id, "code": "A", "uses": 0, "status": "active"}
    await promotions.insert({**promotion, "created_at": NOON})
    with pytest.raises(Taken):
        await promotions.insert({"code": "A"})
    taken = await asyncio.gather(*(promotions.take_use(promotion_id, 3, tx=None) for _ in range(5)))
    assert sum(taken) == 3
    own = await asyncio.gather(
        *(promotions.take_use_by(ANN, promotion_id, 2, tx=None) for _ in range(5))
    )
    assert sum(own) == 2
    assert await promotions.take_use_by(BOB, promotion_id, None, tx=None)
    assert await promotions.uses_by(ANN, [promotion_id], tx=None) == {promotion_id: 2}
    for _ in range(4):
        await promotions.return_use(ANN, promotion_id, tx=None)
    assert await promotions.uses_by(ANN, [promotion_id], tx=None) == {promotion_id: 0}
    (found,) = await promotions.with_codes(["A", "B"], tx=None)
    assert found["uses"] == 0
    await promotions.delete_uses_of(ANN, tx=None)
    assert await promotions.uses_by(ANN, [promotion_id], tx=None) == {}


@pytest.mark.differs(nx=116)
async def test_orders_are_found_by_each_filter_newest_first(storage):
    await ensure_indexes(storage)
    orders = OrderRepository(storage)
    assert [await orders.next_number(tx=None) for _ in range(2)] == [1, 2]
    for each in (
        order(1, ANN, "pending"),
        order(2, BOB, "paid"),
        order(3, ANN, "paid", LATER),
        order(4, ANN, "paid"),
    ):
        await orders.insert(each, tx=None)
    for which, numbers in (
        (OrderFilter(), [3, 4, 2, 1]),
        (OrderFilter(user_id=ANN), [3, 4, 1]),
        (OrderFilter(user_id=ANN, status="paid"), [3, 4]),
        (OrderFilter(status="paid", placed_before=LATER), [4, 2]),
        (OrderFilter(placed_from=LATER), [3]),
        (OrderFilter(order_number="ORD-2"), [2]),
    ):
        assert [each["number"] for each in await orders.page(which, 0, 9)] == numbers
        assert await orders.count(which) == len(numbers)
    assert [each["number"] for each in await orders.page(OrderFilter(), 1, 2)] == [4, 2]


@pytest.mark.differs(nx=115)
async def test_of_those_who_move_an_order_on_one_does(storage):
    await ensure_indexes(storage)
    items = [{"quantity": 1, "attributes": [["size", "M"]]}, {"quantity": 2, "attributes": []}]
    orders, placed = OrderRepository(storage), {**order(1, ANN, "pending"), "items": items}
    await orders.insert(placed, tx=None)
    entry = {"status": "paid", "at": LATER, "by": "x"}
    moved = await asyncio.gather(
        *(orders.claim_status(placed["_id"], ["pending"], entry, tx=None) for _ in range(5))
    )
    (winner,) = [each for each in moved if each is not None]
    assert (winner["status"], winner["updated_at"], winner["history"]) == ("paid", LATER, [entry])
    await orders.forget_customer(ANN, tx=None)
    kept = await orders.find(placed["_id"])
    assert kept is not None
    assert (kept["user_id"], kept["shipping_address"], kept["notes"]) == (None, None, "")
    assert kept["items"] == [{**item, "attributes": []} for item in items]


@pytest.mark.differs(nx=114)
async def test_a_key_is_kept_once_until_it_expires(storage):
    await ensure_indexes(storage)
    keys, order_id = IdempotencyKeyRepository(storage), ObjectId()
    result = {"body_hash": b"\x00", "order_id": order_id, "expires_at": LATER}
    await keys.put(ANN, "k", result, at=NOON, tx=None)
    found = await keys.find(ANN, "k", at=NOON, tx=None)
    assert found is not None
    assert (found["order_id"], found["body_hash"]) == (order_id, b"\x00")
    for user_id, key, at in ((BOB, "k", NOON), (ANN, "l", NOON), (ANN, "k", LATER)):
        assert await keys.find(user_id, key, at=at, tx=None) is None
    with pytest.raises(WriteConflict):
        await keys.put(ANN, "k", result, at=NOON, tx=None)
    await keys.put(ANN, "k", {**result, "order_id": ANN}, at=LATER, tx=None)
    await keys.delete_of(ANN, tx=None)
    assert await keys.find(ANN, "k", at=NOON, tx=None) is None
