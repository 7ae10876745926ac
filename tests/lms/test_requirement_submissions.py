"""LMS "Requirement Tables" as participants fill them."""

import asyncio
from typing import Any

import pytest
from bson import ObjectId

from tests.factories import stored
from tests.harness import Api
from tests.lms.support import (
    UNKNOWN_ID,
    add_course,
    add_step,
    add_video,
    delete,
    manager,
    participant,
    put,
    refusal,
)
from tests.lms.tables import (
    CHANTING,
    READING,
    SUBMISSIONS,
    TABLES,
    add_table,
    decide,
    fill,
    mine,
    new_step,
    submit,
)

UNTOUCHED = {
    "completed": False,
    "completed_value": None,
    "remarks": None,
    "completed_at": None,
    "approved": False,
    "rejected": False,
    "approved_by": None,
    "approved_at": None,
    "approval_remarks": None,
}
ENTRY: dict[str, Any] = {
    "serial_number": 1,
    "completed": True,
    "completed_value": 16,
    "remarks": "Completed on time",
}


async def test_a_participant_fills_a_table_by_the_documents_bodies(api: Api):
    by, learner = await manager(api), await participant(api)
    table = await add_table(api, by, (await new_step(api, by))["id"])
    seen = await mine(api, learner, table["id"])
    submission_id = seen["submission_id"]
    shown: dict[str, Any] = {
        "submission_id": submission_id,
        "requirement_table": {
            "id": table["id"],
            "name": "Daily Sadhana Tracker",
            "description": "Track your daily spiritual practices",
        },
        "row_statuses": [{**CHANTING, **UNTOUCHED}, {**READING, **UNTOUCHED}],
        "is_completed": False,
        "is_approved": False,
        "submitted_at": None,
    }
    assert seen == shown
    rows_path = f"{SUBMISSIONS}/{submission_id}/rows?participant_id={learner.id}"
    reply = await api.post(rows_path, ENTRY, token=learner.token)
    assert (reply.status, reply.body) == (200, {"message": "Row updated", "is_completed": False})
    api.clock.advance(minutes=5)
    done = {"serial_number": 2, "completed": True, "completed_value": 2.5}
    reply = await api.post(rows_path, done, token=learner.token)
    assert reply.body == {"message": "Row updated", "is_completed": True}
    api.clock.advance(minutes=5)
    reply = await submit(api, learner, submission_id)
    assert (reply.status, reply.body) == (
        200,
        {"message": "Submitted for review", "submitted_at": "2025-01-18T10:10:00Z"},
    )
    shown["row_statuses"][0] |= {**ENTRY, "completed_at": "2025-01-18T10:00:00Z"}
    shown["row_statuses"][1] |= {**done, "completed_at": "2025-01-18T10:05:00Z"}
    shown |= {"is_completed": True, "submitted_at": "2025-01-18T10:10:00Z"}
    assert await mine(api, learner, table["id"]) == shown


async def test_what_a_row_does_not_say_stays_as_it_was(api: Api):
    by, learner = await manager(api), await participant(api)
    table = await add_table(api, by, (await new_step(api, by))["id"])
    submission_id = (await mine(api, learner, table["id"]))["submission_id"]
    path = f"{SUBMISSIONS}/{submission_id}/rows"
    await api.post(path, ENTRY, token=learner.token)
    api.clock.advance(minutes=5)
    await fill(api, learner, submission_id, 1)
    row = (await mine(api, learner, table["id"]))["row_statuses"][0]
    assert row == {**CHANTING, **UNTOUCHED, **ENTRY, "completed_at": "2025-01-18T10:00:00Z"}
    undone = {"serial_number": 1, "completed": False, "completed_value": None, "remarks": None}
    await api.post(path, undone, token=learner.token)
    row = (await mine(api, learner, table["id"]))["row_statuses"][0]
    assert row == {**CHANTING, **UNTOUCHED}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"serial_number": 3}, "serial_number names no row of this table"),
    ({"serial_number": -1}, "serial_number names no row of this table"),
    ({"serial_number": "1"}, "serial_number: Expected int, got str"),
    ({"serial_number": None}, "serial_number is required"),
    ({"completed": None}, "completed is required"),
    ({"completed": "true"}, "completed: Expected bool, got str"),
    ({"completed": 1}, "completed: Expected bool, got int"),
    ({"completed_value": -1}, "completed_value must be 0 to 1000000000"),
    ({"completed_value": 10**20}, "completed_value must be 0 to 1000000000"),
    ({"completed_value": "16"}, "completed_value: Expected int | float | null, got str"),
    ({"completed_value": True}, "completed_value: Expected int | float | null, got bool"),
    ({"remarks": 1}, "remarks: Expected str | null, got int"),
    ({"remarks": "a" * 2001}, "remarks must be at most 2000 characters, without NUL"),
    ({"remarks": "\x00"}, "remarks must be at most 2000 characters, without NUL"),
]


