"""What managers see of everybody who takes a course or sits an exam."""

import csv
import io
from typing import Any

import pytest
from bson import ObjectId
from tornado.simple_httpclient import HTTPStreamClosedError

from handlers.lms.overviews import CourseResultsHandler
from handlers.lms.results_csv import as_csv
from services.lms.form_statistics import Tally
from tests.factories import change_user, stored
from tests.harness import Api
from tests.lms.support import (
    UNKNOWN_ID,
    add_course,
    add_form,
    add_step,
    add_video,
    manager,
    participant,
    refusal,
)
from tests.shop.people import Person, join

AT = "2025-01-18T10:00:00Z"


async def enroll(api: Api, by: Person, course: dict[str, Any]) -> None:
    """Join a course."""
    reply = await api.post(f"/courses/{course['id']}/enroll", token=by.token)
    assert reply.status == 200, reply


async def complete(api: Api, by: Person, material: dict[str, Any]) -> None:
    """Complete a material."""
    reply = await api.post(f"/materials/{material['id']}/complete", token=by.token)
    assert reply.status == 200, reply


def attempt(of: str, form: dict[str, Any], status: str, **fields: Any) -> dict[str, Any]:
    """An attempt at an exam, with what statistics look at."""
    return {
        "_id": ObjectId(),
        "participant_id": ObjectId(of),
        "form_id": ObjectId(form["id"]),
        "attempt_number": 1,
        "status": status,
        "is_open": status == "InProgress",
        "is_awaiting_review": status in ("Submitted", "UnderReview"),
        "mcq_score": None,
        "theory_score": None,
        "mcq_marks": [],
        "theory_marks": [],
        **fields,
    }


def marked(mcq: int, theory: int | None) -> dict[str, Any]:
    """What an attempt has for its two questions."""
    marks = [] if theory is None else [{"question_id": "q2", "marks": theory}]
    return {
        "mcq_score": mcq,
        "mcq_marks": [{"question_id": "q1", "marks": mcq}],
        "theory_score": theory,
        "theory_marks": marks,
    }


async def test_a_manager_sees_who_takes_a_course_page_by_page(api: Api):
    by, course = await manager(api), await add_course(api, await manager(api, "author"))
    step = await add_step(api, by, course["id"], "Step 1")
    video = await add_video(api, by, step["id"])
    await add_video(api, by, step["id"])
    learners = [await participant(api, f"learner{number}") for number in range(3)]
    await change_user(api, "learner1", first_name="Ann", last_name="Lee")
    for learner in learners:
        await enroll(api, learner, course)
        api.clock.advance(minutes=1)
    await complete(api, learners[1], video)
    path = f"/courses/{course['id']}/participants"
    reply = await api.get(f"{path}?page=1&page_size=2", token=by.token)
    assert reply.status == 200
    assert reply.body["meta"] == {
        "page": 1,
        "page_size": 2,
        "total_items": 3,
        "total_pages": 2,
        "has_next": True,
        "has_prev": False,
    }
    first, second = reply.body["data"]
    assert (first["participant_id"], first["name"]) == (learners[0].id, "learner0")
    assert second == {
        "participant_id": learners[1].id,
        "name": "Ann Lee",
        "current_step": {"step_id": step["id"], "step_name": "Step 1", "order_index": 0},
        "progress": {"completed_steps": 0, "total_steps": 1, "percentage": 0},
        "step_progress": {
            "is_started": True,
            "materials_completed": False,
            "exam_status": "NotStarted",
        },
        "is_completed": False,
        "enrolled_at": "2025-01-18T10:01:00Z",
        "last_activity_at": "2025-01-18T10:03:00Z",
        "completed_at": None,
    }
    last = await api.get(f"{path}?page=2&page_size=2", token=by.token)
    assert [each["participant_id"] for each in last.body["data"]] == [learners[2].id]
    beyond = await api.get(f"{path}?page=3&page_size=2", token=by.token)
    assert (beyond.status, beyond.body["data"]) == (200, [])
    # What was added since is counted, for those too who did nothing since.
    await add_step(api, by, course["id"], "Step 2")
    again = await api.get(path, token=by.token)
    assert [each["progress"]["total_steps"] for each in again.body["data"]] == [2, 2, 2]
    planned = len(api.plans)
    await api.get(path, token=by.token)
    # Session and account; enrollments and their number, the course, names.
    assert len(api.plans) - planned == 2 + 4


