"""`GET /console/data`: the figures of the whole product, each exact."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from repositories.embedded import EmbeddedStore
from repositories.shop.orders import OrderRepository
from repositories.storage import EmbeddedStorage
from services.console.days import last_days
from services.shop.figures import ShopFigures
from tests.harness import Api
from tests.lms.exams import exam_room
from tests.lms.tables import add_table, fill, mine, submit
from tests.shop.shopping import add_product, customers_with, order
from tests.sociox.people import KINDS, Person, join, join_as
from tests.sociox.subscribing import add_plan, add_subscriber, change_plan

DATA = "/console/data"
TODAY, YESTERDAY = 29, 28


async def overview(api: Api, by: Person) -> dict[str, Any]:
    """The figures as of now, not those of some seconds ago, wherever the clock was moved."""
    api.clock.advance(seconds=5)
    session = await api.agora.services.accounts.sessions.open(ObjectId(by.id))
    reply = await api.get(DATA, token=session.access)
    assert reply.status == 200, reply
    return dict(reply.body)


def days(**counts: int) -> list[int]:
    """A figure for each day: `today`, `yesterday`, `first` and 0 for all others."""
    places = {"today": TODAY, "yesterday": YESTERDAY, "first": 0}
    by_day = [0] * 30
    for name, count in counts.items():
        by_day[places[name]] = count
    return by_day


async def test_only_admins_without_limits_see_the_figures(api: Api):
    assert (await api.get(DATA)).status == 401
    refusal = {"error": {"code": "forbidden", "message": "Insufficient permissions"}}
    for kind in KINDS:
        reply = await api.get(DATA, token=(await join_as(api, kind)).token)
        if kind in ("admin", "superadmin"):
            assert reply.status == 200, kind
        else:
            assert (reply.status, reply.body) == (403, refusal), kind


async def test_nothing_is_shown_as_nothing(api: Api):
    admin = await join_as(api, "superadmin")
    seen = await overview(api, admin)
    assert (seen["at"], seen["days"][0], seen["days"][-1]) == (
        "2025-01-18T10:00:05Z",
        "2024-12-20",
        "2025-01-18",
    )
    assert len(seen["days"]) == 30
    assert seen["posts_by_day"] == days()
    assert seen["sales"] == {"orders_by_day": days(), "cancelled_by_day": days(), "revenue": []}
    assert seen["review_queues"] == [
        {"kind": "exams", "waiting": 0, "oldest_at": None},
        {"kind": "requirement_tables", "waiting": 0, "oldest_at": None},
    ]
    assert (seen["subscriptions"], seen["dead_letters"]) == ([], [])
    assert [channel["channel"] for channel in seen["outbox"]] == ["mail", "sms"]


async def test_accounts_are_counted_by_kind_and_day(api: Api):
    admin = await join_as(api, "superadmin")
    parent = await join(api, "parent")
    child = {"email": "kid@example.com", "password": "secret1", "name": "Kid", "permissions": []}
    reply = await api.post("/api/users/child-users", child, token=parent.token)
    assert reply.status == 201, reply
    await join_as(api, "manager")
    await join_as(api, "admin")
    quitter = await join(api, "quitter")
    path = f"/api/v1/admin/users/{quitter.id}/deactivate"
    assert (await api.post(path, token=admin.token)).status == 200
    api.clock.advance(days=-29)
    early = await join(api, "early")
    api.clock.advance(days=-1)
    await join(api, "before-that")
    api.clock.advance(days=30)
    seen = (await overview(api, admin))["accounts"]
    assert seen == {
        "total": 8,
        "active": 7,
        "inactive": 1,
        "parents": 7,
        "children": 1,
        "with_role": {"superadmin": 1, "admin": 1, "manager": 1, "customer_experience": 0},
        "signups_by_day": days(first=1, today=6),
    }
    path = f"/api/v1/admin/users/{early.id}"
    assert (await api.call("DELETE", path, token=admin.token)).status == 200
    assert (await overview(api, admin))["accounts"]["signups_by_day"] == days(today=6)


async def test_posts_are_counted_by_the_day_they_were_written_on(api: Api):
    admin = await join_as(api, "superadmin")
    await api.create_post(admin.token)
    api.clock.now = datetime(2025, 1, 17, 23, 59, 59, tzinfo=UTC)
    await api.create_post(admin.token)
    await api.create_post(admin.token)
    api.clock.now = datetime(2025, 1, 18, 0, 0, 0, tzinfo=UTC)
    deleted = await api.create_post(admin.token)
    assert (await overview(api, admin))["posts_by_day"] == days(yesterday=2, today=2)
    await api.post("/api/forum/delete_post/", {"postid": deleted}, token=admin.token)
    assert (await overview(api, admin))["posts_by_day"] == days(yesterday=2, today=1)


async def test_a_cancelled_order_is_no_revenue(api: Api):
    admin = await join_as(api, "superadmin")
    await add_product(api)
    tokens = await customers_with(api, 2)
    orders = [(await order(api, token)).body["data"] for token in tokens]
    total = orders[0]["total"]["amount"]
    assert (await overview(api, admin))["sales"] == {
        "orders_by_day": days(today=2),
        "cancelled_by_day": days(),
        "revenue": [{"currency": "USD", "minor_by_day": days(today=2 * total)}],
    }
    reply = await api.post(f"/api/v1/orders/{orders[1]['id']}/cancel", token=tokens[1])
    assert reply.status == 200, reply
    assert (await overview(api, admin))["sales"] == {
        "orders_by_day": days(today=2),
        "cancelled_by_day": days(today=1),
        "revenue": [{"currency": "USD", "minor_by_day": days(today=total)}],
    }


async def test_submissions_that_await_review_are_counted_with_the_age_of_the_oldest(api: Api):
    room = await exam_room(api)
    admin = await join_as(api, "superadmin")
    await room.submitted()
    api.clock.advance(minutes=5)
    table = await add_table(api, room.by, room.step_id)
    submission_id = (await mine(api, room.sitter, table["id"]))["submission_id"]
    await fill(api, room.sitter, submission_id, 1)
    assert (await submit(api, room.sitter, submission_id)).status == 200
    assert (await overview(api, admin))["review_queues"] == [
        {"kind": "exams", "waiting": 1, "oldest_at": "2025-01-18T10:00:00Z"},
        {"kind": "requirement_tables", "waiting": 1, "oldest_at": "2025-01-18T10:05:00Z"},
    ]


async def test_subscriptions_are_counted_by_plan_and_status(api: Api):
    admin = await join_as(api, "superadmin")
    basic, premium = await add_plan(api, "basic"), await add_plan(api, "premium")
    await add_plan(api, "gone", is_deleted=True)
    for name in ("ann", "bob", "cat"):
        subscriber = await add_subscriber(api, name)
        plan = premium if name == "cat" else basic
        assert (await subscriber.subscribe(plan)).status == 200
        if name == "bob":
            assert (await subscriber.cancel()).status == 200
    await change_plan(api, premium, is_deleted=True)
    assert (await overview(api, admin))["subscriptions"] == [
        {
            "name": "basic",
            "display_name": "Basic Plan",
            "is_offered": True,
            "active": 1,
            "cancelled": 1,
            "expired": 0,
        },
        {
            "name": "premium",
            "display_name": "Premium Plan",
            "is_offered": False,
            "active": 1,
            "cancelled": 0,
            "expired": 0,
        },
    ]


async def test_traffic_is_that_of_the_last_hour_by_the_minute(api: Api):
    admin = await join_as(api, "superadmin")
    api.agora.services.monitoring.traffic.record(status=503, seconds=0.25)
    api.clock.advance(minutes=1)
    traffic = (await overview(api, admin))["traffic"]
    assert len(traffic) == 60
    before, now = traffic[-2:]
    assert (before["at"], before["requests"], before["server_errors"]) == (
        "2025-01-18T10:00:00Z",
        1,
        1,
    )
    assert before["p50_ms"] == pytest.approx(250, rel=0.1)
    assert (now["requests"], now["p50_ms"]) == (0, None)


async def test_all_who_look_share_one_computation_for_some_seconds(api: Api):
    admin = await join_as(api, "superadmin")
    await overview(api, admin)
    planned = len(api.plans)
    await asyncio.gather(*(api.get(DATA, token=admin.token) for _ in range(10)))
    counted = [plan for plan in api.plans[planned:] if plan[1] == "count_documents"]
    assert counted == []
    await api.create_post(admin.token)
    assert (await api.get(DATA, token=admin.token)).body["posts_by_day"] == days()
    assert (await overview(api, admin))["posts_by_day"] == days(today=1)


async def test_orders_of_one_moment_are_each_counted_once():
    store = EmbeddedStore.in_memory()
    orders = _Orders(EmbeddedStorage(store))
    now = datetime(2025, 1, 18, 10, 30, tzinfo=UTC)
    for number in range(100):
        at = now if 10 <= number < 90 else now + timedelta(seconds=number - 50)
        await orders.place(at, number**4, number=number)
    sales = await ShopFigures(orders).sales(last_days(now))
    assert sales.orders_by_day == tuple(days(today=100))
    assert sales.revenue_by_day == {"USD": tuple(days(today=sum(n**4 for n in range(100))))}
    await store.close()


class _Orders(OrderRepository):
    """Tells which spans were read order by order."""

    def __init__(self, storage: Any):
        super().__init__(storage)
        self.read: list[tuple[datetime, datetime]] = []

    async def totals(self, which: Any) -> Any:
        self.read.append((which.placed_from, which.placed_before))
        return await super().totals(which)

    async def place(self, at: datetime, total_minor: int, **fields: Any) -> ObjectId:
        """Keep an order, as far as figures look at it."""
        number = ObjectId()
        placed = {
            "_id": number,
            "order_number": str(number),
            "status": "pending",
            "currency": "USD",
            "total_minor": total_minor,
            "created_at": at,
        }
        await self.insert({**placed, **fields}, tx=None)
        return number


async def test_orders_are_read_again_only_where_one_was_placed_or_cancelled():
    store = EmbeddedStore.in_memory()
    orders = _Orders(EmbeddedStorage(store))
    figures = ShopFigures(orders)
    now = datetime(2025, 1, 18, 10, 30, tzinfo=UTC)
    shown, hour = last_days(now), timedelta(hours=1)
    yesterday, today = shown[YESTERDAY], shown[TODAY]
    await orders.place(yesterday, 100)
    old = await orders.place(yesterday + 23 * hour, 20, currency="EUR")
    await orders.place(today, 3)
    await orders.place(today - 31 * 24 * hour, 1_000)
    sales = await figures.sales(shown)
    assert sales.orders_by_day == tuple(days(yesterday=2, today=1))
    assert sales.revenue_by_day == {
        "EUR": tuple(days(yesterday=20)),
        "USD": tuple(days(yesterday=100, today=3)),
    }
    assert orders.read == [(yesterday, today), (today, today + hour)]
    orders.read.clear()
    assert await figures.sales(shown) == sales
    assert orders.read == []
    await orders.place(now, 5)
    entry = {"status": "cancelled", "at": now, "by": "customer"}
    assert await orders.claim_status(old, ["pending"], entry, tx=None)
    sales = await figures.sales(shown)
    assert sales.cancelled_by_day == tuple(days(yesterday=1))
    assert sales.revenue_by_day == {"USD": tuple(days(yesterday=100, today=8))}
    assert orders.read == [(yesterday, today), (today + 10 * hour, today + 11 * hour)]
    await store.close()
