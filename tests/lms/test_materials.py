"""LMS "Materials" by the document's bodies, and completing them."""

import asyncio
from typing import Any

import pytest
from bson import ObjectId

from repositories.lms.requirement_tables import RequirementTableRepository
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
)

CREATE: dict[str, Any] = {
    "material_type": "Video",
    "title": "Introduction Video",
    "description": "Watch this video first",
    "content": {"url": VIDEO},
    "order_index": 0,
    "is_mandatory": True,
}
UPDATE: dict[str, Any] = {
    "title": "Updated Title",
    "description": "Updated description",
    "content": {"url": "https://new-url.com"},
}


async def add_table(api: Api, step_id: str, course_id: str) -> str:
    """A requirement table of a step, past HTTP."""
    table_id = ObjectId()
    table = {
        "_id": table_id,
        "step_id": ObjectId(step_id),
        "course_id": ObjectId(course_id),
        "requirements": [{"serial_number": 1, "activity": "a", "target": 16, "unit": "rounds"}],
        "is_deleted": False,
    }
    await RequirementTableRepository(api.agora.storage).insert(table, tx=None)
    return str(table_id)


async def test_a_manager_keeps_materials_by_the_documents_bodies(api: Api):
    by = await manager(api)
    made = await add_step(api, by, (await add_course(api, by))["id"])
    reply = await api.post(f"/steps/{made['id']}/materials", CREATE, token=by.token)
    shown = {
        **CREATE,
        "id": reply.body["id"],
        "step_id": made["id"],
        "created_at": "2025-01-18T10:00:00Z",
        "updated_at": "2025-01-18T10:00:00Z",
    }
    assert (reply.status, reply.body) == (201, shown)
    api.clock.advance(minutes=1)
    reply = await put(api, by, f"/materials/{shown['id']}", UPDATE)
    shown |= {**UPDATE, "updated_at": "2025-01-18T10:01:00Z"}
    assert (reply.status, reply.body) == (200, shown)
    reply = await delete(api, by, f"/materials/{shown['id']}")
    assert (reply.status, reply.content) == (204, b"")
    for reply in (
        await delete(api, by, f"/materials/{shown['id']}"),
        await put(api, by, f"/materials/{shown['id']}", UPDATE),
        await api.post(f"/materials/{shown['id']}/complete", token=by.token),
        await api.post("/materials/x/complete", token=by.token),
    ):
        assert refusal(reply) == (404, "Material not found")
    assert (await step(api, by, made["id"]))["materials"] == []
    reply = await api.post(f"/steps/{UNKNOWN_ID}/materials", CREATE, token=by.token)
    assert refusal(reply) == (404, "Step not found")


async def test_the_content_fits_the_type(api: Api):
    by = await manager(api)
    course_id = (await add_course(api, by))["id"]
    made = await add_step(api, by, course_id)
    table_id = await add_table(api, made["id"], course_id)
    book = {"url": "https://example.com/book", "title": "Book Name"}
    for material_type, content in (
        ("BookLink", book),
        ("Document", {"url": "http://example.com/a.pdf"}),
        ("Audio", {"url": VIDEO, "unknown": 1}),
        ("RequirementTable", {"requirement_table_id": table_id}),
    ):
        body = {**CREATE, "material_type": material_type, "content": content}
        reply = await api.post(f"/steps/{made['id']}/materials", body, token=by.token)
        kept = {name: value for name, value in content.items() if name != "unknown"}
        assert (reply.status, reply.body["content"]) == (201, kept)
    path = f"/materials/{reply.body['id']}"
    reply = await put(api, by, path, {"material_type": "Video"})
    assert refusal(reply) == (
        400,
        "content.url is required for this type and must be a text",
    )
    reply = await put(api, by, path, {"material_type": "BookLink", "content": book})
    assert (reply.body["material_type"], reply.body["content"]) == ("BookLink", book)
    (kept_material,) = await stored(api, "materials", {"_id": ObjectId(reply.body["id"])})
    assert "requirement_table_id" not in kept_material


