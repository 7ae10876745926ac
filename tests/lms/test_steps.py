"""LMS "Steps" by the document's bodies, and their order in a course."""

import asyncio
from typing import Any

import pytest

from tests.factories import stored
from tests.harness import Api
from tests.lms.support import (
    UNKNOWN_ID,
    VIDEO,
    add_course,
    add_step,
    add_video,
    course,
    delete,
    manager,
    participant,
    put,
    refusal,
    step,
    step_names,
)


async def test_a_manager_keeps_steps_by_the_documents_bodies(api: Api):
    by, reader = await manager(api), await participant(api)
    course_id = (await add_course(api, by))["id"]
    first = await add_step(api, by, course_id, "Step 1: Introduction")
    body: dict[str, Any] = {
        "course_id": course_id,
        "name": "Step 2: Advanced Concepts",
        "description": "Deeper understanding",
        "order_index": 1,
        "previous_step_id": first["id"],
        "unlock_on_exam_pass": True,
    }
    reply = await api.post("/steps", body, token=by.token)
    del body["previous_step_id"]
    shown = {
        **body,
        "id": reply.body["id"],
        "has_exam": False,
        "exam_id": None,
        "created_at": "2025-01-18T10:00:00Z",
        "updated_at": "2025-01-18T10:00:00Z",
    }
    assert (reply.status, reply.body) == (201, shown)
    assert (await course(api, reader, course_id))["default_step_id"] == first["id"]

    api.clock.advance(minutes=1)
    changes = {
        "name": "Updated Step Name",
        "description": "Updated description",
        "order_index": 0,
        "unlock_on_exam_pass": False,
    }
    reply = await put(api, by, f"/steps/{shown['id']}", changes)
    shown |= {**changes, "updated_at": "2025-01-18T10:01:00Z"}
    assert (reply.status, reply.body) == (200, shown)
    seen = await course(api, reader, course_id)
    assert seen["default_step_id"] == shown["id"]
    assert seen["steps"] == [
        {
            "id": shown["id"],
            "name": "Updated Step Name",
            "description": "Updated description",
            "order_index": 0,
            "exam_id": None,
            "is_locked": False,
        },
        {
            "id": first["id"],
            "name": "Step 1: Introduction",
            "description": "",
            "order_index": 1,
            "exam_id": None,
            "is_locked": False,
        },
    ]
    reply = await delete(api, by, f"/steps/{shown['id']}")
    assert (reply.status, reply.content) == (204, b"")
    assert refusal(await delete(api, by, f"/steps/{shown['id']}")) == (404, "Step not found")
    assert await step_names(api, by, course_id) == ["Step 1: Introduction"]


async def test_a_participant_sees_a_step_as_far_as_they_are(api: Api):
    by, learner = await manager(api), await participant(api)
    course_id = (await add_course(api, by))["id"]
    first = await add_step(api, by, course_id, "Step 1: Introduction", description="Basic")
    second = await add_step(api, by, course_id)
    video = await add_video(api, by, first["id"], description="Watch this video first")
    await add_video(api, by, first["id"], "Optional", is_mandatory=False)
    await add_video(api, by, second["id"])

    seen = await step(api, learner, first["id"], f"?participant_id={learner.id}")
    assert seen == {
        "id": first["id"],
        "name": "Step 1: Introduction",
        "description": "Basic",
        "course_id": course_id,
        "order_index": 0,
        "is_locked": False,
        "has_exam": False,
        "exam_id": None,
        "exam_info": None,
        "unlock_on_exam_pass": True,
        "materials": [
            {
                "id": video["id"],
                "material_type": "Video",
                "title": "Video",
                "description": "Watch this video first",
                "order_index": 0,
                "is_mandatory": True,
                "content": {"url": VIDEO},
                "is_completed": False,
            },
            {
                **seen["materials"][1],
                "title": "Optional",
                "order_index": 1,
                "is_mandatory": False,
            },
        ],
        "progress": {
            "is_started": False,
            "materials_completed": False,
            "completed_materials_count": 0,
            "total_materials": 2,
            "exam_status": "NotStarted",
        },
    }
    locked = await step(api, learner, second["id"])
    assert (locked["is_locked"], locked["materials"][0]["content"]) == (True, None)
    reply = await api.post(f"/materials/{video['id']}/complete", token=learner.token)
    assert reply.status == 200
    for who, query in ((learner, ""), (by, f"?participant_id={learner.id}")):
        seen = await step(api, who, first["id"], query)
        assert seen["materials"][0]["is_completed"] is True
        assert seen["progress"] == {
            "is_started": True,
            "materials_completed": True,
            "completed_materials_count": 1,
            "total_materials": 2,
            "exam_status": "NotStarted",
        }
    opened = await step(api, learner, second["id"])
    assert (opened["is_locked"], opened["materials"][0]["content"]) == (False, {"url": VIDEO})


