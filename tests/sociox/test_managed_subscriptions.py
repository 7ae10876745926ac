"""Users' subscriptions in the hands of admins (SOCIOX, "User subscription"; CONTRACT section 5)."""

from typing import Any

import pytest
from bson import ObjectId

from tests.factories import stored
from tests.harness import Api, Reply
from tests.sociox.people import KINDS, Person, error, join, join_as
from tests.sociox.subscribing import (
    NONE,
    UNKNOWN_ID,
    Subscriber,
    add_plan,
    add_subscriber,
    dates,
    entries,
    mails,
)

ADMIN_USERS = "/api/v1/admin/users"
NOT_ALLOWED = (403, "forbidden", "Insufficient permissions")


async def manage(
    api: Api, by: Person, user_id: str, action: str, body: Any = None, method: str = "POST"
) -> Reply:
    """Call a route of a user's subscription."""
    path = f"{ADMIN_USERS}/{user_id}/subscription{action}"
    return await api.call(method, path, body, token=by.token)


async def every_call(api: Api, by: Person, user_id: str, plan_id: str) -> list[Reply]:
    """What each of the routes that change something answers."""
    choice = {"planId": plan_id, "billingCycle": "monthly"}
    return [
        await manage(api, by, user_id, "", choice),
        await manage(api, by, user_id, "/update", choice),
        await manage(api, by, user_id, "/cancel", {"reason": "i dont really know the reason"}),
    ]


@pytest.mark.parametrize("users", ["/api/v1/admin/users", "/api/admin/users"])
async def test_an_admin_does_for_a_user_what_the_user_could_do(api: Api, users: str):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    admin = await join_as(api, "admin")
    path = f"{users}/{ann.person.id}/subscription"
    choice = {"planId": plan_id, "billingCycle": "monthly"}
    assert error(await api.get(path, token=admin.token)) == NONE

    reply = await api.post(path, choice, token=admin.token)
    assert (reply.status, reply.body["message"]) == (200, "User subscribed")
    assert dates(reply) == ("2025-01-18", "2025-02-18")
    data = reply.body["data"]
    assert (data["userId"], data["history"][0]["by"]) == (ann.person.id, "admin")
    assert (await ann.current()).body["data"] == data
    # The document's GET comes with a body, which is not read.
    reply = await api.call("GET", path, {"reason": "i dont really know"}, token=admin.token)
    assert reply.body == {"message": "Subscription of the user", "data": data}
    assert error(await api.post(path, choice, token=admin.token))[1] == "already_subscribed"

    reply = await api.post(f"{path}/update", choice, token=admin.token)
    assert reply.status == 200
    assert reply.body["data"]["proration"]["dueMinor"] == 0

    body = {"reason": "i dont really know the reason"}
    reply = await api.post(f"{path}/cancel", body, token=admin.token)
    assert reply.status == 200
    data = reply.body["data"]
    assert (data["status"], data["cancelReason"]) == ("cancelled", body["reason"])
    assert (await ann.current()).body["data"] == data

    reply = await api.get(f"{path}/ledger?page_size=1", token=admin.token)
    assert (reply.status, reply.body["meta"]["total_items"]) == (200, 3)
    assert reply.body["data"] == (await ann.ledger("?page_size=1")).body["data"]
    assert [subject for _, subject in await mails(api)] == [
        "You have subscribed to Premium Plan",
        "Your subscription is now Premium Plan",
        "Your subscription to Premium Plan is cancelled",
    ]


