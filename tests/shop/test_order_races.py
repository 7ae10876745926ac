"""What must happen once, tried by many at the same time (CONTRACT section 7)."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.factories import sign_in_many, stored
from tests.harness import Api, Reply
from tests.shop.shopping import (
    add_product,
    add_promotion,
    customers_with,
    error,
    order,
    put_in_cart,
    stock_of,
)


def tally(replies: list[Reply]) -> Counter[Any]:
    """How many were placed, and how many refused for which reason."""
    return Counter(201 if reply.status == 201 else error(reply)[:2] for reply in replies)


async def test_the_last_hundred_pieces_are_sold_exactly_once(api: Api):
    """32 customers want four pieces each; 25 can have them."""
    await add_product(api, stock=100)
    tokens = await customers_with(api, 32, quantity=4)
    replies = await asyncio.gather(*(order(api, token) for token in tokens))
    assert tally(replies) == {201: 25, (400, "out_of_stock"): 7}
    assert await stock_of(api) == 0
    orders = await stored(api, "orders")
    assert sum(item["quantity"] for each in orders for item in each["items"]) == 100
    carts = await stored(api, "carts")
    assert sorted(len(cart["items"]) for cart in carts) == [0] * 25 + [1] * 7
    assert len({each["order_number"] for each in orders}) == 25


async def test_pieces_that_do_not_divide_evenly_are_never_oversold(api: Api):
    await add_product(api, stock=100)
    tokens = await customers_with(api, 32, quantity=7)
    replies = await asyncio.gather(*(order(api, token) for token in tokens))
    assert tally(replies) == {201: 14, (400, "out_of_stock"): 18}
    assert await stock_of(api) == 2
    refused = next(reply for reply in replies if reply.status == 400)
    assert error(refused)[2] == "Only 2 of SKU-prod-1 are left"


async def test_of_twenty_orders_with_one_key_one_is_placed(api: Api):
    await add_product(api)
    (token,) = await customers_with(api, 1)
    replies = await asyncio.gather(*(order(api, token, "key-1") for _ in range(20)))
    assert {reply.status for reply in replies} == {201}
    assert len({reply.content for reply in replies}) == 1
    assert len(await stored(api, "orders")) == 1
    assert await stock_of(api) == 9


async def test_of_ten_orders_of_one_cart_without_a_key_one_is_placed(api: Api):
    await add_product(api)
    (token,) = await customers_with(api, 1)
    replies = await asyncio.gather(*(order(api, token) for _ in range(10)))
    assert tally(replies) == {201: 1, (400, "cart_empty"): 9}
    assert await stock_of(api) == 9


@pytest.mark.parametrize("limit", [1, 2])
async def test_a_promotion_is_never_used_beyond_its_limit(api: Api, limit: int):
    await add_product(api)
    await add_promotion(api, "LIMITED", max_uses=limit)
    tokens = await customers_with(api, 8)
    replies = await asyncio.gather(
        *(order(api, token, promotion_codes=["LIMITED"]) for token in tokens)
    )
    assert tally(replies) == {201: limit, (400, "promotion_used_up"): 8 - limit}
    (promotion,) = await stored(api, "promotions")
    assert promotion["uses"] == limit
    assert await stock_of(api) == 10 - limit
    carts = await stored(api, "carts")
    assert sum(len(cart["items"]) for cart in carts) == 8 - limit


async def test_a_customer_uses_a_promotion_so_often_and_no_more(api: Api):
    await add_product(api)
    await add_promotion(api, "ONCE", max_uses_per_user=1)
    first, second = await sign_in_many(api, 2)
    for token, status in ((first, 201), (first, 400), (second, 201)):
        await put_in_cart(api, token)
        assert (await order(api, token, promotion_codes=["ONCE"])).status == status
    (promotion,) = await stored(api, "promotions")
    assert promotion["uses"] == 2


async def test_a_refused_second_promotion_gives_the_first_back(api: Api):
    await add_product(api)
    await add_promotion(api)
    await add_promotion(api, "GONE", max_uses=1, uses=1)
    (token,) = await customers_with(api, 1)
    reply = await order(api, token, promotion_codes=["SAVE10", "GONE"])
    assert error(reply)[:2] == (400, "promotion_used_up")
    uses = {each["code"]: each["uses"] for each in await stored(api, "promotions")}
    assert uses == {"SAVE10": 0, "GONE": 1}
    assert await stored(api, "promotion_uses") == []
    assert await stock_of(api) == 10


async def test_an_order_that_races_with_the_end_of_the_account_keeps_nothing_of_it(api: Api):
    await add_product(api)
    for _ in range(3):
        token = await api.sign_in()
        await put_in_cart(api, token)
        replies = await asyncio.gather(
            order(api, token, "key"),
            api.call("DELETE", "/api/user/", token=token),
            order(api, token, "key"),
        )
        assert {reply.status for reply in replies} <= {200, 201, 400, 401}
    for each in await stored(api, "orders"):
        assert (each["user_id"], each["shipping_address"]) == (None, None)
    assert await stored(api, "carts") == []
    assert await stored(api, "idempotency_keys") == []
