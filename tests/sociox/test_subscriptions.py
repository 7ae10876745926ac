"""A user's own subscription (SOCIOX, "subscribe"; CONTRACT section 5)."""

from collections import Counter
from typing import Any

import pytest

from tests.factories import stored
from tests.harness import Api
from tests.sociox.people import error, join
from tests.sociox.subscribing import (
    NONE,
    USERS,
    Subscriber,
    add_plan,
    add_subscriber,
    change_plan,
    dates,
    entries,
    mails,
    price,
)


async def test_subscribing_answers_the_new_subscription(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    reply = await api.post(
        "/api/v1/users/subscribe",
        {"planId": plan_id, "billingCycle": "monthly"},
        token=ann.person.token,
    )
    assert reply.status == 200
    data = reply.body["data"]
    assert reply.body == {"message": "Subscribed", "data": data}
    terms = {
        "planId": plan_id,
        "planName": "premium",
        "billingCycle": "monthly",
        "price": {"amount": 29.99, "currency": "USD"},
    }
    assert data == {
        "id": data["id"],
        "userId": ann.person.id,
        **terms,
        "planDisplayName": "Premium Plan",
        "status": "active",
        "period": 1,
        "startDate": "2025-01-18T10:00:00Z",
        "endDate": "2025-02-18T10:00:00Z",
        "cancelledAt": None,
        "cancelReason": None,
        "history": [
            {
                "event": "subscribed",
                "at": "2025-01-18T10:00:00Z",
                "by": "user",
                **terms,
                "reason": None,
            }
        ],
        "createdAt": "2025-01-18T10:00:00Z",
        "updatedAt": "2025-01-18T10:00:00Z",
    }
    assert b'"amount":29.99,' in reply.content
    assert (await ann.current()).body == {"message": "Current subscription", "data": data}


async def test_a_year_is_a_calendar_year_at_the_yearly_price(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    reply = await ann.subscribe(plan_id, "yearly")
    assert dates(reply) == ("2025-01-18", "2026-01-18")
    assert reply.body["data"]["price"] == {"amount": 299.99, "currency": "USD"}


@pytest.mark.parametrize("users", ["/api/v1/users", "/api/users"])
async def test_every_route_is_served_under_both_prefixes(api: Api, users: str):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    token, body = ann.person.token, {"planId": plan_id, "billingCycle": "monthly"}
    for method, path, sent in (
        ("POST", "/subscription/preview", body),
        ("POST", "/subscribe", body),
        ("GET", "/subscription", None),
        ("PUT", "/subscription/update", body),
        ("POST", "/cancel-subscription", {"reason": "my wish why do u wanna know "}),
        ("GET", "/subscription/ledger", None),
    ):
        reply = await api.call(method, users + path, sent, token=token)
        assert reply.status == 200, (path, reply)


async def test_without_a_subscription_there_is_none_to_see_update_or_cancel(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    for reply in (await ann.current(), await ann.update(plan_id), await ann.cancel()):
        assert error(reply) == NONE
    assert (await ann.ledger()).body["data"] == []


async def test_subscribing_again_is_refused(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    await ann.subscribe(plan_id)
    assert error(await ann.subscribe(plan_id, "yearly")) == (
        400,
        "already_subscribed",
        "There is a live subscription already; update it instead",
    )
    await ann.cancel()
    assert error(await ann.subscribe(plan_id))[1] == "already_subscribed"
    assert await entries(api) == [(1, "charge", 2999)]


async def test_cancelling_keeps_it_serving_until_its_end(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    before = (await ann.subscribe(plan_id)).body["data"]
    api.clock.advance(days=3)
    reply = await ann.cancel(reason="my wish why do u wanna know ")
    assert reply.status == 200
    assert reply.body["message"] == "Subscription cancelled"
    data = reply.body["data"]
    at = "2025-01-21T10:00:00Z"
    assert data == {
        **before,
        "status": "cancelled",
        "cancelledAt": at,
        "cancelReason": "my wish why do u wanna know",
        "updatedAt": at,
        "history": [
            *before["history"],
            {
                **before["history"][0],
                "event": "cancelled",
                "at": at,
                "reason": "my wish why do u wanna know",
            },
        ],
    }
    assert (await ann.current()).body["data"] == data
    assert error(await ann.cancel()) == (
        400,
        "already_cancelled",
        "The subscription is cancelled already; updating it revives it",
    )


async def test_nobody_has_to_say_why_they_cancel(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    await ann.subscribe(plan_id)
    for body in ({}, {"reason": None}, {"reason": "  "}):
        reply = await ann.cancel(**body)
        assert (reply.status, reply.body["data"]["cancelReason"]) == (200, None)
        await ann.update(plan_id)


async def test_a_cancelled_one_expires_at_its_end_and_another_can_begin(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    first = (await ann.subscribe(plan_id)).body["data"]
    await ann.cancel()
    api.clock.advance(days=31, seconds=-1)
    assert (await ann.current()).body["data"]["status"] == "cancelled"
    api.clock.advance(seconds=1)
    expired = (await ann.current()).body["data"]
    assert (expired["status"], expired["endDate"]) == ("expired", first["endDate"])
    assert error(await ann.update(plan_id)) == NONE
    assert error(await ann.cancel()) == NONE
    second = await ann.subscribe(plan_id)
    assert dates(second) == ("2025-02-18", "2025-03-18")
    assert second.body["data"]["id"] != first["id"]
    assert (await ann.current()).body["data"] == second.body["data"]


async def test_an_update_credits_the_unused_part_and_begins_a_full_period(api: Api):
    """29.99 for 31 days, of which 21 are left: 20.3157... is credited as 20.31."""
    basic = await add_plan(api, "basic", price=price(yearly=10000))
    premium, ann = await add_plan(api), await add_subscriber(api)
    await ann.subscribe(premium)
    api.clock.advance(days=10)
    previewed = (await ann.preview(basic, "yearly")).body["data"]
    reply = await ann.update(basic, "yearly")
    assert reply.status == 200
    assert reply.body["message"] == "Subscription updated"
    data = reply.body["data"]
    assert data.pop("proration") == {
        "currency": "USD",
        "credit": 20.31,
        "charge": 100,
        "due": 79.69,
        "creditMinor": 2031,
        "chargeMinor": 10000,
        "dueMinor": 7969,
        "rounding": previewed["proration"]["rounding"],
    }
    assert dates(reply) == ("2025-01-28", "2026-01-28")
    assert (data["period"], data["planId"], data["billingCycle"]) == (2, basic, "yearly")
    assert [entry["event"] for entry in data["history"]] == ["subscribed", "changed"]
    assert (await ann.current()).body["data"] == data
    assert await entries(api) == [(1, "charge", 2999), (1, "credit", 2031), (2, "charge", 10000)]


async def test_the_preview_says_what_the_update_does(api: Api):
    basic, premium = await add_plan(api, "basic"), await add_plan(api)
    ann = await add_subscriber(api)
    await ann.subscribe(premium, "yearly")
    api.clock.advance(days=100, seconds=7)
    kept = [await stored(api, name) for name in ("subscriptions", "ledger_entries", "outbox")]
    preview = (await ann.preview(basic)).body["data"]
    assert [
        await stored(api, name) for name in ("subscriptions", "ledger_entries", "outbox")
    ] == kept
    update = (await ann.update(basic)).body["data"]
    assert preview == {name: update[name] for name in preview}
    assert preview["proration"]["creditMinor"] == 29999 * (265 * 86400 - 7) // (365 * 86400)
    assert "rounded down" in preview["proration"]["rounding"]


async def test_the_preview_says_what_subscribing_costs(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    preview = (await ann.preview(plan_id)).body["data"]
    data = (await ann.subscribe(plan_id)).body["data"]
    proration = preview.pop("proration")
    assert (proration["creditMinor"], proration["chargeMinor"], proration["dueMinor"]) == (
        0,
        2999,
        2999,
    )
    assert preview == {name: data[name] for name in preview}


async def test_an_update_revives_a_cancelled_subscription(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    subscribed = (await ann.subscribe(plan_id)).body["data"]
    await ann.cancel(reason="by mistake")
    data = (await ann.update(plan_id)).body["data"]
    assert (data["id"], data["status"]) == (subscribed["id"], "active")
    assert (data["cancelledAt"], data["cancelReason"]) == (None, None)
    assert [entry["event"] for entry in data["history"]] == ["subscribed", "cancelled", "revived"]
    assert (data["proration"]["creditMinor"], data["proration"]["dueMinor"]) == (2999, 0)


async def test_the_price_stays_as_bought(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    await ann.subscribe(plan_id)
    await change_plan(api, plan_id, price=price(monthly=9999), display_name="Dear Plan")
    api.clock.advance(days=31)
    data = (await ann.current()).body["data"]
    assert (data["period"], data["price"]["amount"]) == (2, 29.99)
    assert data["planDisplayName"] == "Premium Plan"
    assert (await ann.ledger()).body["data"][0]["amount"] == 29.99
    data = (await ann.update(plan_id)).body["data"]
    assert (data["price"]["amount"], data["planDisplayName"]) == (99.99, "Dear Plan")
    assert data["proration"]["creditMinor"] == 2999


@pytest.mark.parametrize("change", [{"is_deleted": True}, {"status": "inactive"}])
async def test_a_plan_that_is_sold_no_more_keeps_and_renews_its_subscriptions(
    api: Api, change: dict[str, Any]
):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    await ann.subscribe(plan_id)
    await change_plan(api, plan_id, **change)
    api.clock.advance(days=31)
    assert (await ann.current()).body["data"]["period"] == 2
    assert (await ann.ledger()).body["meta"]["total_items"] == 2
    assert (await ann.cancel()).status == 200


async def test_a_child_reads_its_parents_subscription_and_cannot_change_it(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    parent = (await stored(api, "users"))[0]["_id"]
    child = Subscriber(api, await join(api, "kid", type="child", parent_id=parent))
    assert error(await child.current()) == NONE
    data = (await ann.subscribe(plan_id)).body["data"]
    assert (await child.current()).body["data"] == data
    assert (await child.ledger()).body == (await ann.ledger()).body
    for reply in (
        await child.subscribe(plan_id),
        await child.update(plan_id),
        await child.preview(plan_id),
        await child.cancel(reason="no"),
        # Who may not is told so before the body is read.
        await api.post(f"{USERS}/subscribe", b"{", token=child.person.token),
    ):
        assert error(reply) == (403, "forbidden", "Insufficient permissions")
    assert (await ann.current()).body["data"] == data


async def test_the_ledger_is_paged_newest_first(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    subscription_id = (await ann.subscribe(plan_id)).body["data"]["id"]
    api.clock.advance(days=10)
    await ann.update(plan_id)
    api.clock.advance(days=31)
    reply = await ann.ledger("?page_size=2")
    assert reply.body["message"] == "Ledger"
    assert reply.body["meta"] == {
        "page": 1,
        "page_size": 2,
        "total_items": 4,
        "total_pages": 2,
        "has_next": True,
        "has_prev": False,
    }
    newest = reply.body["data"][0]
    assert newest == {
        "id": newest["id"],
        "subscriptionId": subscription_id,
        "type": "charge",
        "amount": 29.99,
        "currency": "USD",
        "period": 3,
        "periodStart": "2025-02-28T10:00:00Z",
        "periodEnd": "2025-03-28T10:00:00Z",
        "reason": "renewed",
        "createdAt": "2025-02-28T10:00:00Z",
    }
    every = (await ann.ledger()).body["data"]
    assert [(each["type"], each["reason"], each["period"]) for each in every] == [
        ("charge", "renewed", 3),
        ("charge", "changed", 2),
        ("credit", "changed", 1),
        ("charge", "subscribed", 1),
    ]
    assert (await ann.ledger("?page=2&page_size=2")).body["data"] == every[2:]
    assert error(await ann.ledger("?page=0"))[:2] == (400, "invalid_page")
    assert (await (await add_subscriber(api, "bob")).ledger()).body["data"] == []


async def test_a_free_plan_charges_nothing_and_credits_nothing(api: Api):
    plan_id = await add_plan(api, price=price(monthly=0))
    ann = await add_subscriber(api)
    await ann.subscribe(plan_id)
    await ann.update(plan_id)
    assert await entries(api) == [(1, "charge", 0), (2, "charge", 0)]


async def test_each_step_is_told_by_mail(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    await ann.subscribe(plan_id)
    await ann.update(plan_id, "yearly")
    api.clock.advance(days=365)
    await ann.ledger()
    await ann.cancel()
    api.clock.advance(days=365)
    await ann.ledger()
    assert await mails(api) == [
        (ann.person.email, subject)
        for subject in (
            "You have subscribed to Premium Plan",
            "Your subscription is now Premium Plan",
            "Your subscription to Premium Plan has renewed",
            "Your subscription to Premium Plan is cancelled",
            "Your subscription to Premium Plan has ended",
        )
    ]
    (renewed,) = [
        entry
        for entry in await api.agora.services.outbox.recent(100)
        if entry.kind == "subscription_renewed"
    ]
    assert renewed.text == (
        "Your subscription to Premium Plan has renewed.\n\n"
        "It costs 299.99 USD a year and renews on 2027-01-18 10:00 UTC unless it is cancelled "
        "before.\n"
    )


async def test_an_address_that_was_never_verified_gets_few_mails(api: Api):
    """Anybody can register with another's; a verified one is the customer's own."""
    plan_id, eve = await add_plan(api), await add_subscriber(api, "eve")
    ann = await add_subscriber(api, email_verified=True)
    for user in (eve, ann):
        assert error(await user.update(plan_id))[1] == "not_found"
        await user.subscribe(plan_id)
        for _ in range(7):
            await user.cancel()
            await user.update(plan_id)
    left = [(to, subject.split()[-1]) for to, subject in await mails(api)]
    changed, cancelled = "Plan", "cancelled"
    assert Counter(left) == {
        (eve.person.email, changed): 1 + 5,
        (eve.person.email, cancelled): 5,
        (ann.person.email, changed): 1 + 7,
        (ann.person.email, cancelled): 7,
    }
    api.clock.advance(hours=1)
    await eve.update(plan_id)
    assert len(await mails(api)) == len(left) + 1


async def test_a_plans_name_with_line_breaks_makes_no_mail_header(api: Api):
    plan_id = await add_plan(api, display_name="Good\r\nBcc: eve@example.com\x00 {0} %s")
    ann = await add_subscriber(api)
    assert (await ann.subscribe(plan_id)).status == 200
    subject = "You have subscribed to Good Bcc: eve@example.com {0} %s"
    assert await mails(api) == [(ann.person.email, subject)]


async def test_an_account_without_an_address_subscribes_without_mail(api: Api):
    plan_id, token = await add_plan(api), await api.sign_in()
    body = {"planId": plan_id, "billingCycle": "monthly"}
    assert (await api.post(f"{USERS}/subscribe", body, token=token)).status == 200
    assert await mails(api) == []


async def test_the_history_keeps_the_newest_fifty(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    await ann.subscribe(plan_id)
    for _ in range(50):
        api.clock.advance(seconds=1)
        await ann.update(plan_id)
    history = (await ann.current()).body["data"]["history"]
    assert [entry["event"] for entry in history] == ["changed"] * 50


async def test_deleting_the_account_deletes_the_subscription_and_keeps_the_ledger_nameless(
    api: Api,
):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    bob = await add_subscriber(api, "bob")
    await ann.subscribe(plan_id)
    kept = (await bob.subscribe(plan_id)).body["data"]
    reply = await api.call("DELETE", "/api/user/", token=ann.person.token)
    assert reply.status == 200
    assert [str(each["_id"]) for each in await stored(api, "subscriptions")] == [kept["id"]]
    holders = [each["user_id"] for each in await stored(api, "ledger_entries")]
    assert sorted(map(str, holders)) == sorted([bob.person.id, "None"])


async def test_the_largest_amounts_are_exact_to_the_minor_unit(api: Api):
    """As much as a plan can cost, which is more than a double or 32 bits hold to the last digit."""
    largest = 10**12 - 1
    plan_id = await add_plan(api, price=price("JPY", monthly=largest, yearly=largest))
    ann = await add_subscriber(api)
    reply = await ann.subscribe(plan_id)
    assert b'"amount":999999999999,"currency":"JPY"' in reply.content
    api.clock.advance(seconds=1)
    proration = (await ann.update(plan_id)).body["data"]["proration"]
    seconds = 31 * 24 * 60 * 60
    assert proration["creditMinor"] == largest * (seconds - 1) // seconds
    assert (await ann.ledger()).body["data"][1]["amount"] == proration["creditMinor"]