async def test_what_a_row_can_not_be_is_refused(api: Api):
    by, learner = await manager(api), await participant(api)
    table = await add_table(api, by, (await new_step(api, by))["id"])
    before = await mine(api, learner, table["id"])
    path = f"{SUBMISSIONS}/{before['submission_id']}/rows"
    for changes, message in WRONG:
        reply = await api.post(path, {**ENTRY, **changes}, token=learner.token)
        assert refusal(reply) == (400, message)
    assert await mine(api, learner, table["id"]) == before


async def test_a_submission_is_its_participants_own(api: Api):
    by, learner, other = await manager(api), await participant(api), await participant(api, "b")
    table = await add_table(api, by, (await new_step(api, by))["id"])
    before = await mine(api, learner, table["id"])
    path = f"{SUBMISSIONS}/{before['submission_id']}"
    theirs = "This submission is another participant's; managers name them in participant_id"
    for caller, query, expected in (
        (other, "", (403, theirs)),
        (by, "", (403, theirs)),
        (by, f"?participant_id={other.id}", (403, theirs)),
        (
            other,
            f"?participant_id={learner.id}",
            (403, "participant_id must be your own; only managers act for others"),
        ),
        (by, f"?participant_id={UNKNOWN_ID}", (400, "participant_id names no account")),
        (learner, "?participant_id=x", (400, "participant_id must be an id of 24 hex digits")),
    ):
        for deed, body in (("rows", ENTRY), ("submit", None)):
            reply = await api.post(f"{path}/{deed}{query}", body, token=caller.token)
            assert refusal(reply) == expected
    query = f"?participant_id={learner.id}"
    reply = await api.get(f"{TABLES}/{table['id']}/my-submission{query}", token=other.token)
    assert reply.status == 403
    assert await mine(api, by, table["id"], query) == before
    assert len(await stored(api, "requirement_submissions")) == 1
    for deed, body in (("rows", ENTRY), ("submit", None)):
        reply = await api.post(f"{path}/{deed}{query}", body, token=by.token)
        assert reply.status == 200
    for unknown in ("x", table["id"]):
        for deed, body in (("rows", ENTRY), ("submit", None)):
            reply = await api.post(f"{SUBMISSIONS}/{unknown}/{deed}", body, token=learner.token)
            assert refusal(reply) == (404, "Requirement submission not found")


async def test_the_table_of_a_locked_step_waits(api: Api):
    by, learner = await manager(api), await participant(api)
    course_id = (await add_course(api, by))["id"]
    first, second = [(await add_step(api, by, course_id))["id"] for _ in range(2)]
    video = await add_video(api, by, first)
    table = await add_table(api, by, second)
    path = f"{TABLES}/{table['id']}/my-submission"
    reply = await api.get(path, token=learner.token)
    assert refusal(reply) == (403, "This step is locked; complete the one before it first")
    assert await stored(api, "enrollments") == []
    assert await stored(api, "requirement_submissions") == []
    await api.post(f"/materials/{video['id']}/complete", token=learner.token)
    submission_id = (await mine(api, learner, table["id"]))["submission_id"]
    await add_video(api, by, (await add_step(api, by, course_id, order_index=1))["id"])
    reply = await submit(api, learner, submission_id)
    assert refusal(reply)[0] == 403
    reply = await api.get(f"{TABLES}/{UNKNOWN_ID}/my-submission", token=learner.token)
    assert refusal(reply) == (404, "Requirement table not found")


