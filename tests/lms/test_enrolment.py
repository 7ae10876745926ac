"""Joining courses (LMS "Enroll in Default Course"; CONTRACT section 6)."""

import asyncio

import pytest

from tests.factories import change_user, stored
from tests.harness import Api
from tests.lms.support import UNKNOWN_ID, add_course, delete, manager, participant, put, refusal
from tests.shop.people import join_as


async def test_somebody_joins_the_default_course_and_joining_again_is_as_once(api: Api):
    by, learner = await manager(api), await participant(api)
    assert refusal(await api.post("/courses/enroll-default", token=learner.token)) == (
        400,
        "There is no default course yet; a manager has to set one",
    )
    made = await add_course(api, by, "Bhakti Shastri Course", is_default=True)
    path = f"/courses/enroll-default?participant_id={learner.id}"
    for _ in range(2):
        reply = await api.post(path, token=learner.token)
        assert (reply.status, reply.body) == (
            200,
            {
                "message": "Enrolled in default course",
                "course_id": made["id"],
                "course_name": "Bhakti Shastri Course",
                "current_step_id": None,
            },
        )
        api.clock.advance(minutes=1)
    (kept,) = await stored(api, "enrollments")
    assert (str(kept["participant_id"]), str(kept["course_id"])) == (learner.id, made["id"])
    assert (kept["last_activity_at"] - kept["enrolled_at"]).total_seconds() == 60
    assert kept["completed_at"] is None


async def test_a_course_is_joined_by_name(api: Api):
    by, learner = await manager(api), await participant(api)
    made = await add_course(api, by)
    replies = await asyncio.gather(
        *(api.post(f"/courses/{made['id']}/enroll", token=learner.token) for _ in range(8))
    )
    for reply in replies:
        assert reply.status == 200
        assert reply.body["message"] == "Enrolled in course"
    assert len(await stored(api, "enrollments")) == 1


async def test_an_inactive_course_is_listed_and_can_not_be_joined(api: Api):
    by, learner, late = await manager(api), await participant(api), await participant(api, "late")
    made = await add_course(api, by, is_default=True)
    path = f"/courses/{made['id']}"
    assert (await api.post(f"{path}/enroll", token=learner.token)).status == 200
    assert (await put(api, by, path, {"is_active": False})).status == 200
    message = "This course is not active and can't be joined"
    assert refusal(await api.post(f"{path}/enroll", token=late.token)) == (400, message)
    assert refusal(await api.post("/courses/enroll-default", token=late.token)) == (400, message)
    assert (await api.post(f"{path}/enroll", token=learner.token)).status == 200
    assert len((await api.get("/courses", token=late.token)).body) == 1
    assert len(await stored(api, "enrollments")) == 1


async def test_only_managers_enroll_others_and_only_accounts_that_are_there(api: Api):
    by, learner, other = await manager(api), await participant(api), await participant(api, "b")
    await add_course(api, by, is_default=True)
    path = "/courses/enroll-default?participant_id="
    assert refusal(await api.post(path + other.id, token=learner.token)) == (
        403,
        "participant_id must be your own; only managers act for others",
    )
    assert refusal(await api.post(path + UNKNOWN_ID, token=by.token)) == (
        400,
        "participant_id names no account",
    )
    for malformed in ("x", ""):
        assert refusal(await api.post(path + malformed, token=learner.token)) == (
            400,
            "participant_id must be an id of 24 hex digits",
        )
    assert await stored(api, "enrollments") == []
    assert (await api.post(path + other.id, token=by.token)).status == 200
    (kept,) = await stored(api, "enrollments")
    assert str(kept["participant_id"]) == other.id


async def test_a_deleted_course_is_gone_and_its_enrollments_stay(api: Api):
    by, learner = await manager(api), await participant(api)
    made = await add_course(api, by)
    await api.post(f"/courses/{made['id']}/enroll", token=learner.token)
    await delete(api, by, f"/courses/{made['id']}")
    reply = await api.post(f"/courses/{made['id']}/enroll", token=learner.token)
    assert refusal(reply) == (404, "Course not found")
    assert len(await stored(api, "enrollments")) == 1


async def test_an_account_that_ends_leaves_no_enrollment(api: Api):
    by, learner, other = await manager(api), await participant(api), await participant(api, "b")
    await add_course(api, by, is_default=True)
    await api.post("/courses/enroll-default", token=other.token)
    joining = (api.post("/courses/enroll-default", token=learner.token) for _ in range(3))
    replies = await asyncio.gather(*joining, api.call("DELETE", "/api/user/", token=learner.token))
    assert {reply.status for reply in replies} <= {200, 400, 401}
    (kept,) = await stored(api, "enrollments")
    assert str(kept["participant_id"]) == other.id


@pytest.mark.parametrize(
    ("rank", "status"),
    [
        ("user", 403),
        ("customer_experience", 403),
        ("users_admin", 403),
        ("manager", 201),
        ("admin", 201),
        ("superadmin", 201),
    ],
)
async def test_managers_are_managers_and_admins(api: Api, rank: str, status: int):
    token = (await join_as(api, rank)).token
    assert (await api.post("/courses", {"name": "Course"}, token=token)).status == status


async def test_an_admin_with_limits_is_no_manager(api: Api):
    by = await manager(api)
    await change_user(api, "manager", roles=["user", "admin"], permissions=["manage_users"])
    reply = await api.post("/courses", {"name": "Course"}, token=by.token)
    assert refusal(reply) == (403, "Manager access required")
    await change_user(api, "manager", permissions=None)
    assert (await api.post("/courses", {"name": "Course"}, token=by.token)).status == 201