async def test_what_a_material_can_not_be_is_refused(api: Api):
    by = await manager(api)
    course_id = (await add_course(api, by))["id"]
    made = await add_step(api, by, course_id)
    video = await add_video(api, by, made["id"])
    before = await step(api, by, made["id"])
    elsewhere = await add_table(api, (await add_step(api, by, course_id))["id"], course_id)
    url = "content.url must be a whole address of at most 2000 characters that begins with "
    table: dict[str, Any] = {"material_type": "RequirementTable"}
    wrong: list[tuple[dict[str, Any], str]] = [
        (
            {"material_type": "video"},
            "material_type must be one of RequirementTable, Video, BookLink, Document, Audio",
        ),
        ({"title": " "}, "title must be 1 to 200 characters in one line"),
        ({"content": {}}, "content.url is required for this type and must be a text"),
        ({"content": {"url": 1}}, "content.url is required for this type and must be a text"),
        ({"content": {"url": "javascript:alert(1)"}}, url),
        ({"content": {"url": "//example.com"}}, url),
        ({"content": {"url": "https://"}}, url),
        ({"content": {"url": "https://[x"}}, url),
        ({"content": {"url": "https://example.com/a b"}}, url),
        ({"content": {"url": "https://example.com/" + "a" * 2000}}, url),
        ({"content": None}, ""),
        ({"content": []}, ""),
        (
            {"material_type": "BookLink", "content": {"url": VIDEO}},
            "content.title is required for this type and must be a text",
        ),
        (
            {**table, "content": {"url": VIDEO}},
            "content.requirement_table_id is required for this type and must be a text",
        ),
        (
            {**table, "content": {"requirement_table_id": "x"}},
            "content.requirement_table_id must be an id of 24 hex digits",
        ),
        (
            {**table, "content": {"requirement_table_id": elsewhere}},
            "content.requirement_table_id names no requirement table of this step",
        ),
        ({"order_index": -1}, "order_index must be 0 to 1000000000"),
        ({"is_mandatory": None}, "is_mandatory can't be null"),
    ]
    for changes, message in wrong:
        for reply in (
            await api.post(f"/steps/{made['id']}/materials", {**CREATE, **changes}, token=by.token),
            await put(api, by, f"/materials/{video['id']}", changes),
        ):
            status, said = refusal(reply)
            assert (status, said[: len(message)]) == (400, message), changes
    for missing in ("material_type", "title", "content"):
        body = {name: value for name, value in CREATE.items() if name != missing}
        reply = await api.post(f"/steps/{made['id']}/materials", body, token=by.token)
        assert refusal(reply) == (400, f"{missing} is required")
    assert await step(api, by, made["id"]) == before


async def test_materials_stay_in_a_dense_order(api: Api):
    by = await manager(api)
    made = await add_step(api, by, (await add_course(api, by))["id"])
    ids = {name: (await add_video(api, by, made["id"], name))["id"] for name in "abc"}
    ids["d"] = (await add_video(api, by, made["id"], "d", order_index=0))["id"]
    assert (await add_video(api, by, made["id"], "e", order_index=99))["order_index"] == 4

    async def names() -> str:
        materials = (await step(api, by, made["id"]))["materials"]
        assert [each["order_index"] for each in materials] == list(range(len(materials)))
        return "".join(each["title"] for each in materials)

    assert await names() == "dabce"
    reply = await put(api, by, f"/materials/{ids['d']}", {"order_index": 3})
    assert reply.body["order_index"] == 3
    assert await names() == "abcde"
    await asyncio.gather(*(delete(api, by, f"/materials/{ids[name]}") for name in "ac"))
    assert await names() == "bde"


async def test_a_participant_completes_materials_one_by_one(api: Api):
    by, learner = await manager(api), await participant(api)
    course_id = (await add_course(api, by))["id"]
    first, second = [(await add_step(api, by, course_id))["id"] for _ in range(2)]
    videos = [(await add_video(api, by, first))["id"] for _ in range(2)]
    last = (await add_video(api, by, second))["id"]
    reply = await api.post(f"/materials/{last}/complete", token=learner.token)
    assert refusal(reply) == (403, "This step is locked; complete the one before it first")
    assert await stored(api, "enrollments") == []
    path = f"/materials/{videos[0]}/complete?participant_id={learner.id}"
    for _ in range(2):
        reply = await api.post(path, token=learner.token)
        assert (reply.status, reply.body) == (
            200,
            {"message": "Material marked as complete", "material_id": videos[0]},
        )
    locks = [each["is_locked"] for each in (await course(api, learner, course_id))["steps"]]
    assert locks == [False, True]
    await api.post(f"/materials/{videos[1]}/complete", token=learner.token)
    api.clock.advance(minutes=5)
    assert (await api.post(f"/materials/{last}/complete", token=learner.token)).status == 200
    (kept,) = await stored(api, "enrollments")
    assert kept["completed_at"] == api.clock.now
    assert (kept["summary"]["completed_steps"], kept["summary"]["percentage"]) == (2, 100)
    api.clock.advance(minutes=5)
    await api.post(f"/materials/{last}/complete", token=learner.token)
    (again,) = await stored(api, "enrollments")
    assert again["completed_at"] == kept["completed_at"]
    assert again["last_activity_at"] == api.clock.now


