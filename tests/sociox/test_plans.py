"""Plans by the document's own examples, and everything else that is done with one."""

from typing import Any

import pytest

from tests.factories import stored
from tests.harness import Api
from tests.sociox.people import KINDS, error, join_as
from tests.sociox.plan_examples import (
    BASIC,
    BASIC_TEXT,
    BOTH_FEATURES,
    FEATURES,
    OF_ADMINS,
    PLANS,
    PREMIUM,
    PREMIUM_TEXT,
    UNKNOWN_IDS,
    change,
    create,
    plan,
)

NOT_FOUND = (400, "not_found", "Plan not found")
CUSTOM = ["White label reports", "Custom URL shortener", "Advanced team permissions"]


async def admin_token(api: Api) -> str:
    """The token of an admin without limits."""
    return (await join_as(api, "admin")).token


async def test_the_documents_plan_is_made_seen_and_updated(api: Api):
    token = await admin_token(api)
    made = await api.post(PLANS, PREMIUM_TEXT, token=token)
    assert made.status == 201
    plan_id = made.body["data"]["id"]
    shown = {
        "id": plan_id,
        **PREMIUM,
        "customFeatures": [],
        "status": "active",
        "createdAt": "2025-01-18T10:00:00Z",
        "updatedAt": "2025-01-18T10:00:00Z",
    }
    assert made.body == {"message": "Plan created successfully", "data": shown}
    assert (await api.get(f"{PLANS}/{plan_id}")).body == {"message": "Plan", "data": shown}
    api.clock.advance(minutes=1)
    changed = await change(api, PLANS, plan_id, BASIC_TEXT, token)
    assert changed.status == 200
    shown = {**shown, **BASIC, "updatedAt": "2025-01-18T10:01:00Z"}
    assert changed.body == {"message": "Plan updated successfully", "data": shown}
    assert (await api.get(f"{PLANS}/{plan_id}")).body["data"] == shown


async def test_amounts_are_written_as_they_were_given(api: Api):
    token = await admin_token(api)
    made = await api.post(PLANS, PREMIUM_TEXT, token=token)
    assert (
        b'"price":{"monthly":{"amount":29.99,"currency":"USD"},'
        b'"yearly":{"amount":299.99,"currency":"USD","savings":60}}' in made.content
    )


async def test_both_and_standard_and_custom_features_are_updated(api: Api):
    token = await admin_token(api)
    plan_id = (await create(api, token))["id"]
    both = await change(api, FEATURES, plan_id, BOTH_FEATURES, token)
    assert both.status == 200
    assert both.body["message"] == "Plan features updated successfully"
    given = {**BOTH_FEATURES["features"], "additional": PREMIUM["features"]["additional"]}
    assert both.body["data"]["features"] == given
    assert both.body["data"]["customFeatures"] == CUSTOM
    standard = await change(
        api, FEATURES, plan_id, {"features": {"teamMembers": 15, "support": "24/7"}}, token
    )
    expected = {**given, "teamMembers": 15, "support": "24/7"}
    assert (standard.status, standard.body["data"]["features"]) == (200, expected)
    assert standard.body["data"]["customFeatures"] == CUSTOM
    four = [*CUSTOM, "API rate limit increase"]
    custom = await api.call(
        "PATCH", f"{PLANS}/{plan_id}/features", {"customFeatures": four}, token=token
    )
    assert (custom.status, custom.body["data"]["customFeatures"]) == (200, four)
    assert (await api.get(f"{PLANS}/{plan_id}")).body["data"] == custom.body["data"]
    assert custom.body["data"]["features"] == expected


async def test_a_status_is_set_and_only_active_plans_are_in_a_category(api: Api):
    token = await admin_token(api)
    plan_id = (await create(api, token))["id"]
    in_category = f"{PLANS}/category/enterprise"
    for status, found in (("active", 200), ("inactive", 400), ("inactive", 400), ("active", 200)):
        reply = await change(api, OF_ADMINS, f"{plan_id}/status", {"status": status}, token, "POST")
        assert (reply.status, reply.body["data"]["status"]) == (200, status)
        assert reply.body["message"] == "Plan status updated successfully"
        assert (await api.get(f"{PLANS}/{plan_id}")).body["data"]["status"] == status
        listed = await api.get(in_category)
        assert listed.status == found
        if found == 200:
            assert listed.body == {"message": "Plans", "data": [reply.body["data"]]}
        else:
            message = "No active plan is in this category"
            assert error(listed) == (400, "not_found", message)