@pytest.mark.parametrize("path", ["/courses/{}/participants", "/courses/{}/results.csv"])
async def test_only_managers_see_who_takes_a_course(api: Api, path: str):
    by, learner = await manager(api), await participant(api)
    course = await add_course(api, by)
    reply = await api.get(path.format(course["id"]), token=learner.token)
    assert refusal(reply) == (403, "Manager access required")
    for missing in ("x", UNKNOWN_ID):
        reply = await api.get(path.format(missing), token=by.token)
        assert refusal(reply) == (404, "Course not found")
    assert (await api.get(path.format(course["id"]), token=by.token)).status == 200


async def test_a_page_that_is_no_number_is_refused(api: Api):
    by = await manager(api)
    course = await add_course(api, by)
    reply = await api.get(f"/courses/{course['id']}/participants?page=0", token=by.token)
    assert refusal(reply) == (400, "page must be a positive integer")


async def test_statistics_tell_what_came_of_all_attempts(api: Api):
    by, learner, other = await manager(api), await participant(api), await participant(api, "b")
    form = await add_form(api, by)
    attempts = [
        attempt(learner.id, form, "Rejected", attempt_number=1, **marked(0, 2)),
        attempt(learner.id, form, "RetakeRequested", attempt_number=2, **marked(5, 4)),
        attempt(learner.id, form, "Approved", attempt_number=3, **marked(5, 9)),
        attempt(other.id, form, "UnderReview", **marked(5, None)),
        attempt(by.id, form, "Submitted", **marked(0, None)),
        attempt(UNKNOWN_ID, form, "InProgress"),
    ]
    await api.agora.storage["exam_attempts"].insert_many(attempts)
    reply = await api.get(f"/forms/{form['id']}/statistics", token=by.token)
    assert (reply.status, reply.body) == (
        200,
        {
            "form_id": form["id"],
            "form_name": "Exam",
            "total_marks": 15,
            "passing_marks": form["passing_marks"],
            "participants": 4,
            "attempts": 6,
            "in_progress": 1,
            "awaiting_review": 2,
            "approved": 1,
            "rejected": 1,
            "retake_requested": 1,
            "pass_rate": 33.33,
            "mean_score": 8.33,
            "questions": [
                {
                    "question_id": "q1",
                    "question_type": "MCQ",
                    "question_text": "What is Bhakti?",
                    "marks": 5,
                    "marked": 5,
                    "mean_marks": 3.0,
                },
                {
                    "question_id": "q2",
                    "question_type": "THEORY",
                    "question_text": "Explain chanting",
                    "marks": 10,
                    "marked": 3,
                    "mean_marks": 5.0,
                },
            ],
        },
    )


async def test_statistics_of_an_exam_that_nobody_sat_have_no_means(api: Api):
    by, learner = await manager(api), await participant(api)
    form = await add_form(api, by)
    path = f"/forms/{form['id']}/statistics"
    body = (await api.get(path, token=by.token)).body
    assert (body["attempts"], body["pass_rate"], body["mean_score"]) == (0, None, None)
    assert [each["mean_marks"] for each in body["questions"]] == [None, None]
    assert refusal(await api.get(path, token=learner.token)) == (403, "Manager access required")
    for missing in ("x", UNKNOWN_ID):
        reply = await api.get(f"/forms/{missing}/statistics", token=by.token)
        assert refusal(reply) == (404, "Form not found")


def test_marks_for_a_question_that_the_form_has_no_more_are_not_shown():
    tally = Tally()
    of = {"id": UNKNOWN_ID}
    tally.add(attempt(UNKNOWN_ID, of, "Approved", **marked(5, 9)))
    found = tally.statistics({"questions": [{"question_id": "q2"}, {"question_id": "q3"}]})
    assert [(each.marked, each.mean_marks) for each in found.questions] == [(1, 9.0), (0, None)]
    assert found.mean_score == 14.0


async def results(api: Api, by: Person, course: dict[str, Any]) -> list[list[str]]:
    """The rows of a course's results."""
    reply = await api.get(f"/courses/{course['id']}/results.csv", token=by.token)
    assert reply.status == 200
    return list(csv.reader(io.StringIO(reply.content.decode(), newline="")))


