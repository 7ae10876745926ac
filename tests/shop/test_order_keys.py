"""Repeating an order with its `Idempotency-Key` (CONTRACT section 7)."""

import pytest

from tests.factories import stored
from tests.harness import Api
from tests.shop.shopping import (
    ADDRESS,
    add_product,
    change_product,
    customers_with,
    error,
    order,
    put_in_cart,
    stock_of,
)


async def test_a_repeat_gets_the_first_answer_whatever_happened_since(api: Api):
    await add_product(api)
    (token,) = await customers_with(api, 1)
    first = await order(api, token, "k" * 255)
    api.clock.advance(minutes=10)
    await put_in_cart(api, token)
    await change_product(api, base_price={"amount": 1, "currency": "USD"})
    path = f"/api/v1/orders/{first.body['data']['id']}/cancel"
    assert (await api.post(path, token=token)).status == 200
    again = await order(api, token, "k" * 255)
    assert (again.status, again.body) == (201, first.body)
    assert len(await stored(api, "orders")) == 1


async def test_another_order_with_the_same_key_is_409(api: Api):
    await add_product(api)
    (token,) = await customers_with(api, 1)
    await order(api, token, "key")
    await put_in_cart(api, token)
    assert error(await order(api, token, "key", notes="other")) == (
        409,
        "idempotency_key_reused",
        "This Idempotency-Key was used for another order; take a new one",
    )
    assert await stock_of(api) == 9


async def test_the_same_order_in_other_words_is_the_same(api: Api):
    await add_product(api)
    (token,) = await customers_with(api, 1)
    first = await order(api, token, "key")
    again = await order(api, token, "key", billing_address=ADDRESS, notes=None, promotion_codes=[])
    assert (again.status, again.body) == (201, first.body)


async def test_keys_are_each_customers_own(api: Api):
    await add_product(api)
    tokens = await customers_with(api, 2)
    numbers = {(await order(api, token, "key")).body["data"]["order_number"] for token in tokens}
    assert len(numbers) == 2


async def test_a_key_is_free_after_a_day(api: Api):
    await add_product(api)
    (token,) = await customers_with(api, 1)
    first = await order(api, token, "key")
    await put_in_cart(api, token)
    api.clock.advance(hours=23, minutes=59)
    # The sign-in lasts 15 minutes.
    token = await api.sign_in("member0")
    assert (await order(api, token, "key")).body == first.body
    api.clock.advance(minutes=1)
    second = await order(api, token, "key")
    assert second.status == 201
    assert second.body["data"]["id"] != first.body["data"]["id"]


async def test_a_failure_is_not_kept(api: Api):
    await add_product(api)
    (token,) = await customers_with(api, 1)
    await change_product(api, stock=0)
    assert (await order(api, token, "key")).status == 400
    assert await stored(api, "idempotency_keys") == []
    await change_product(api, stock=1)
    assert (await order(api, token, "key")).status == 201


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_a_key_has_1_to_255_characters(api: Api, key: str):
    await add_product(api)
    (token,) = await customers_with(api, 1)
    assert error(await order(api, token, key)) == (
        400,
        "invalid_idempotency_key",
        "Idempotency-Key must be 1 to 255 characters",
    )
    assert await stored(api, "orders") == []
