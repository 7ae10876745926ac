"""LMS "Requirement Tables" in review, and what an approval opens (CONTRACT section 6)."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.factories import change_user, stored
from tests.harness import Api
from tests.lms.support import (
    UNKNOWN_ID,
    add_course,
    add_form,
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
from tests.lms.tables import (
    CHANTING,
    READING,
    SUBMISSIONS,
    TABLES,
    add_table,
    approve,
    decide,
    fill,
    mine,
    new_step,
    show_table,
    submit,
    waiting,
)
from tests.shop.people import Person

OPEN = {"message": "Row updated", "approved": True, "all_approved": False}
LAST = {"message": "Row updated", "approved": True, "all_approved": True}
WHOLE = {"message": "Requirement table approved", "approved": True, "all_approved": True}
DONE = "This requirement table is approved already; nothing in it changes now"


async def filled(api: Api, by: Person, learner: Person, step_id: str, *rows: int) -> str:
    """The submission of a new table, with some rows completed, both unless others are named."""
    table = await add_table(api, by, step_id)
    await show_table(api, by, step_id, table["id"])
    submission_id = str((await mine(api, learner, table["id"]))["submission_id"])
    await fill(api, learner, submission_id, *(rows or (1, 2)))
    return submission_id


async def mails(api: Api) -> list[tuple[str, str, str]]:
    """What was mailed: kind, address and subject, oldest first."""
    entries = await api.agora.services.outbox.recent(20)
    return [(each.kind, each.to, str(each.subject)) for each in reversed(entries)]


async def test_a_manager_reviews_a_table_by_the_documents_bodies(api: Api):
    by, learner = await manager(api), await participant(api)
    made = await new_step(api, by)
    submission_id = await filled(api, by, learner, made["id"])
    assert await waiting(api, by) == []
    await submit(api, learner, submission_id)
    (shown,) = await waiting(api, by)
    (table,) = (await api.get(TABLES, token=by.token)).body
    expected = {
        "submission_id": submission_id,
        "participant_id": learner.id,
        "requirement_table_id": table["id"],
        "table_name": "Daily Sadhana Tracker",
        "step_id": made["id"],
        "completed_rows": 2,
        "total_rows": 2,
        "approved_rows": 0,
        "submitted_at": "2025-01-18T10:00:00Z",
    }
    assert shown == expected
    api.clock.advance(minutes=1)
    body = {"approved": True, "approval_remarks": "Great job!"}
    path = f"{SUBMISSIONS}/{submission_id}/rows/1/approve?manager_id={by.id}"
    reply = await api.post(path, body, token=by.token)
    assert (reply.status, reply.body) == (200, OPEN)
    assert await waiting(api, by) == [{**expected, "approved_rows": 1}]
    row, other = (await mine(api, learner, table["id"]))["row_statuses"]
    assert (row["approved"], row["approved_by"], row["approved_at"], row["approval_remarks"]) == (
        True,
        by.id,
        "2025-01-18T10:01:00Z",
        "Great job!",
    )
    assert (other["approved"], other["approved_by"], other["approved_at"]) == (False, None, None)
    assert (await decide(api, by, submission_id, 2)).body == LAST
    seen = await mine(api, learner, table["id"])
    assert (seen["is_completed"], seen["is_approved"]) == (True, True)
    assert await waiting(api, by) == []


async def test_an_approved_table_completes_its_material_and_opens_the_next_step(api: Api):
    by, learner = await manager(api), await participant(api)
    course_id = (await add_course(api, by))["id"]
    first, second = [(await add_step(api, by, course_id))["id"] for _ in range(2)]
    submission_id = await filled(api, by, learner, first)
    await add_video(api, by, second)

    async def seen() -> tuple[bool, list[bool]]:
        material = (await step(api, learner, first))["materials"][0]
        steps = (await course(api, learner, course_id))["steps"]
        return material["is_completed"], [each["is_locked"] for each in steps]

    assert await seen() == (False, [False, True])
    material_id = (await step(api, learner, first))["materials"][0]["id"]
    reply = await api.post(f"/materials/{material_id}/complete", token=learner.token)
    assert refusal(reply)[0] == 400
    assert (await approve(api, by, submission_id)).body == WHOLE
    assert await seen() == (True, [False, False])
    (enrollment,) = await stored(api, "enrollments")
    assert enrollment["summary"]["requirements"] == {"completed": 2, "approved": 2, "total": 2}
    assert enrollment["summary"]["percentage"] == 50
    # Who shows the approved table later does not ask for it again.
    (table,) = (await api.get(TABLES, token=by.token)).body
    await show_table(api, by, first, table["id"], title="Again")
    assert await seen() == (True, [False, False])


async def test_the_table_gates_the_exam(api: Api):
    by, learner = await manager(api), await participant(api)
    made = await new_step(api, by)
    form = await add_form(api, by, step_id=made["id"])
    submission_id = await filled(api, by, learner, made["id"])
    path = f"/steps/{made['id']}/materials-complete"
    reply = await api.post(path, token=learner.token)
    assert (reply.body["can_take_exam"], reply.body["exam_id"]) == (False, form["id"])
    reply = await api.post(f"/steps/{made['id']}/exam/start", token=learner.token)
    assert reply.status == 400
    await approve(api, by, submission_id)
    reply = await api.post(path, token=learner.token)
    assert reply.body["can_take_exam"] is True
    reply = await api.post(f"/steps/{made['id']}/exam/start", token=learner.token)
    assert reply.status in (200, 201)


async def test_a_rejected_row_stays_open_and_comes_again(api: Api):
    by, learner = await manager(api), await participant(api)
    submission_id = await filled(api, by, learner, (await new_step(api, by))["id"])
    await submit(api, learner, submission_id)
    reply = await decide(api, by, submission_id, 2, approved=False, approval_remarks="More")
    assert reply.body == {"message": "Row updated", "approved": False, "all_approved": False}
    (table,) = (await api.get(TABLES, token=by.token)).body
    row = (await mine(api, learner, table["id"]))["row_statuses"][1]
    assert (row["completed"], row["approved"], row["rejected"]) == (True, False, True)
    assert (row["approved_by"], row["approval_remarks"]) == (None, "More")
    assert len(await waiting(api, by)) == 1
    # Once all that was done is decided on, it is the participant's turn.
    await decide(api, by, submission_id, 1)
    assert await waiting(api, by) == []
    api.clock.advance(minutes=1)
    await fill(api, learner, submission_id, 2)
    row = (await mine(api, learner, table["id"]))["row_statuses"][1]
    assert (row["rejected"], row["approval_remarks"]) == (False, None)
    assert row["completed_at"] == "2025-01-18T10:01:00Z"
    await submit(api, learner, submission_id)
    assert [each["approved_rows"] for each in await waiting(api, by)] == [1]
    assert (await decide(api, by, submission_id, 2)).body == LAST


async def test_an_approved_row_is_frozen(api: Api):
    by, learner = await manager(api), await participant(api)
    submission_id = await filled(api, by, learner, (await new_step(api, by))["id"])
    await decide(api, by, submission_id, 1)
    frozen = (400, "Row 1 is approved and can't be changed any more")
    body = {"serial_number": 1, "completed": False}
    reply = await api.post(f"{SUBMISSIONS}/{submission_id}/rows", body, token=learner.token)
    assert refusal(reply) == frozen
    for approved in (True, False):
        assert refusal(await decide(api, by, submission_id, 1, approved)) == frozen
    assert (await approve(api, by, submission_id)).body == WHOLE
    reply = await api.post(f"{SUBMISSIONS}/{submission_id}/rows", body, token=learner.token)
    assert refusal(reply) == (400, DONE)
    assert refusal(await approve(api, by, submission_id)) == (400, DONE)
    assert refusal(await decide(api, by, submission_id, 2)) == (400, DONE)
    assert refusal(await submit(api, learner, submission_id)) == (400, DONE)


async def test_only_completed_rows_are_decided_on(api: Api):
    by, learner = await manager(api), await participant(api)
    submission_id = await filled(api, by, learner, (await new_step(api, by))["id"], 1)
    await submit(api, learner, submission_id)
    assert [each["completed_rows"] for each in await waiting(api, by)] == [1]
    missing = (400, "Only completed rows can be decided on; not completed: 2")
    for approved in (True, False):
        assert refusal(await decide(api, by, submission_id, 2, approved)) == missing
    assert refusal(await approve(api, by, submission_id)) == missing
    for number in ("3", "0", "x", "-1", "1.0", "9" * 30, "%C2%B2"):
        path = f"{SUBMISSIONS}/{submission_id}/rows/{number}/approve"
        reply = await api.post(path, {"approved": True}, token=by.token)
        assert refusal(reply) == (404, "Row not found")
    (kept,) = await stored(api, "requirement_submissions")
    assert [row["decision"] for row in kept["rows"]] == [None, None]


async def test_what_a_decision_can_not_be_is_refused(api: Api):
    by, learner, other = await manager(api), await participant(api), await manager(api, "other")
    submission_id = await filled(api, by, learner, (await new_step(api, by))["id"])
    path = f"{SUBMISSIONS}/{submission_id}/rows/1/approve"
    long = "approval_remarks must be at most 2000 characters, without NUL"
    for body, message in (
        ({}, "approved is required"),
        ({"approved": None}, "approved is required"),
        ({"approved": "yes"}, "approved: Expected bool, got str"),
        ({"approved": True, "approval_remarks": 1}, "approval_remarks: Expected str | null"),
        ({"approved": True, "approval_remarks": "a" * 2001}, long),
    ):
        status, said = refusal(await api.post(path, body, token=by.token))
        assert (status, said[: len(message)]) == (400, message)
    whole = f"{SUBMISSIONS}/{submission_id}/approve"
    reply = await api.post(whole, {"approval_remarks": "a" * 2001}, token=by.token)
    assert refusal(reply) == (400, long)
    for manager_id, expected in (
        (other.id, (403, "manager_id must be your own")),
        ("x", (400, "manager_id must be an id of 24 hex digits")),
    ):
        for each in (path, whole):
            reply = await api.post(
                f"{each}?manager_id={manager_id}", {"approved": True}, token=by.token
            )
            assert refusal(reply) == expected
    for unknown in ("x", UNKNOWN_ID):
        for tail in ("rows/1/approve", "approve"):
            reply = await api.post(
                f"{SUBMISSIONS}/{unknown}/{tail}", {"approved": True}, token=by.token
            )
            assert refusal(reply) == (404, "Requirement submission not found")
    (kept,) = await stored(api, "requirement_submissions")
    assert [row["decision"] for row in kept["rows"]] == [None, None]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "pending"),
        ("POST", f"{UNKNOWN_ID}/approve"),
        ("POST", f"{UNKNOWN_ID}/rows/1/approve"),
    ],
)
async def test_only_managers_review(api: Api, method: str, path: str):
    learner = await participant(api)
    body = None if method == "GET" else b""
    reply = await api.call(method, f"{SUBMISSIONS}/{path}", body, token=learner.token)
    assert refusal(reply) == (403, "Manager access required")


async def test_what_waits_is_listed_by_step_and_the_longest_first(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    by, one, two = await manager(api), await participant(api), await participant(api, "two")
    steps = [(await new_step(api, by))["id"] for _ in range(2)]
    ids = {}
    for name, learner, step_id in (
        ("a", one, steps[0]),
        ("b", two, steps[1]),
        ("c", two, steps[0]),
    ):
        ids[name] = await filled(api, by, learner, step_id)
    for name, learner in (("b", two), ("c", two), ("a", one)):
        api.clock.advance(minutes=1)
        await submit(api, learner, ids[name])

    async def listed(query: str = "") -> str:
        names = {submission_id: name for name, submission_id in ids.items()}
        return "".join(names[each["submission_id"]] for each in await waiting(api, by, query))

    assert await listed() == "bca"
    assert await listed(f"?step_id={steps[0]}") == "ca"
    for wrong, message in (
        ("x", "step_id must be an id of 24 hex digits"),
        (UNKNOWN_ID, "step_id names no step"),
    ):
        reply = await api.get(f"{SUBMISSIONS}/pending?step_id={wrong}", token=by.token)
        assert refusal(reply) == (400, message)
    monkeypatch.setattr("services.lms.requirement_review._WAITING_AT_ONCE", 2)
    assert await listed() == "bc"
    await delete(api, by, f"/steps/{steps[1]}")
    assert await listed() == "ca"
    assert refusal(await approve(api, by, ids["b"]))[0] == 404


@pytest.mark.parametrize("what", ["table", "step", "course"])
async def test_of_a_table_that_is_deleted_nothing_waits(api: Api, what: str):
    by, learner = await manager(api), await participant(api)
    first, other = [await new_step(api, by) for _ in range(2)]
    table, others = [await add_table(api, by, each["id"]) for each in (first, other)]
    for table_id in (table["id"], others["id"]):
        await submit(api, learner, (await mine(api, learner, table_id))["submission_id"])
    path = {
        "table": f"{TABLES}/{table['id']}",
        "step": f"/steps/{first['id']}",
        "course": f"/courses/{first['course_id']}",
    }[what]
    assert (await delete(api, by, path)).status == 204
    kept = await stored(api, "requirement_submissions")
    assert [each["awaits_review"] for each in kept] == [False, True]


async def test_a_course_is_completed_by_its_last_table_once(api: Api):
    by, learner = await manager(api), await participant(api)
    submission_id = await filled(api, by, learner, (await new_step(api, by))["id"])
    api.clock.advance(minutes=5)
    replies = await asyncio.gather(*(decide(api, by, submission_id, row) for row in (1, 2)))
    assert sorted(reply.body["all_approved"] for reply in replies) == [False, True]
    (enrollment,) = await stored(api, "enrollments")
    assert enrollment["completed_at"] == api.clock.now
    (kept,) = await stored(api, "requirement_submissions")
    assert kept["approved_at"] == api.clock.now


async def test_of_many_approvals_at_once_one_counts(api: Api):
    by, learner = await manager(api), await participant(api)
    await change_user(api, "participant", email="ann@example.com", email_verified=True)
    submission_id = await filled(api, by, learner, (await new_step(api, by))["id"])
    replies = await asyncio.gather(*(approve(api, by, submission_id) for _ in range(6)))
    assert Counter(reply.status for reply in replies) == {200: 1, 400: 5}
    assert len(await mails(api)) == 1


async def test_a_row_is_changed_or_approved_but_never_changed_after(api: Api):
    by, learner = await manager(api), await participant(api)
    step_id = (await new_step(api, by))["id"]
    rows = [{**CHANTING, "serial_number": number} for number in range(1, 7)]
    table = await add_table(api, by, step_id, *rows)
    submission_id = (await mine(api, learner, table["id"]))["submission_id"]
    await fill(api, learner, submission_id, *range(1, 7))
    deeds: list[Any] = []
    for number in range(1, 7):
        undone = {"serial_number": number, "completed": False}
        path = f"{SUBMISSIONS}/{submission_id}/rows"
        deeds.append(api.post(path, undone, token=learner.token))
        deeds.append(decide(api, by, submission_id, number))
    replies = await asyncio.gather(*deeds)
    seen = (await mine(api, learner, table["id"]))["row_statuses"]
    for number, row in enumerate(seen):
        changed, approved = (reply.status for reply in replies[2 * number : 2 * number + 2])
        assert {changed, approved} == {200, 400}
        assert row["approved"] is row["completed"] is (approved == 200)


async def test_an_approved_table_stays_so_whatever_is_added_to_it(api: Api):
    by, learner = await manager(api), await participant(api)
    submission_id = await filled(api, by, learner, (await new_step(api, by))["id"])
    await approve(api, by, submission_id)
    (table,) = (await api.get(TABLES, token=by.token)).body
    more = {**READING, "serial_number": 3}
    path = f"{TABLES}/{table['id']}"
    await put(api, by, path, {"requirements": [CHANTING, READING, more]})
    seen = await mine(api, learner, table["id"])
    assert (len(seen["row_statuses"]), seen["is_approved"]) == (2, True)
    reply = await api.get("/participants/me/courses", token=learner.token)
    assert reply.body[0]["requirement_status"] == {"completed": 2, "approved": 2, "total": 2}
    assert reply.body[0]["is_completed"] is True


async def test_a_table_whose_open_rows_are_taken_away_can_be_approved(api: Api):
    by, learner = await manager(api), await participant(api)
    submission_id = await filled(api, by, learner, (await new_step(api, by))["id"], 1)
    await decide(api, by, submission_id, 1)
    (table,) = (await api.get(TABLES, token=by.token)).body
    await put(api, by, f"{TABLES}/{table['id']}", {"requirements": [CHANTING]})
    assert (await approve(api, by, submission_id)).body == WHOLE


@pytest.mark.parametrize("given_settings", [{"lms_managers_mail": ("boss@example.com",)}])
async def test_mails_tell_of_submissions_and_of_what_came_of_them(api: Api):
    by, learner = await manager(api), await participant(api)
    await change_user(api, "participant", email="ann@example.com", email_verified=True)
    submission_id = await filled(api, by, learner, (await new_step(api, by))["id"])
    told = [
        (
            "requirement_table_submitted",
            "boss@example.com",
            "New submission of Daily Sadhana Tracker",
        )
    ]
    for _ in range(2):
        await submit(api, learner, submission_id)
    assert await mails(api) == told
    await decide(api, by, submission_id, 1, approved=False, approval_remarks="16 please")
    assert await mails(api) == told
    await decide(api, by, submission_id, 2)
    kind, to = "requirement_table_reviewed", "ann@example.com"
    again = "Rows of Daily Sadhana Tracker are to be done again"
    told.append((kind, to, again))
    assert await mails(api) == told
    (newest, *_) = await api.agora.services.outbox.recent(1)
    assert newest.text == f"{again}.\n\nChanting Rounds: 16 please\n"
    await fill(api, learner, submission_id, 1)
    await decide(api, by, submission_id, 1, approval_remarks="Excellent!")
    told.append((kind, to, "Daily Sadhana Tracker is approved"))
    assert await mails(api) == told
    assert refusal(await decide(api, by, submission_id, 1)) == (400, DONE)
    assert await mails(api) == told


async def test_an_address_that_was_never_verified_gets_few_mails_and_no_remarks(api: Api):
    by, learner = await manager(api), await participant(api)
    await change_user(api, "participant", email="ann@example.com", email_verified=False)
    submission_id = await filled(api, by, learner, (await new_step(api, by))["id"], 1)
    for _ in range(7):
        await decide(api, by, submission_id, 1, approved=False, approval_remarks="Secret")
    entries = await api.agora.services.outbox.recent(20)
    assert [entry.text for entry in entries] == [
        "Rows of Daily Sadhana Tracker are to be done again.\n"
    ] * 5