async def test_managers_see_all_and_what_a_participant_has_still_to_open(api: Api):
    by, learner = await manager(api), await participant(api)
    course_id = (await add_course(api, by))["id"]
    await add_video(api, by, (await add_step(api, by, course_id))["id"])
    second = await add_step(api, by, course_id)
    await add_video(api, by, second["id"])
    own = await step(api, by, second["id"])
    assert (own["is_locked"], own["materials"][0]["content"]) == (False, {"url": VIDEO})
    theirs = await step(api, by, second["id"], f"?participant_id={learner.id}")
    assert (theirs["is_locked"], theirs["materials"][0]["content"]) == (True, {"url": VIDEO})
    steps = (await course(api, learner, course_id))["steps"]
    assert [each["is_locked"] for each in steps] == [False, True]
    reply = await api.get(f"/steps/{second['id']}?participant_id={by.id}", token=learner.token)
    assert reply.status == 403


async def test_steps_are_put_where_they_are_asked_for(api: Api):
    by = await manager(api)
    course_id = (await add_course(api, by))["id"]
    a = await add_step(api, by, course_id, "a")
    b = await add_step(api, by, course_id, "b")
    c = await add_step(api, by, course_id, "c", previous_step_id=a["id"])
    assert c["order_index"] == 1
    d = await add_step(api, by, course_id, "d", order_index=0, previous_step_id=b["id"])
    e = await add_step(api, by, course_id, "e", order_index=99)
    assert (d["order_index"], e["order_index"]) == (0, 4)
    assert await step_names(api, by, course_id) == ["d", "a", "c", "b", "e"]
    for changes, place, names in (
        ({"order_index": 2}, 2, "acdbe"),
        ({"order_index": 1000}, 4, "acbed"),
        ({"previous_step_id": a["id"]}, 1, "adcbe"),
        ({"name": "D"}, 1, "aDcbe"),
    ):
        reply = await put(api, by, f"/steps/{d['id']}", changes)
        assert (reply.status, reply.body["order_index"]) == (200, place)
        assert "".join(await step_names(api, by, course_id)) == names
    await delete(api, by, f"/steps/{c['id']}")
    assert "".join(await step_names(api, by, course_id)) == "aDbe"


async def test_steps_are_reordered_whole_or_in_part(api: Api):
    by = await manager(api)
    course_id = (await add_course(api, by))["id"]
    ids = {name: (await add_step(api, by, course_id, name))["id"] for name in "abcd"}
    for places, names in (
        ({"a": 1, "b": 2}, "cabd"),
        ({"a": 4, "b": 3, "c": 2, "d": 1}, "dcba"),
        ({"a": 0}, "adcb"),
    ):
        orders = [{"step_id": ids[name], "order_index": at} for name, at in places.items()]
        reply = await api.post(
            f"/courses/{course_id}/steps/reorder", {"step_orders": orders}, token=by.token
        )
        assert (reply.status, reply.body) == (200, {"message": "Steps reordered successfully"})
        assert "".join(await step_names(api, by, course_id)) == names


