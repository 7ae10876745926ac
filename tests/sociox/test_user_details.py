"""All about one user (SOCIOX "complete user details by id"; issue 4, part 4)."""

from typing import Any

import pytest

from tests.harness import Api
from tests.lms.exams import exam_room
from tests.lms.tables import add_table, mine
from tests.sociox.people import ADMIN, PASSWORD, error, join, join_as

FORBIDDEN = (403, "forbidden", "Insufficient permissions")
UNKNOWN = (400, "not_found", "User not found")
NOTHING = {
    "children": 0,
    "posts": 0,
    "replies": 0,
    "likes": 0,
    "sleep_records": 0,
    "orders": 0,
    "cart_lines": 0,
    "courses": 0,
    "exam_submissions": 0,
    "requirement_submissions": 0,
}


def path(user_id: str) -> str:
    """Where a user's details are."""
    return f"{ADMIN}/users/{user_id}/details"


def counts(details: dict[str, Any]) -> dict[str, int]:
    """The counts that this test knows."""
    return {name: details["counts"][name] for name in NOTHING}


async def test_a_new_user_has_a_profile_and_nothing_else(api: Api):
    admin, user = await join_as(api, "admin with view_user_details"), await join_as(api, "user")
    shown = (await api.get("/api/v1/auth/profile", token=user.token)).body["data"]["user"]
    body = {"name": "Nikunja", "email": "xnikunja@gmail.com", "picture": "dsafsd"}
    reply = await api.call("GET", path(user.id), body, token=admin.token)
    assert reply.status == 200
    details = reply.body["data"]
    assert counts(details) == NOTHING
    assert reply.body == {
        "message": "User details retrieved successfully",
        "data": {
            **shown,
            "subscription": None,
            "children": [],
            "counts": details["counts"],
            "sessions": 1,
            "last_sign_in_at": "2025-01-18T10:00:00Z",
        },
    }


async def test_what_the_user_has_everywhere_is_counted(api: Api):
    admin, user = await join_as(api, "admin"), await join_as(api, "user")
    kid = {"email": "kid@example.com", "password": "secret1", "name": "A Kid"}
    made = await api.post("/api/users/child-users", kid, token=user.token)
    assert made.status == 201
    postid = await api.create_post(user.token)
    await api.create_post(user.token)
    reply = {"postid": postid, "reply_content": "Thanks"}
    assert (await api.post("/api/forum/reply_post/", reply, token=user.token)).status == 200
    like = {"postid": postid}
    assert (await api.post("/api/forum/like_post/", like, token=user.token)).status == 200
    record = {"date": "2025-01-17", "sleep_status": "well"}
    assert (await api.post("/api/sleep-records/", record, token=user.token)).status == 201
    api.clock.advance(minutes=5)
    login = {"email": user.email, "password": PASSWORD}
    assert (await api.post("/api/v1/auth/login", login)).status == 200

    details = (await api.get(path(user.id), token=admin.token)).body["data"]
    assert counts(details) == {
        **NOTHING,
        "children": 1,
        "posts": 2,
        "replies": 1,
        "likes": 1,
        "sleep_records": 1,
    }
    (child,) = details["children"]
    assert (child["email"], child["parent_id"]) == ("kid@example.com", user.id)
    assert (details["sessions"], details["last_sign_in_at"]) == (2, "2025-01-18T10:05:00Z")


async def test_what_a_participant_takes_and_did_in_courses_is_counted(api: Api):
    admin, room = await join_as(api, "admin"), await exam_room(api)
    await room.submitted()
    table = await add_table(api, room.by, room.step_id)
    await mine(api, room.sitter, table["id"])
    details = (await api.get(path(room.sitter.id), token=admin.token)).body["data"]
    assert counts(details) == {
        **NOTHING,
        "courses": 1,
        "exam_submissions": 1,
        "requirement_submissions": 1,
    }


async def test_a_child_shows_its_parents_subscription(api: Api):
    admin, parent = await join_as(api, "admin"), await join_as(api, "user")
    kid = {"email": "kid@example.com", "password": "secret1", "name": "A Kid"}
    child_id = (await api.post("/api/users/child-users", kid, token=parent.token)).body["data"][
        "id"
    ]
    plan = {
        "name": "basic",
        "displayName": "Basic Plan",
        "price": {"monthly": {"amount": 29.99, "currency": "USD"}},
        "features": {"teamMembers": 3},
    }
    made = await api.post(f"{ADMIN}/subscription/plans", plan, token=admin.token)
    assert made.status == 201, made
    choice = {"planId": made.body["data"]["id"], "billingCycle": "monthly"}
    bought = await api.post("/api/v1/users/subscribe", choice, token=parent.token)
    assert bought.status == 200, bought
    for user_id in (parent.id, child_id):
        shown = (await api.get(path(user_id), token=admin.token)).body["data"]["subscription"]
        assert (shown["planName"], shown["status"]) == ("basic", "active")


async def test_a_deactivated_user_has_no_session_left_to_tell_of(api: Api):
    admin, user = await join_as(api, "admin"), await join_as(api, "user")
    deactivate = f"{ADMIN}/users/{user.id}/deactivate"
    assert (await api.post(deactivate, token=admin.token)).status == 200
    details = (await api.get(path(user.id), token=admin.token)).body["data"]
    assert (details["active"], details["sessions"], details["last_sign_in_at"]) == (False, 0, None)


async def test_an_admin_is_shown_to_admins_without_limits_only(api: Api):
    limited, full = await join_as(api, "admin with view_user_details"), await join_as(api, "admin")
    other = await join(api, "other", roles=["user", "admin"])
    assert error(await api.get(path(other.id), token=limited.token)) == FORBIDDEN
    assert (await api.get(path(other.id), token=full.token)).status == 200


@pytest.mark.parametrize("user_id", ["6763d06487f004a49970fd5a", "1", "%7B%22$ne%22:null%7D"])
async def test_nobody_is_not_found(api: Api, user_id: str):
    admin = await join_as(api, "admin")
    assert error(await api.get(path(user_id), token=admin.token)) == UNKNOWN
