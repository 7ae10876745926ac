"""What must happen once, by many at the same time and however late (CONTRACT section 5)."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from config.bootstrap import Agora, bootstrap
from config.settings import Settings
from repositories.storage import open_storage
from tests import harness
from tests.factories import stored
from tests.harness import SECRET, Api, Reply
from tests.sociox.people import join_as
from tests.sociox.subscribing import (
    Subscriber,
    add_plan,
    add_subscriber,
    change_plan,
    entries,
    mails,
    price,
)


def tally(replies: Sequence[Reply]) -> Counter[str]:
    """How many succeeded, and how many were refused for which reason."""
    return Counter(
        "ok" if reply.status == 200 else reply.body["error"]["code"] for reply in replies
    )


async def subscriptions_of(api: Api) -> list[dict[str, Any]]:
    """All that are kept."""
    return await stored(api, "subscriptions")


async def test_of_many_subscribes_at_once_one_succeeds(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    replies = await asyncio.gather(*(ann.subscribe(plan_id) for _ in range(16)))
    assert tally(replies) == {"ok": 1, "already_subscribed": 15}
    assert len(await subscriptions_of(api)) == 1
    assert await entries(api) == [(1, "charge", 2999)]
    assert len(await mails(api)) == 1


async def test_a_user_and_an_admin_who_subscribe_at_once_make_one_subscription(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    admin = await join_as(api, "admin")
    path = f"/api/v1/admin/users/{ann.person.id}/subscription"
    body = {"planId": plan_id, "billingCycle": "yearly"}
    replies = await asyncio.gather(
        *(ann.subscribe(plan_id) for _ in range(4)),
        *(api.post(path, body, token=admin.token) for _ in range(4)),
    )
    assert tally(replies) == {"ok": 1, "already_subscribed": 7}
    assert len(await stored(api, "audit_entries")) == sum(
        reply.status == 200 for reply in replies[4:]
    )


async def test_of_many_cancels_at_once_one_succeeds(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    await ann.subscribe(plan_id)
    replies = await asyncio.gather(*(ann.cancel(reason=str(n)) for n in range(16)))
    assert tally(replies) == {"ok": 1, "already_cancelled": 15}
    (subscription,) = await subscriptions_of(api)
    assert [entry["event"] for entry in subscription["history"]] == ["subscribed", "cancelled"]


async def test_updates_at_once_follow_one_another_with_a_charge_and_a_credit_each(api: Api):
    basic = await add_plan(api, "basic", price=price(monthly=1000))
    premium, ann = await add_plan(api), await add_subscriber(api)
    await ann.subscribe(premium)
    replies = await asyncio.gather(
        *(ann.update(plan_id) for plan_id in (basic, premium) * 5),
    )
    assert tally(replies) == {"ok": 10}
    kept = await entries(api)
    assert [(period, kind) for period, kind, _ in kept] == [
        *((period, kind) for period in range(1, 11) for kind in ("charge", "credit")),
        (11, "charge"),
    ]
    # All at one moment: what was charged is credited whole, but for the last.
    for charged, credited in zip(kept[:-1:2], kept[1::2], strict=True):
        assert charged[2] == credited[2]
    prorations = [reply.body["data"]["proration"] for reply in replies]
    assert sum(each["dueMinor"] for each in prorations) == kept[-1][2] - 2999


async def test_updates_and_cancels_at_once_leave_what_the_last_of_them_made(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    await ann.subscribe(plan_id)
    calls = [call for _ in range(6) for call in (ann.cancel(), ann.update(plan_id))]
    replies = await asyncio.gather(*calls)
    assert tally(replies[1::2]) == {"ok": 6}
    assert set(tally(replies[::2])) <= {"ok", "already_cancelled"}
    (subscription,) = await subscriptions_of(api)
    events = [entry["event"] for entry in subscription["history"]]
    assert events.count("cancelled") == tally(replies)["ok"] - 6
    assert subscription["status"] == ("cancelled" if events[-1] == "cancelled" else "active")
    for before, after in pairwise(events):
        assert (before == "cancelled") == (after == "revived") or after == "cancelled"
    assert subscription["period"] == 7


async def test_readers_at_once_charge_a_period_once(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    await ann.subscribe(plan_id)
    api.clock.advance(days=70)
    replies = await asyncio.gather(*(ann.ledger() for _ in range(16)))
    assert len({reply.content for reply in replies}) == 1
    assert await entries(api) == [(period, "charge", 2999) for period in (1, 2, 3)]
    assert [subject for _, subject in await mails(api)] == [
        "You have subscribed to Premium Plan",
        "Your subscription to Premium Plan has renewed",
    ]


async def test_a_renewal_and_a_change_at_once_are_both_in_the_ledger(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    await ann.subscribe(plan_id)
    api.clock.advance(days=31)
    reply, *_ = await asyncio.gather(
        ann.update(plan_id),
        api.agora.services.sociox.renewals.settle_due(),
        ann.ledger(),
        ann.current(),
    )
    assert reply.body["data"]["period"] == 3
    assert await entries(api) == [
        (1, "charge", 2999),
        (2, "charge", 2999),
        (2, "credit", 2999),
        (3, "charge", 2999),
    ]


async def test_a_subscription_that_races_with_the_end_of_the_account_does_not_outlive_it(
    api: Api,
):
    plan_id = await add_plan(api)
    for number in range(4):
        ann = await add_subscriber(api, f"ann{number}")
        replies = await asyncio.gather(
            ann.subscribe(plan_id),
            api.call("DELETE", "/api/user/", token=ann.person.token),
            ann.update(plan_id, "yearly"),
            ann.subscribe(plan_id),
        )
        assert replies[1].status == 200
        assert {reply.status for reply in replies} <= {200, 400, 401}
    assert await subscriptions_of(api) == []
    assert {entry["user_id"] for entry in await stored(api, "ledger_entries")} <= {None}


async def test_housekeeping_makes_up_for_a_downtime_of_five_periods(api: Api):
    """From 31 January on; two of them cancelled, one so that it has not ended yet."""
    api.clock.now = api.clock.now.replace(day=31)
    plan_id = await add_plan(api)
    ann, bob, eve = [await add_subscriber(api, name) for name in ("ann", "bob", "eve")]
    await ann.subscribe(plan_id)
    await bob.subscribe(plan_id)
    await bob.cancel()
    await eve.subscribe(plan_id, "yearly")
    await eve.cancel()
    api.clock.now = api.clock.now.replace(month=6, day=30)
    left = len(await mails(api))
    await api.agora.housekeeping.do_all()

    kept = {str(each["user_id"]): each for each in await subscriptions_of(api)}
    states = [
        (kept[user.person.id]["status"], kept[user.person.id]["period"]) for user in (ann, bob, eve)
    ]
    assert states == [("active", 6), ("expired", 1), ("cancelled", 1)]
    ledger = (await ann.ledger()).body["data"]
    assert [
        (each["period"], each["createdAt"][:10], each["periodEnd"][:10]) for each in ledger
    ] == [
        (6, "2025-06-30", "2025-07-31"),
        (5, "2025-05-31", "2025-06-30"),
        (4, "2025-04-30", "2025-05-31"),
        (3, "2025-03-31", "2025-04-30"),
        (2, "2025-02-28", "2025-03-31"),
        (1, "2025-01-31", "2025-02-28"),
    ]
    assert (await mails(api))[left:] in (
        [
            (ann.person.email, "Your subscription to Premium Plan has renewed"),
            (bob.person.email, "Your subscription to Premium Plan has ended"),
        ],
        [
            (bob.person.email, "Your subscription to Premium Plan has ended"),
            (ann.person.email, "Your subscription to Premium Plan has renewed"),
        ],
    )
    before = [await stored(api, name) for name in ("subscriptions", "ledger_entries", "outbox")]
    await api.agora.housekeeping.do_all()
    after = [await stored(api, name) for name in ("subscriptions", "ledger_entries", "outbox")]
    assert after == before


async def test_late_or_on_time_the_ledger_is_the_same(api: Api):
    plan_id = await add_plan(api)
    ann, bob = [await add_subscriber(api, name) for name in ("ann", "bob")]
    await ann.subscribe(plan_id)
    await bob.subscribe(plan_id)

    async def told(user: Subscriber) -> list[Any]:
        return [
            {name: value for name, value in each.items() if name not in ("id", "subscriptionId")}
            for each in (await user.ledger()).body["data"]
        ]

    for _ in range(100):
        api.clock.advance(days=2)
        await ann.ledger()
    assert await told(ann) == await told(bob)


async def test_what_fails_in_the_middle_of_a_renewal_leaves_nothing_of_it(api: Api):
    """Of the periods that ann begins, one is charged already: that never happens by itself."""
    plan_id = await add_plan(api)
    ann, bob = [await add_subscriber(api, name) for name in ("ann", "bob")]
    await ann.subscribe(plan_id)
    await bob.subscribe(plan_id)
    of_ann = {"user_id": ObjectId(ann.person.id)}
    (charge,) = await stored(api, "ledger_entries", of_ann)
    foreign = {**charge, "_id": ObjectId(), "period": 3}
    await api.agora.storage["ledger_entries"].insert_one(foreign)
    before = await stored(api, "subscriptions", of_ann)
    left = len(await mails(api))
    api.clock.advance(days=70)
    assert await api.agora.services.sociox.renewals.settle_due() == 1
    assert await stored(api, "subscriptions", of_ann) == before
    kept = await stored(api, "ledger_entries", of_ann)
    assert sorted(kept, key=lambda entry: entry["period"]) == [charge, foreign]
    assert [to for to, _ in (await mails(api))[left:]] == [bob.person.email]


async def test_one_that_fails_keeps_no_other_from_renewing(
    api: Api, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("services.sociox.renewals._AT_ONCE", 1)
    plan_id = await add_plan(api)
    ann, bob = [await add_subscriber(api, name) for name in ("ann", "bob")]
    await ann.subscribe(plan_id)
    api.clock.advance(days=1)
    await bob.subscribe(plan_id)
    (damaged, _) = await subscriptions_of(api)
    await api.agora.storage["subscriptions"].update_one(
        {"_id": damaged["_id"]}, {"$unset": {"anchor_at": ""}}
    )
    api.clock.advance(days=32)
    assert await api.agora.services.sociox.renewals.settle_due() == 1
    assert [kept["period"] for kept in await subscriptions_of(api)] == [1, 2]
    assert [record.message for record in caplog.records] == [
        f"housekeeping: renewals of {damaged['_id']} failed"
    ]


async def test_a_currency_that_was_withdrawn_still_renews_and_is_shown(api: Api):
    """The kuna went in 2023: ISO 4217, and the library that knows it, no longer have it."""
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    await ann.subscribe(plan_id)
    for name in ("subscriptions", "ledger_entries"):
        (kept,) = await stored(api, name)
        await api.agora.storage[name].update_one(
            {"_id": kept["_id"]}, {"$set": {"currency": "HRK"}}
        )
    await change_plan(api, plan_id, price=price("HRK", monthly=2999))
    api.clock.advance(days=31)
    assert await api.agora.services.sociox.renewals.settle_due() == 1
    shown = await ann.current()
    assert shown.status == 200
    assert shown.body["data"]["price"] == {"amount": 29.99, "currency": "HRK"}
    plans = await api.get("/api/v1/admin/subscription/plans", token=await ann.token())
    assert plans.status == 200


async def test_an_address_that_no_mail_can_go_to_keeps_nothing_from_renewing(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    await ann.subscribe(plan_id)
    of_ann = {"_id": ObjectId(ann.person.id)}
    await api.agora.storage["users"].update_one(of_ann, {"$set": {"email": "no address"}})
    api.clock.advance(days=31)
    assert await api.agora.services.sociox.renewals.settle_due() == 1
    assert await entries(api) == [(1, "charge", 2999), (2, "charge", 2999)]
    assert len(await mails(api)) == 1


async def test_processes_over_one_store_renew_each_period_once(tmp_path: Path):
    """Three applications that share a file, each with its own connections, keep house at once."""
    settings = Settings(data_dir=tmp_path, jwt_secret=SECRET, bcrypt_cost=4)
    api = await harness.start(await open_storage("embedded", tmp_path))
    others: list[Agora] = []
    try:
        plan_id = await add_plan(api)
        users = [await add_subscriber(api, f"user{number}") for number in range(20)]
        for user in users:
            await user.subscribe(plan_id)
        api.clock.now += timedelta(days=100)
        others += [await bootstrap(settings, clock=api.clock, senders={}) for _ in range(2)]
        await asyncio.gather(*(each.housekeeping.do_all() for each in (api.agora, *others)))
        charged = Counter(period for period, _, _ in await entries(api))
        assert charged == {1: 20, 2: 20, 3: 20, 4: 20}
        renewed = [subject for _, subject in await mails(api) if subject.endswith("has renewed")]
        assert len(renewed) == 20
    finally:
        for each in others:
            await each.close()
        await api.close()