async def test_a_deleted_plan_is_nowhere_to_be_seen_and_its_name_is_free(api: Api):
    token = await admin_token(api)
    plan_id = (await create(api, token))["id"]
    body = {"status": "inactive"}
    deleted = await change(api, OF_ADMINS, plan_id, body, token, "DELETE")
    assert deleted.body == {"message": "Plan deleted successfully", "data": None}
    assert deleted.status == 200
    again = await change(api, OF_ADMINS, plan_id, body, token, "DELETE")
    assert error(again) == (404, "not_found", "Plan not found")
    assert (await api.get(PLANS, token=token)).body["data"] == []
    assert (await api.get(f"{PLANS}/category/enterprise")).status == 400
    assert error(await api.get(f"{PLANS}/{plan_id}")) == NOT_FOUND
    assert (await create(api, token))["id"] != plan_id
    (kept, _) = await stored(api, "plans")
    assert (str(kept["_id"]), kept["is_deleted"], kept["status"]) == (plan_id, True, "active")


@pytest.mark.parametrize("plan_id", UNKNOWN_IDS)
async def test_an_unknown_plan_is_400_but_404_when_it_is_deleted(api: Api, plan_id: str):
    token = await admin_token(api)
    for reply in (
        await api.get(f"{PLANS}/{plan_id}"),
        await change(api, PLANS, plan_id, PREMIUM, token),
        await change(api, FEATURES, plan_id, BOTH_FEATURES, token),
        await change(api, OF_ADMINS, f"{plan_id}/status", {"status": "active"}, token, "POST"),
    ):
        assert error(reply) == NOT_FOUND
    if plan_id != "category":  # `.../category/features` is the plans of a category
        body: dict[str, Any] = {"customFeatures": []}
        reply = await change(api, PLANS, f"{plan_id}/features", body, token, "PATCH")
        assert error(reply) == NOT_FOUND
    reply = await change(api, OF_ADMINS, plan_id, None, token, "DELETE")
    assert error(reply) == (404, "not_found", "Plan not found")


async def test_plans_are_listed_by_exact_filters_the_oldest_first(api: Api):
    token = await admin_token(api)
    for name, category, status in (
        ("premium", "enterprise", "active"),
        ("basic", "basic", "active"),
        ("Premium", "enterprise", "inactive"),
        ("none", None, "active"),
    ):
        await create(api, token, name=name, category=category, status=status)
        api.clock.advance(seconds=1)
    anyone = await api.sign_in()
    for query, names in (
        ("", ["premium", "basic", "Premium", "none"]),
        ("?category=enterprise&status=active&name=premium", ["premium"]),
        ("?category=enterprise", ["premium", "Premium"]),
        ("?status=inactive", ["Premium"]),
        ("?name=prem", []),
        ("?name=$ne", []),
        ("?name[$ne]=x", ["premium", "basic", "Premium", "none"]),
        ("?category=&status=&name=", ["premium", "basic", "Premium", "none"]),
    ):
        reply = await api.get(PLANS + query, token=anyone)
        assert (reply.status, [each["name"] for each in reply.body["data"]]) == (200, names)
    refused = await api.get(f"{PLANS}?status=gone", token=anyone)
    assert error(refused) == (400, "invalid_plan", "status must be active or inactive")
    assert (await api.get(PLANS)).status == 401


async def test_a_field_that_is_put_is_replaced_as_a_whole_and_others_stay(api: Api):
    token = await admin_token(api)
    before = await create(api, token)
    monthly = {"monthly": {"amount": 5, "currency": "EUR"}}
    for body in (
        {"price": monthly},
        {"features": {"teamMembers": 1}},
        {"recommended": False},
        {"displayName": "  Premium  "},
        {"category": "basic", "name": None},
        {},
    ):
        changed = await change(api, PLANS, before["id"], body, token)
        assert changed.status == 200
        expected = {**before, **{name: value for name, value in body.items() if value is not None}}
        expected["displayName"] = expected["displayName"].strip()
        assert changed.body["data"] == expected
        before = expected