async def test_all_materials_but_requirement_tables_are_completed_at_once(api: Api):
    by, learner = await manager(api), await participant(api)
    course_id = (await add_course(api, by))["id"]
    first, second = [(await add_step(api, by, course_id))["id"] for _ in range(2)]
    for mandatory in (True, False):
        await add_video(api, by, first, is_mandatory=mandatory)
    path = f"/steps/{first}/materials-complete"
    done = {"message": "All materials marked as complete", "can_take_exam": False, "exam_id": None}
    for _ in range(2):
        reply = await api.post(f"{path}?participant_id={learner.id}", token=learner.token)
        assert (reply.status, reply.body) == (200, done)
    seen = await step(api, learner, first)
    assert [each["is_completed"] for each in seen["materials"]] == [True, True]

    table_id = await add_table(api, first, course_id)
    body = {
        **CREATE,
        "material_type": "RequirementTable",
        "content": {"requirement_table_id": table_id},
        "order_index": 2,
    }
    table = (await api.post(f"/steps/{first}/materials", body, token=by.token)).body
    await api.post(path, token=learner.token)
    seen = await step(api, learner, first)
    assert [each["is_completed"] for each in seen["materials"]] == [True, True, False]
    assert seen["progress"]["materials_completed"] is False
    reply = await api.post(f"/materials/{table['id']}/complete", token=learner.token)
    assert refusal(reply) == (
        400,
        "A requirement table is complete once it is approved; submit it instead",
    )
    reply = await api.post(f"/steps/{second}/materials-complete", token=learner.token)
    assert refusal(reply)[0] == 403


async def test_a_manager_acts_for_a_participant_and_nothing_is_locked(api: Api):
    by, learner, other = await manager(api), await participant(api), await participant(api, "b")
    course_id = (await add_course(api, by))["id"]
    first, second = [(await add_step(api, by, course_id))["id"] for _ in range(2)]
    await add_video(api, by, first)
    video = (await add_video(api, by, second))["id"]
    path = f"/materials/{video}/complete?participant_id="
    assert (await api.post(path + other.id, token=learner.token)).status == 403
    assert (await api.post(path + UNKNOWN_ID, token=by.token)).status == 400
    assert (await api.post(path + learner.id, token=by.token)).status == 200
    assert (await api.post(path + by.id, token=by.token)).status == 200
    kept = await stored(api, "step_progress")
    assert {str(each["participant_id"]) for each in kept} == {learner.id, by.id}
    locks = [each["is_locked"] for each in (await course(api, learner, course_id))["steps"]]
    assert locks == [False, True]


async def test_materials_completed_at_once_are_all_kept(api: Api):
    by, learner = await manager(api), await participant(api)
    course_id = (await add_course(api, by))["id"]
    made = await add_step(api, by, course_id)
    videos = [(await add_video(api, by, made["id"]))["id"] for _ in range(6)]
    replies = await asyncio.gather(
        *(api.post(f"/materials/{video}/complete", token=learner.token) for video in videos * 2)
    )
    assert {reply.status for reply in replies} == {200}
    (progress,) = await stored(api, "step_progress")
    assert sorted(map(str, progress["completed_material_ids"])) == sorted(videos)
    (enrollment,) = await stored(api, "enrollments")
    assert enrollment["summary"]["percentage"] == 100
    assert enrollment["completed_at"] == api.clock.now


async def test_no_one_joins_an_inactive_course_by_acting_in_it(api: Api):
    by, learner = await manager(api), await participant(api)
    course_id = (await add_course(api, by, is_active=False))["id"]
    made = await add_step(api, by, course_id)
    reply = await api.post(f"/steps/{made['id']}/materials-complete", token=learner.token)
    assert refusal(reply) == (400, "This course is not active and can't be joined")


@pytest.mark.parametrize(("method", "body"), [("PUT", UPDATE), ("DELETE", None)])
async def test_only_managers_keep_materials(api: Api, method: str, body: Any):
    by, reader = await manager(api), await participant(api)
    made = await add_step(api, by, (await add_course(api, by))["id"])
    video = await add_video(api, by, made["id"])
    reply = await api.call(method, f"/materials/{video['id']}", body, token=reader.token)
    assert refusal(reply) == (403, "Manager access required")
    assert (await step(api, by, made["id"]))["materials"][0]["title"] == "Video"