async def test_a_reordering_that_can_not_be_is_refused(api: Api):
    by = await manager(api)
    course_id = (await add_course(api, by))["id"]
    a, b = [(await add_step(api, by, course_id, name))["id"] for name in "ab"]
    elsewhere = (await add_step(api, by, (await add_course(api, by))["id"]))["id"]
    path = f"/courses/{course_id}/steps/reorder"
    for places, message in (
        ([], "step_orders must name at least one step"),
        ([(b, 0), (b, 1)], "step_orders names a step twice"),
        ([(b, 0), (a, 0)], "step_orders gives two steps the same order_index"),
        ([(b, -1)], "order_index must be 0 to 1000000000"),
        ([(b, 0), (elsewhere, 1)], "step_id names no step of this course"),
        ([(b, 0), (UNKNOWN_ID, 1)], "step_id names no step of this course"),
        ([("x", 0)], "step_id must be an id of 24 hex digits"),
    ):
        orders = [{"step_id": step_id, "order_index": at} for step_id, at in places]
        reply = await api.post(path, {"step_orders": orders}, token=by.token)
        assert refusal(reply) == (400, message)
    for body in ({}, {"step_orders": None}, {"step_orders": [{"step_id": a}]}):
        assert (await api.post(path, body, token=by.token)).status == 400
    unknown = {"step_orders": [{"step_id": a, "order_index": 0}]}
    reply = await api.post(f"/courses/{UNKNOWN_ID}/steps/reorder", unknown, token=by.token)
    assert refusal(reply) == (404, "Course not found")
    assert await step_names(api, by, course_id) == ["a", "b"]


async def test_what_a_step_can_not_be_is_refused(api: Api):
    by = await manager(api)
    course_id = (await add_course(api, by))["id"]
    made = await add_step(api, by, course_id)
    elsewhere = (await add_step(api, by, (await add_course(api, by))["id"]))["id"]
    for changes, message in (
        ({"name": " "}, "name must be 1 to 200 characters in one line"),
        ({"description": None}, "description can't be null"),
        ({"order_index": -1}, "order_index must be 0 to 1000000000"),
        ({"unlock_on_exam_pass": None}, "unlock_on_exam_pass can't be null"),
        (
            {"previous_step_id": elsewhere},
            "previous_step_id names no other step of this course",
        ),
        ({"previous_step_id": "x"}, "previous_step_id must be an id of 24 hex digits"),
    ):
        new = {"course_id": course_id, "name": "New", **changes}
        assert refusal(await api.post("/steps", new, token=by.token)) == (400, message)
        assert refusal(await put(api, by, f"/steps/{made['id']}", changes)) == (400, message)
    itself = await put(api, by, f"/steps/{made['id']}", {"previous_step_id": made["id"]})
    assert itself.status == 400
    for course_id, message in (
        (UNKNOWN_ID, "course_id names no course"),
        ("x", "course_id must be an id of 24 hex digits"),
        ("", "course_id is required"),
    ):
        new = {"course_id": course_id, "name": "New"}
        assert refusal(await api.post("/steps", new, token=by.token)) == (400, message)
    assert len(await stored(api, "steps")) == 2
    assert (await step(api, by, made["id"]))["name"] == "Step"


@pytest.mark.parametrize("step_id", ["x", UNKNOWN_ID])
async def test_a_step_that_is_not_there_is_404(api: Api, step_id: str):
    by = await manager(api)
    path = f"/steps/{step_id}"
    for reply in (
        await api.get(path, token=by.token),
        await put(api, by, path, {"name": "New"}),
        await delete(api, by, path),
        await put(api, by, f"{path}/exam?form_id="),
        await api.post(f"{path}/materials-complete", token=by.token),
    ):
        assert refusal(reply) == (404, "Step not found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/steps"),
        ("PUT", "/steps/{id}"),
        ("DELETE", "/steps/{id}"),
        ("PUT", "/steps/{id}/exam?form_id="),
        ("POST", "/steps/{id}/materials"),
        ("POST", "/courses/{course_id}/steps/reorder"),
    ],
)
async def test_only_managers_keep_steps(api: Api, method: str, path: str):
    by, reader = await manager(api), await participant(api)
    made = await add_step(api, by, (await add_course(api, by))["id"])
    filled = path.format(id=made["id"], course_id=made["course_id"])
    reply = await api.call(method, filled, {"name": "New"}, token=reader.token)
    assert refusal(reply) == (403, "Manager access required")
    assert (await step(api, by, made["id"]))["name"] == "Step"