async def test_a_name_is_taken_while_its_plan_is_not_deleted(api: Api):
    token = await admin_token(api)
    await create(api, token)
    other = await create(api, token, name="other")
    taken = (400, "plan_name_taken", "name is taken by another plan")
    assert error(await api.post(PLANS, plan(name=" premium "), token=token)) == taken
    reply = await change(api, PLANS, other["id"], {"name": "premium", "category": "x"}, token)
    assert error(reply) == taken
    assert (await api.get(f"{PLANS}/{other['id']}")).body["data"] == other
    assert (await change(api, PLANS, other["id"], {"name": "other"}, token)).status == 200
    assert [each["name"] for each in await stored(api, "plans")] == ["premium", "other"]


MANAGERS = {"admin with manage_subscriptions", "admin", "superadmin"}


@pytest.mark.parametrize("kind", KINDS)
async def test_only_who_manages_subscriptions_changes_plans(api: Api, kind: str):
    plan_id = (await create(api, (await join_as(api, "admin", "first")).token))["id"]
    before = await stored(api, "plans")
    caller = await join_as(api, kind)
    calls: list[tuple[str, str, Any, int]] = [
        ("POST", PLANS, plan(name="second"), 201),
        ("PUT", f"{PLANS}/{plan_id}", {"category": "x"}, 200),
        ("PATCH", f"{PLANS}/{plan_id}/features", {"customFeatures": ["x"]}, 200),
        ("PUT", f"{FEATURES}/{plan_id}", {"features": {"x": 1}}, 200),
        ("POST", f"{OF_ADMINS}/{plan_id}/status", {"status": "inactive"}, 200),
        ("DELETE", f"{OF_ADMINS}/{plan_id}", None, 200),
    ]
    for method, path, body, status in calls:
        reply = await api.call(method, path, body, token=caller.token)
        assert reply.status == (status if kind in MANAGERS else 403), (method, path)
    assert (await stored(api, "plans") == before) is (kind not in MANAGERS)
    assert (await api.get(PLANS, token=caller.token)).status == 200


async def test_every_change_is_in_the_audit_log_and_a_refused_one_is_not(api: Api):
    admin = await join_as(api, "admin")
    plan_id = (await create(api, admin.token))["id"]
    await change(api, PLANS, plan_id, {"name": "gold", "category": "x"}, admin.token)
    await change(api, PLANS, plan_id, {"price": {}}, admin.token)
    await change(api, FEATURES, plan_id, BOTH_FEATURES, admin.token)
    await change(
        api, PLANS, f"{plan_id}/features", {"customFeatures": []}, admin.token, method="PATCH"
    )
    await change(
        api, OF_ADMINS, f"{plan_id}/status", {"status": "inactive"}, admin.token, method="POST"
    )
    await change(api, OF_ADMINS, plan_id, None, admin.token, method="DELETE")
    await change(api, OF_ADMINS, plan_id, None, admin.token, method="DELETE")
    entries = await stored(api, "audit_entries")
    whole = ["category", "display_name", "features", "name", "price", "recommended"]
    assert [(entry["action"], entry["details"]) for entry in entries] == [
        ("plan.create", {"name": "premium", "status": "active", "fields": whole}),
        ("plan.update", {"name": "gold", "status": "active", "fields": ["category", "name"]}),
        (
            "plan.update_features",
            {"name": "gold", "status": "active", "fields": ["custom_features", "features"]},
        ),
        (
            "plan.update_features",
            {"name": "gold", "status": "active", "fields": ["custom_features"]},
        ),
        ("plan.set_status", {"name": "gold", "status": "inactive", "fields": ["status"]}),
        ("plan.delete", {"name": "gold", "status": "inactive", "fields": ["is_deleted"]}),
    ]
    for entry in entries:
        assert (str(entry["actor_id"]), entry["target_kind"]) == (admin.id, "plan")
        assert (entry["target_id"], entry["address"]) == (plan_id, "127.0.0.1")
