"""SOCIOX "subscribe" and "User subscription", with the document's own examples."""

from typing import Any

from tests.harness import Api
from tests.sociox.people import join_as
from tests.sociox.plan_examples import PLANS, PREMIUM_TEXT

REGISTRATION = {
    "email": "xnikunjadu@gmail.com",
    "password": "yourpassword123",
    "name": "Test User",
}
CHILD = {
    "email": "child@example.com",
    "password": "childewqepassword123",
    "name": "Child User",
    "permissions": ["create_posts", "view_analytics"],
}
OWN_REASON = {"reason": "my wish why do u wanna know "}
ADMINS_REASON = {"reason": "i dont really know the reason"}


async def a_plan(api: Api, token: str) -> str:
    """The id of the document's plan."""
    reply = await api.post(PLANS, PREMIUM_TEXT, token=token)
    assert reply.status == 201, reply
    return str(reply.body["data"]["id"])


def of(data: dict[str, Any]) -> tuple[Any, ...]:
    """What a subscription is, in short."""
    return data["status"], data["billingCycle"], data["price"]["amount"], data["endDate"]


async def test_a_parent_subscribes_changes_cancels_and_comes_back(api: Api):
    plan_id = await a_plan(api, (await join_as(api, "admin")).token)
    reply = await api.post("/api/v1/auth/register", REGISTRATION)
    assert reply.status == 201
    token = reply.body["token"]
    monthly = {"planId": plan_id, "billingCycle": "monthly"}

    reply = await api.get("/api/v1/users/subscription", token=token)
    assert (reply.status, reply.body["error"]["code"]) == (400, "not_found")

    reply = await api.post("/api/v1/users/subscribe", monthly, token=token)
    subscribed = ("active", "monthly", 29.99, "2025-02-18T10:00:00Z")
    assert (reply.status, of(reply.body["data"])) == (200, subscribed)
    reply = await api.get("/api/v1/users/subscription", token=token)
    assert (reply.status, of(reply.body["data"])) == (200, subscribed)

    reply = await api.post("/api/users/child-users", CHILD, token=token)
    assert reply.status == 201
    login = {"email": CHILD["email"], "password": CHILD["password"]}
    child = (await api.post("/api/v1/auth/login", login)).body["token"]
    reply = await api.get("/api/v1/users/subscription", token=child)
    assert (reply.status, of(reply.body["data"])) == (200, subscribed)
    for path in ("subscribe", "cancel-subscription"):
        assert (await api.post(f"/api/v1/users/{path}", monthly, token=child)).status == 403

    yearly = {"planId": plan_id, "billingCycle": "yearly"}
    preview = await api.post("/api/v1/users/subscription/preview", yearly, token=token)
    reply = await api.call("PUT", "/api/v1/users/subscription/update", yearly, token=token)
    changed = ("active", "yearly", 299.99, "2026-01-18T10:00:00Z")
    assert (reply.status, of(reply.body["data"])) == (200, changed)
    proration = reply.body["data"]["proration"]
    assert (proration["credit"], proration["charge"], proration["due"]) == (29.99, 299.99, 270)
    assert preview.body["data"]["proration"] == proration

    reply = await api.post("/api/v1/users/cancel-subscription", OWN_REASON, token=token)
    cancelled = ("cancelled", "yearly", 299.99, "2026-01-18T10:00:00Z")
    assert (reply.status, of(reply.body["data"])) == (200, cancelled)
    assert reply.body["message"] == "Subscription cancelled"
    reply = await api.call("PUT", "/api/v1/users/subscription/update", monthly, token=token)
    assert (reply.status, of(reply.body["data"])) == (200, subscribed)

    reply = await api.get("/api/v1/users/subscription/ledger", token=token)
    assert [(each["type"], each["amount"]) for each in reply.body["data"]] == [
        ("charge", 29.99),
        ("credit", 299.99),
        ("charge", 299.99),
        ("credit", 29.99),
        ("charge", 29.99),
    ]


async def test_an_admin_subscribes_changes_and_cancels_for_a_user(api: Api):
    token = (await join_as(api, "admin with manage_subscriptions")).token
    plan_id = await a_plan(api, token)
    user = (await api.post("/api/v1/auth/register", REGISTRATION)).body["data"]["user"]
    monthly = {"planId": plan_id, "billingCycle": "monthly"}

    v1, old = (f"/api/{version}admin/users/{user['id']}/subscription" for version in ("v1/", ""))
    reply = await api.post(v1, monthly, token=token)
    subscribed = ("active", "monthly", 29.99, "2025-02-18T10:00:00Z")
    assert (reply.status, of(reply.body["data"])) == (200, subscribed)
    # The document sends a body with this GET; it is not read.
    reply = await api.call("GET", old, ADMINS_REASON, token=token)
    assert (reply.status, of(reply.body["data"])) == (200, subscribed)
    reply = await api.post(f"{old}/update", monthly, token=token)
    assert (reply.status, of(reply.body["data"])) == (200, subscribed)
    reply = await api.post(f"{v1}/cancel", ADMINS_REASON, token=token)
    cancelled = ("cancelled", "monthly", 29.99, "2025-02-18T10:00:00Z")
    assert (reply.status, of(reply.body["data"])) == (200, cancelled)
    assert reply.body["data"]["cancelReason"] == ADMINS_REASON["reason"]
    reply = await api.get(f"{v1}/ledger", token=token)
    assert (reply.status, len(reply.body["data"])) == (200, 3)