async def test_the_default_step_is_the_first_until_another_is_named(api: Api):
    by, learner = await manager(api), await participant(api)
    course_id = (await add_course(api, by, is_default=True))["id"]
    first, second = [(await add_step(api, by, course_id, name))["id"] for name in "ab"]
    reply = await put(api, by, f"/courses/{course_id}", {"default_step_id": second})
    assert (reply.status, reply.body["default_step_id"]) == (200, second)
    reply = await api.post("/courses/enroll-default", token=learner.token)
    assert reply.body["current_step_id"] == second
    listed = (await api.get("/courses", token=by.token)).body
    assert [each["default_step_id"] for each in listed] == [second]
    await delete(api, by, f"/steps/{second}")
    assert (await course(api, by, course_id))["default_step_id"] == first
    reply = await put(api, by, f"/courses/{course_id}", {"default_step_id": None})
    assert reply.body["default_step_id"] == first


async def test_a_deleted_course_takes_its_steps_with_it(api: Api):
    by = await manager(api)
    course_id = (await add_course(api, by))["id"]
    made = await add_step(api, by, course_id)
    video = await add_video(api, by, made["id"])
    await delete(api, by, f"/courses/{course_id}")
    assert refusal(await api.get(f"/steps/{made['id']}", token=by.token))[0] == 404
    reply = await api.post(f"/materials/{video['id']}/complete", token=by.token)
    assert refusal(reply) == (404, "Material not found")
    assert await stored(api, "enrollments") == []


async def test_whatever_is_changed_at_once_the_places_are_dense(api: Api):
    by = await manager(api)
    course_id = (await add_course(api, by))["id"]
    ids = [(await add_step(api, by, course_id, str(number)))["id"] for number in range(6)]
    orders = [{"step_id": step_id, "order_index": at} for at, step_id in enumerate(ids[::-1])]
    body = {"course_id": course_id, "name": "new", "order_index": 1}
    replies = await asyncio.gather(
        *(api.post("/steps", body, token=by.token) for _ in range(4)),
        *(put(api, by, f"/steps/{ids[at]}", {"order_index": 5 - at}) for at in range(2)),
        *(delete(api, by, f"/steps/{ids[at]}") for at in (2, 3)),
        api.post(f"/courses/{course_id}/steps/reorder", {"step_orders": orders}, token=by.token),
    )
    assert [reply.status for reply in replies[:8]] == [201] * 4 + [200] * 2 + [204] * 2
    assert replies[8].status in (200, 400)
    assert len(await step_names(api, by, course_id)) == 8


async def test_a_step_that_is_deleted_at_once_is_not_the_default_one(api: Api):
    by = await manager(api)
    course_id = (await add_course(api, by))["id"]
    first = (await add_step(api, by, course_id, "first"))["id"]
    for _ in range(4):
        named = (await add_step(api, by, course_id, "named"))["id"]
        replies = await asyncio.gather(
            put(api, by, f"/courses/{course_id}", {"default_step_id": named}),
            delete(api, by, f"/steps/{named}"),
            put(api, by, f"/courses/{course_id}", {"default_step_id": named}),
        )
        assert replies[1].status == 204
        assert {replies[0].status, replies[2].status} <= {200, 400}
        assert (await course(api, by, course_id))["default_step_id"] == first
