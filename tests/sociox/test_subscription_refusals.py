"""What is refused of a user's own subscription, and that nothing comes of it."""

from typing import Any

import pytest

from tests.factories import stored
from tests.harness import Api
from tests.sociox.people import error
from tests.sociox.subscribing import (
    UNKNOWN_ID,
    USERS,
    add_plan,
    add_subscriber,
    entries,
    price,
)

REFUSED_PLANS: dict[str, tuple[dict[str, Any], str, str]] = {
    "deleted": ({"is_deleted": True}, "not_found", "Plan not found"),
    "inactive": (
        {"status": "inactive"},
        "plan_inactive",
        "The plan is inactive; choose an active one",
    ),
    "without a price": (
        {"price": price(yearly=29999)},
        "cycle_without_price",
        "The plan has no monthly price; it is sold yearly",
    ),
}


async def test_a_plan_that_cannot_be_bought_is_refused_everywhere(api: Api):
    good = await add_plan(api, "good")
    new, old = await add_subscriber(api, "new"), await add_subscriber(api, "old")
    await old.subscribe(good)
    kept = await stored(api, "subscriptions")
    for name, (fields, code, message) in REFUSED_PLANS.items():
        plan_id = await add_plan(api, name, **fields)
        for ask in (new.subscribe, new.preview, old.update, old.preview):
            assert error(await ask(plan_id)) == (400, code, message)
    assert await stored(api, "subscriptions") == kept
    assert await entries(api) == [(1, "charge", 2999)]


async def test_an_unknown_or_malformed_plan_id_is_not_found(api: Api):
    ann = await add_subscriber(api)
    for plan_id in (UNKNOWN_ID, "1", "premium", "{}", "0" * 25, "🦆", "a\x00b"):
        for ask in (ann.subscribe, ann.update, ann.preview):
            assert error(await ask(plan_id)) == (400, "not_found", "Plan not found")


BAD_BODIES = [
    ({}, "missing_field", "planId is required"),
    ({"planId": "", "billingCycle": "monthly"}, "missing_field", "planId is required"),
    ({"planId": UNKNOWN_ID}, "missing_field", "billingCycle is required"),
    ({"planId": UNKNOWN_ID, "billingCycle": None}, "missing_field", "billingCycle is required"),
    (
        {"planId": UNKNOWN_ID, "billingCycle": "weekly"},
        "invalid_billing_cycle",
        "billingCycle must be monthly or yearly",
    ),
    (
        {"planId": UNKNOWN_ID, "billingCycle": "Monthly"},
        "invalid_billing_cycle",
        "billingCycle must be monthly or yearly",
    ),
    (
        {"planId": 7, "billingCycle": "monthly"},
        "invalid_field",
        "planId: Expected str, got int",
    ),
    (
        {"planId": {"$ne": None}, "billingCycle": "monthly"},
        "invalid_field",
        "planId: Expected str, got object",
    ),
    (
        {"planId": UNKNOWN_ID, "billingCycle": ["monthly"]},
        "invalid_field",
        "billingCycle: Expected str, got array",
    ),
]


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "subscribe"), ("POST", "subscription/preview"), ("PUT", "subscription/update")],
)
async def test_a_bad_body_is_400(api: Api, method: str, path: str):
    ann = await add_subscriber(api)
    for body, code, message in BAD_BODIES:
        reply = await api.call(method, f"{USERS}/{path}", body, token=ann.person.token)
        assert error(reply) == (400, code, message)
    assert await stored(api, "subscriptions") == []


async def test_a_bad_reason_cancels_nothing(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    await ann.subscribe(plan_id)
    for reason, code, message in (
        (7, "invalid_field", "reason: Expected str | null, got int"),
        (["x"], "invalid_field", "reason: Expected str | null, got array"),
        ("x" * 501, "invalid_reason", "reason must be at most 500 characters"),
    ):
        assert error(await ann.cancel(reason=reason)) == (400, code, message)
    assert (await ann.current()).body["data"]["status"] == "active"
    assert (await ann.cancel(reason="x" * 500)).status == 200


async def test_a_plan_in_another_currency_is_refused_until_the_subscription_has_ended(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    yen = await add_plan(api, "yen", price=price("JPY", monthly=3000))
    await ann.subscribe(plan_id)
    refused = (
        400,
        "currency_differs",
        "The plan is priced in JPY and the current subscription in USD; cancel it, "
        "and subscribe anew once it has ended",
    )
    assert error(await ann.update(yen)) == error(await ann.preview(yen)) == refused
    await ann.cancel()
    api.clock.advance(days=31)
    reply = await ann.subscribe(yen)
    assert reply.body["data"]["price"] == {"amount": 3000, "currency": "JPY"}