async def test_what_admins_do_is_in_the_audit_log_and_what_they_read_is_not(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    admin = await join_as(api, "admin")
    replies = await every_call(api, admin, ann.person.id, plan_id)
    await every_call(api, admin, UNKNOWN_ID, plan_id)
    await manage(api, admin, ann.person.id, "", method="GET")
    await manage(api, admin, ann.person.id, "/ledger", method="GET")
    subscription_id = replies[0].body["data"]["id"]
    logged = await stored(api, "audit_entries")
    assert [entry["action"] for entry in logged] == [
        "subscription.create",
        "subscription.update",
        "subscription.cancel",
    ]
    for entry in logged:
        assert str(entry["actor_id"]) == admin.id
        assert (entry["target_kind"], entry["target_id"]) == ("subscription", subscription_id)
        assert entry["details"] == {
            "user_id": ann.person.id,
            "plan_id": plan_id,
            "billing_cycle": "monthly",
        }


async def test_only_admins_who_manage_subscriptions_get_in(api: Api):
    plan_id = await add_plan(api)
    for number, kind in enumerate(KINDS):
        user = await add_subscriber(api, f"user{number}")
        caller = await join_as(api, kind, f"caller{number}")
        logged = len(await stored(api, "audit_entries"))
        replies = [
            await manage(api, caller, user.person.id, "", method="GET"),
            await manage(api, caller, user.person.id, "/ledger", method="GET"),
            *await every_call(api, caller, user.person.id, plan_id),
        ]
        if kind in ("admin", "superadmin", "admin with manage_subscriptions"):
            assert error(replies[0]) == NONE
            assert [reply.status for reply in replies[1:]] == [200] * 4
        else:
            assert [error(reply) for reply in replies] == [NOT_ALLOWED] * 5
            assert error(await user.current()) == NONE
            assert len(await stored(api, "audit_entries")) == logged


async def test_an_unknown_or_malformed_user_id_is_not_found(api: Api):
    plan_id, admin = await add_plan(api), await join_as(api, "admin")
    for user_id in (UNKNOWN_ID, "1", "abc", "%00", "%F0%9F%A6%86", "0" * 25):
        replies = [
            await manage(api, admin, user_id, "", method="GET"),
            await manage(api, admin, user_id, "/ledger", method="GET"),
            *await every_call(api, admin, user_id, plan_id),
        ]
        assert [error(reply) for reply in replies] == [(400, "not_found", "User not found")] * 5


async def test_bad_bodies_and_plans_are_refused_as_they_are_to_users(api: Api):
    ann, admin = await add_subscriber(api), await join_as(api, "admin")
    for body, code in (
        ({}, "missing_field"),
        ({"planId": UNKNOWN_ID, "billingCycle": "daily"}, "invalid_billing_cycle"),
        ({"planId": 1, "billingCycle": "monthly"}, "invalid_field"),
        ({"planId": "x", "billingCycle": "monthly"}, "not_found"),
        (b"{", "invalid_json"),
        (b"[]", "invalid_json"),
    ):
        for action in ("", "/update"):
            reply = await manage(api, admin, ann.person.id, action, body)
            assert error(reply)[:2] == (400, code)
    reply = await manage(api, admin, ann.person.id, "/cancel", {"reason": 1})
    assert error(reply)[:2] == (400, "invalid_field")
    assert error(await manage(api, admin, ann.person.id, "/cancel", b"")) == NONE


@pytest.mark.parametrize("target", ["admin", "superadmin"])
async def test_only_superadmins_act_on_the_account_of_an_admin(api: Api, target: str):
    plan_id, other = await add_plan(api), await join_as(api, target, "other")
    admin, superadmin = await join_as(api, "admin"), await join_as(api, "superadmin")
    limited = await join_as(api, "admin with manage_subscriptions")
    for caller in (admin, limited):
        replies = await every_call(api, caller, other.id, plan_id)
        assert [error(reply) for reply in replies] == [NOT_ALLOWED] * 3
    replies = await every_call(api, superadmin, other.id, plan_id)
    assert [reply.status for reply in replies] == [200, 200, 200]
    assert (await manage(api, admin, other.id, "", method="GET")).status == 200
    for action in ("", "/ledger"):
        reply = await manage(api, limited, other.id, action, method="GET")
        assert error(reply) == NOT_ALLOWED


async def test_of_admins_only_a_superadmin_subscribes_themselves_here(api: Api):
    plan_id = await add_plan(api)
    admin, superadmin = await join_as(api, "admin"), await join_as(api, "superadmin")
    replies = await every_call(api, admin, admin.id, plan_id)
    assert [error(reply) for reply in replies] == [NOT_ALLOWED] * 3
    replies = await every_call(api, superadmin, superadmin.id, plan_id)
    assert [reply.status for reply in replies] == [200, 200, 200]


async def test_a_childs_subscription_is_its_parents(api: Api):
    plan_id, ann = await add_plan(api), await add_subscriber(api)
    parent_id = ObjectId(ann.person.id)
    kid = await join(api, "kid", type="child", parent_id=parent_id)
    admin = await join_as(api, "admin")
    replies = await every_call(api, admin, kid.id, plan_id)
    refused = f"This is a child account; its subscription is its parent's, {parent_id}"
    assert [error(reply) for reply in replies] == [(400, "child_account", refused)] * 3
    data = (await ann.subscribe(plan_id)).body["data"]
    assert (await manage(api, admin, kid.id, "", method="GET")).body["data"] == data
    ledger = (await manage(api, admin, kid.id, "/ledger", method="GET")).body["data"]
    assert ledger == (await ann.ledger()).body["data"]


async def test_a_deactivated_account_is_managed_without_mail(api: Api):
    plan_id, admin = await add_plan(api), await join_as(api, "admin")
    ann = Subscriber(api, await join(api, "ann", is_active=False))
    replies = await every_call(api, admin, ann.person.id, plan_id)
    assert [reply.status for reply in replies] == [200, 200, 200]
    assert await entries(api) == [(1, "charge", 2999), (1, "credit", 2999), (2, "charge", 2999)]
    assert await mails(api) == []