async def test_results_that_are_cut_off_do_not_look_whole(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    by = await manager(api)
    course = await add_course(api, by)
    await enroll(api, await participant(api), course)
    whole = CourseResultsHandler.finish
    failed: list[bool] = []

    def finish(self: CourseResultsHandler, *chunk: Any) -> Any:
        if not failed:
            failed.append(True)
            raise RuntimeError("the store fails after the first lines are out")
        return whole(self, *chunk)

    monkeypatch.setattr(CourseResultsHandler, "finish", finish)
    with pytest.raises(HTTPStreamClosedError):
        await api.get(f"/courses/{course['id']}/results.csv", token=by.token)
    assert (await api.get("/health")).status == 200


async def test_results_are_a_line_for_each_participant(api: Api):
    by, learner, idle = await manager(api), await participant(api), await participant(api, "idle")
    course = await add_course(api, by, "Bhakti Śāstrī")
    plain = await add_step(api, by, course["id"], "Reading")
    video = await add_video(api, by, plain["id"])
    last = await add_step(api, by, course["id"], "Exam, at last")
    form = await add_form(api, by, step_id=last["id"])
    for each in (learner, idle):
        await enroll(api, each, course)
    await complete(api, learner, video)
    passed = attempt(learner.id, form, "Approved", **marked(5, 9))
    await api.agora.storage["exam_attempts"].insert_one(passed)
    exam = {"attempt_id": passed["_id"], "form_id": passed["form_id"], "status": "Approved"}
    await api.agora.storage["step_progress"].insert_one(
        {
            "participant_id": ObjectId(learner.id),
            "step_id": ObjectId(last["id"]),
            "course_id": ObjectId(course["id"]),
            "started_at": api.clock.now,
            "completed_material_ids": [],
            "exam": exam,
        }
    )
    await enroll(api, learner, course)
    reply = await api.get(f"/courses/{course['id']}/results.csv", token=by.token)
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert reply.headers["Content-Disposition"] == (
        f'attachment; filename="results-{course["id"]}.csv"; '
        "filename*=UTF-8''Results%20of%20Bhakti%20%C5%9A%C4%81str%C4%AB.csv"
    )
    assert await results(api, by, course) == [
        [
            "participant_id",
            "name",
            "enrolled_at",
            "last_activity_at",
            "completed_at",
            "completed_steps",
            "total_steps",
            "percentage",
            "2. Exam, at last: status",
            "2. Exam, at last: score",
        ],
        [learner.id, "participant", AT, AT, AT, "2", "2", "100", "Approved", "14"],
        [idle.id, "idle", AT, AT, "", "0", "2", "0", "", ""],
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ('=HYPERLINK("http://example.com")', '\'=HYPERLINK("http://example.com")'),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1+1", "'＝1+1"),
        ("Ann = Lee", "Ann = Lee"),
        ('Ann "the, first"', 'Ann "the, first"'),
    ],
)
async def test_no_name_is_a_formula_to_a_spreadsheet(api: Api, name: str, shown: str):
    by = await manager(api)
    course = await add_course(api, by)
    learner = await join(api, "learner", first_name=name, last_name="")
    await enroll(api, learner, course)
    _, row = await results(api, by, course)
    assert row[1] == shown


@pytest.mark.parametrize("text", ["  =1+1", "\t=1", "\r=1", "\n=1"])
def test_what_begins_with_blanks_is_no_formula_either(text: str):
    (cells,) = csv.reader(io.StringIO(as_csv([[text, 1, None]]), newline=""))
    assert cells == [f"'{text}", "1", ""]


async def test_results_of_many_come_in_batches_and_each_once(api: Api):
    by = await manager(api)
    course = await add_course(api, by)
    ids = [ObjectId() for _ in range(120)]
    now = api.clock.now
    await api.agora.storage["enrollments"].insert_many(
        [
            {
                "participant_id": participant_id,
                "course_id": ObjectId(course["id"]),
                "enrolled_at": now,
                "last_activity_at": now,
                "completed_at": None,
                "summary": None,
                "revision": 0,
            }
            for participant_id in ids
        ]
    )
    rows = await results(api, by, course)
    assert [row[0] for row in rows[1:]] == [str(each) for each in ids]
    assert all(each["summary"] is not None for each in await stored(api, "enrollments"))