async def test_the_first_look_enrolls_and_begins_the_step(api: Api):
    by, learner = await manager(api), await participant(api)
    made = await new_step(api, by)
    table = await add_table(api, by, made["id"])
    replies = await asyncio.gather(*(mine(api, learner, table["id"]) for _ in range(6)))
    assert len({each["submission_id"] for each in replies}) == 1
    (enrollment,) = await stored(api, "enrollments")
    assert enrollment["summary"]["is_started"] is True
    assert enrollment["summary"]["requirements"] == {"completed": 0, "approved": 0, "total": 2}
    (progress,) = await stored(api, "step_progress")
    assert str(progress["step_id"]) == made["id"]
    assert len(await stored(api, "requirement_submissions")) == 1


async def test_no_one_joins_an_inactive_course_by_its_table(api: Api):
    by, learner = await manager(api), await participant(api)
    course = await add_course(api, by, is_active=False)
    table = await add_table(api, by, (await add_step(api, by, course["id"]))["id"])
    reply = await api.get(f"{TABLES}/{table['id']}/my-submission", token=learner.token)
    assert refusal(reply) == (400, "This course is not active and can't be joined")


async def test_rows_filled_at_once_are_all_kept_and_counted(api: Api):
    by, learner = await manager(api), await participant(api)
    rows = [{**CHANTING, "serial_number": number} for number in range(1, 9)]
    table = await add_table(api, by, (await new_step(api, by))["id"], *rows)
    submission_id = (await mine(api, learner, table["id"]))["submission_id"]
    replies = await asyncio.gather(
        *(fill(api, learner, submission_id, number) for number in range(1, 9))
    )
    assert sum(reply.body["is_completed"] for reply in replies) == 1
    assert (await mine(api, learner, table["id"]))["is_completed"] is True
    (enrollment,) = await stored(api, "enrollments")
    assert enrollment["summary"]["requirements"] == {"completed": 8, "approved": 0, "total": 8}


async def test_what_was_done_outlives_a_change_of_the_table(api: Api):
    by, learner = await manager(api), await participant(api)
    table = await add_table(api, by, (await new_step(api, by))["id"])
    submission_id = (await mine(api, learner, table["id"]))["submission_id"]
    await fill(api, learner, submission_id, 1, 2)
    await decide(api, by, submission_id, 1)
    more = {"serial_number": 3, "activity": "Service", "target": 1, "unit": "hours"}
    changed = {**READING, "target": 45}
    rows = [{**CHANTING, "target": 32}, changed, more]
    await put(api, by, f"{TABLES}/{table['id']}", {"requirements": rows})
    first, second, third = (await mine(api, learner, table["id"]))["row_statuses"]
    # Approved is what was asked for then.
    assert (first["target"], first["approved"]) == (16, True)
    assert (second["target"], second["completed"]) == (45, True)
    assert third == {**more, **UNTOUCHED}
    await put(api, by, f"{TABLES}/{table['id']}", {"requirements": [more]})
    seen = await mine(api, learner, table["id"])
    assert [row["serial_number"] for row in seen["row_statuses"]] == [3]
    reply = await api.post(f"{SUBMISSIONS}/{submission_id}/rows", ENTRY, token=learner.token)
    assert refusal(reply) == (400, "serial_number names no row of this table")


async def test_a_table_that_is_gone_takes_nothing_any_more(api: Api):
    by, learner = await manager(api), await participant(api)
    table = await add_table(api, by, (await new_step(api, by))["id"])
    submission_id = (await mine(api, learner, table["id"]))["submission_id"]
    await delete(api, by, f"{TABLES}/{table['id']}")
    for path, body in (("rows", ENTRY), ("submit", None)):
        reply = await api.post(f"{SUBMISSIONS}/{submission_id}/{path}", body, token=learner.token)
        assert refusal(reply) == (404, "Requirement table not found")
    assert len(await stored(api, "requirement_submissions")) == 1


async def test_a_deleted_account_leaves_no_submissions(api: Api):
    by, learner = await manager(api), await participant(api)
    table = await add_table(api, by, (await new_step(api, by))["id"])
    await mine(api, learner, table["id"])
    kept = await mine(api, by, table["id"])
    reply = await api.call("DELETE", "/api/user/", token=learner.token)
    assert reply.status in (200, 204)
    (left,) = await stored(api, "requirement_submissions")
    assert left["_id"] == ObjectId(kept["submission_id"])


@pytest.mark.parametrize("path", ["rows", "submit"])
async def test_a_participant_who_is_not_signed_in_is_refused(api: Api, path: str):
    reply = await api.post(f"{SUBMISSIONS}/{UNKNOWN_ID}/{path}", ENTRY)
    assert refusal(reply)[0] == 401
