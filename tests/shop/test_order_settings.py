"""Tax and shipping as the settings say (CONTRACT section 7)."""

from decimal import Decimal
from typing import Any

import pytest

from tests.harness import Api
from tests.shop.shopping import ADDRESS, add_product, error, order, put_in_cart


@pytest.fixture
def given_settings() -> dict[str, Any]:
    """Rates of places, and one way of shipping, which is not the standard one."""
    return {
        "tax_rates": {"US-OR": Decimal(0), "US": Decimal("7.25"), "DE": Decimal(19)},
        "shipping_methods": {"pigeon": 250},
    }


@pytest.mark.parametrize(
    ("country", "state", "tax"),
    [("US", "OR", 0), ("us", "or", 0), ("US", "NY", 73), ("DE", "", 190), ("FR", "OR", 88)],
)
async def test_the_rate_is_that_of_where_it_is_sent(api: Api, country: str, state: str, tax: int):
    await add_product(api, base_price={"amount": 1000, "currency": "USD"})
    token = await api.sign_in()
    await put_in_cart(api, token)
    place = {**ADDRESS, "country": country, "state": state}
    reply = await order(
        api, token, shipping_address=place, billing_address=ADDRESS, shipping_method_id="pigeon"
    )
    assert reply.status == 201
    assert reply.body["data"]["tax_total"]["amount"] == tax
    assert reply.body["data"]["total"]["amount"] == 1000 + tax + 250


async def test_the_standard_way_has_to_be_named_in_the_settings(api: Api):
    await add_product(api)
    token = await api.sign_in()
    await put_in_cart(api, token)
    assert error(await order(api, token)) == (
        400,
        "unknown_shipping_method",
        "shipping_method_id: ship_standard is unknown; it is one of pigeon",
    )
