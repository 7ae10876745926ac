"""How far a participant has come (LMS "Participant Progress"; CONTRACT section 6)."""

from typing import Any

import pytest

from repositories.lms.enrollments import EnrollmentRepository
from repositories.seeding import SeedRepository
from scripts.seeding import lms
from tests.factories import stored
from tests.harness import Api
from tests.lms.support import (
    UNKNOWN_ID,
    VIDEO,
    add_course,
    add_form,
    add_step,
    add_video,
    delete,
    manager,
    participant,
    put,
    refusal,
)
from tests.shop.people import Person

COURSES = "/participants/me/courses"


def course_path(course: dict[str, Any]) -> str:
    """The progress in a course."""
    return f"/participants/me/progress/{course['id']}"


def step_path(step: dict[str, Any]) -> str:
    """The progress in a step."""
    return f"/participants/me/step/{step['id']}/progress"


async def seen(api: Api, by: Person, path: str) -> Any:
    """What somebody sees."""
    reply = await api.get(path, token=by.token)
    assert reply.status == 200, reply
    return reply.body


async def complete(api: Api, by: Person, material: dict[str, Any]) -> None:
    """Complete a material."""
    reply = await api.post(f"/materials/{material['id']}/complete", token=by.token)
    assert reply.status == 200, reply


async def seed_course(api: Api, steps: int, materials: int) -> dict[str, Any]:
    """A course of so many steps with an exam each, past HTTP."""
    repository = SeedRepository(api.agora.storage)
    course = lms.course(f"Course of {steps}")
    made = [lms.step(course, place) for place in range(steps)]
    question = lms.theory("q1", "Why?", 5, 100)
    forms = [lms.form(step, "Exam", [question] * 20) for step in made]
    for step, form in zip(made, forms, strict=True):
        step["exam_id"] = form["_id"]
    url = {"url": VIDEO}
    parts = [
        lms.material(step, place, "Video", "Video", content=url)
        for step in made
        for place in range(materials)
    ]
    await repository.insert_missing("forms", forms)
    await repository.insert_missing("materials", parts)
    await repository.insert_missing("steps", made)
    await repository.insert_missing("courses", [course])
    return {"id": str(course["_id"]), "steps": [{"id": str(step["_id"])} for step in made]}


async def test_courses_are_shown_as_documented(api: Api):
    by, learner = await manager(api), await participant(api)
    assert await seen(api, learner, COURSES) == []
    course = await add_course(
        api,
        by,
        "Bhakti Shastri Course",
        description="In-depth study of Bhagavad-gita",
        image_url="https://example.com/image.jpg",
        is_default=True,
    )
    first = await add_step(api, by, course["id"], "Step 1: Introduction")
    await add_step(api, by, course["id"], "Step 2: Advanced Concepts")
    videos = [await add_video(api, by, first["id"]) for _ in range(2)]
    await complete(api, learner, videos[0])
    expected = {
        "course_id": course["id"],
        "course_name": "Bhakti Shastri Course",
        "description": "In-depth study of Bhagavad-gita",
        "image_url": "https://example.com/image.jpg",
        "is_default": True,
        "current_step": {
            "step_id": first["id"],
            "step_name": "Step 1: Introduction",
            "order_index": 0,
        },
        "progress": {"completed_steps": 0, "total_steps": 2, "percentage": 0},
        "step_progress": {
            "is_started": True,
            "materials_completed": False,
            "exam_status": "NotStarted",
        },
        "requirement_status": {"completed": 0, "approved": 0, "total": 0},
        "is_completed": False,
    }
    assert await seen(api, learner, COURSES) == [expected]
    query = f"{COURSES}?participant_id={learner.id}"
    assert await seen(api, by, query) == [expected]
    assert await seen(api, by, COURSES) == []


async def test_a_course_is_shown_as_documented(api: Api):
    by, learner = await manager(api), await participant(api)
    course = await add_course(api, by, "Bhakti Shastri Course", description="In-depth study")
    first = await add_step(api, by, course["id"], "Step 1", description="Basic concepts")
    second = await add_step(api, by, course["id"], "Step 2")
    exam = await add_form(api, by, "Step 2 Exam", step_id=second["id"])
    video = await add_video(api, by, first["id"])
    await complete(api, learner, video)
    untouched = {"is_started": False, "materials_completed": True, "exam_status": "NotStarted"}
    assert await seen(api, learner, course_path(course)) == {
        "course": {
            "id": course["id"],
            "name": "Bhakti Shastri Course",
            "description": "In-depth study",
        },
        "current_step_id": second["id"],
        "current_step_order_index": 1,
        "completed_step_ids": [first["id"]],
        "is_completed": False,
        "steps": [
            {
                "id": first["id"],
                "name": "Step 1",
                "description": "Basic concepts",
                "order_index": 0,
                "is_locked": False,
                "is_completed": True,
                "exam_id": None,
                "exam_info": None,
                "progress": {**untouched, "is_started": True},
                "material_count": 1,
            },
            {
                "id": second["id"],
                "name": "Step 2",
                "description": "",
                "order_index": 1,
                "is_locked": False,
                "is_completed": False,
                "exam_id": exam["id"],
                "exam_info": {"id": exam["id"], "name": "Step 2 Exam", "duration_minutes": 30},
                "progress": untouched,
                "material_count": 0,
            },
        ],
    }


async def test_a_step_is_shown_as_documented(api: Api):
    by, learner = await manager(api), await participant(api)
    course = await add_course(api, by)
    step = await add_step(api, by, course["id"], "Step 1", description="Basic concepts")
    video = await add_video(api, by, step["id"], "Introduction Video", description="Watch this")
    await add_video(api, by, step["id"], "Another", is_mandatory=False)
    await complete(api, learner, video)
    body = await seen(api, learner, step_path(step))
    other = body["materials"].pop()
    assert (other["title"], other["is_completed"], other["is_mandatory"]) == (
        "Another",
        False,
        False,
    )
    assert body == {
        "step": {
            "id": step["id"],
            "name": "Step 1",
            "description": "Basic concepts",
            "order_index": 0,
        },
        "progress": {
            "is_started": True,
            "materials_completed": True,
            "completed_materials": [video["id"]],
            "exam_status": "NotStarted",
            "is_completed": True,
        },
        "materials": [
            {
                "id": video["id"],
                "material_type": "Video",
                "title": "Introduction Video",
                "description": "Watch this",
                "order_index": 0,
                "is_mandatory": True,
                "content": {"url": VIDEO},
                "is_completed": True,
            }
        ],
        "exam_submission": None,
    }


async def test_a_locked_step_shows_its_materials_without_content_save_to_managers(api: Api):
    by, learner = await manager(api), await participant(api)
    course = await add_course(api, by)
    first = await add_step(api, by, course["id"])
    await add_video(api, by, first["id"])
    second = await add_step(api, by, course["id"])
    await add_video(api, by, second["id"])

    async def content(who: Person, query: str = "") -> Any:
        return (await seen(api, who, step_path(second) + query))["materials"][0]["content"]

    async def locks(who: Person, query: str = "") -> list[bool]:
        steps = (await seen(api, who, course_path(course) + query))["steps"]
        return [step["is_locked"] for step in steps]

    of_learner = f"?participant_id={learner.id}"
    assert (await content(learner), await locks(learner)) == (None, [False, True])
    assert (await content(by), await locks(by)) == ({"url": VIDEO}, [False, False])
    # What a manager sees of somebody is where that one stands.
    assert (await content(by, of_learner), await locks(by, of_learner)) == (
        {"url": VIDEO},
        [False, True],
    )


async def test_only_managers_see_others_and_only_what_there_is(api: Api):
    by, learner, other = await manager(api), await participant(api), await participant(api, "b")
    course = await add_course(api, by)
    step = await add_step(api, by, course["id"])
    for path in (COURSES, course_path(course), step_path(step)):
        assert refusal(await api.get(f"{path}?participant_id={other.id}", token=learner.token)) == (
            403,
            "participant_id must be your own; only managers act for others",
        )
        assert refusal(await api.get(f"{path}?participant_id={UNKNOWN_ID}", token=by.token)) == (
            400,
            "participant_id names no account",
        )
        assert refusal(await api.get(f"{path}?participant_id=x", token=by.token)) == (
            400,
            "participant_id must be an id of 24 hex digits",
        )
    for missing in ("x", UNKNOWN_ID, step["id"]):
        reply = await api.get(course_path({"id": missing}), token=learner.token)
        assert refusal(reply) == (404, "Course not found")
    for missing in ("x", UNKNOWN_ID, course["id"]):
        reply = await api.get(step_path({"id": missing}), token=learner.token)
        assert refusal(reply) == (404, "Step not found")
    # To look is no action: it enrolls nobody.
    assert await stored(api, "enrollments") == []


async def test_courses_come_in_the_order_of_courses_and_deleted_ones_not_at_all(api: Api):
    by, learner = await manager(api), await participant(api)
    names = ("Third", "First", "Gone", "Second")
    courses = [
        await add_course(api, by, name, order_index=index)
        for name, index in zip(names, (3, 1, 2, 2), strict=True)
    ]
    for course in courses:
        await api.post(f"/courses/{course['id']}/enroll", token=learner.token)
    await delete(api, by, f"/courses/{courses[2]['id']}")
    found = await seen(api, learner, COURSES)
    assert [each["course_name"] for each in found] == ["First", "Second", "Third"]
    assert found[0]["current_step"] is None
    assert found[0]["progress"] == {"completed_steps": 0, "total_steps": 0, "percentage": 0}


async def test_a_changed_course_is_shown_as_it_is_now_and_made_anew_once(api: Api):
    by, learner = await manager(api), await participant(api)
    course = await add_course(api, by)
    first = await add_step(api, by, course["id"])
    video = await add_video(api, by, first["id"])
    await complete(api, learner, video)
    (before,) = await seen(api, learner, COURSES)
    assert (before["is_completed"], before["progress"]["percentage"]) == (True, 100)
    await add_step(api, by, course["id"], "Added")
    await add_video(api, by, (await seen(api, by, course_path(course)))["steps"][1]["id"])
    (after,) = await seen(api, learner, COURSES)
    # What is complete stays so, and there is something to do again.
    assert after["is_completed"] is True
    assert after["progress"] == {"completed_steps": 1, "total_steps": 2, "percentage": 50}
    assert after["current_step"]["step_name"] == "Added"
    assert (await seen(api, learner, course_path(course)))["is_completed"] is True
    (kept,) = await stored(api, "enrollments")
    assert kept["summary"]["percentage"] == 50
    # Reading changed nothing else.
    assert (kept["revision"], kept["completed_at"]) == (1, api.clock.now)
    planned = len(api.plans)
    assert await seen(api, learner, COURSES) == [after]
    assert "step_progress" not in {plan[0] for plan in api.plans[planned:]}


async def test_a_summary_made_by_a_read_never_takes_the_place_of_a_newer_one(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    by, learner = await manager(api), await participant(api)
    course = await add_course(api, by)
    step = await add_step(api, by, course["id"])
    videos = [await add_video(api, by, step["id"]) for _ in range(2)]
    await complete(api, learner, videos[0])
    await put(api, by, f"/steps/{step['id']}", {"name": "Renamed"})
    refresh = EnrollmentRepository.refresh_summaries

    async def late(self: EnrollmentRepository, made: Any) -> None:
        monkeypatch.setattr(EnrollmentRepository, "refresh_summaries", refresh)
        await complete(api, learner, videos[1])
        await refresh(self, made)

    monkeypatch.setattr(EnrollmentRepository, "refresh_summaries", late)
    (read_before,) = await seen(api, learner, COURSES)
    assert read_before["progress"]["percentage"] == 0
    (kept,) = await stored(api, "enrollments")
    assert kept["summary"]["percentage"] == 100


async def test_the_last_attempt_is_shown_until_another_exam_takes_its_place(api: Api):
    by, learner = await manager(api), await participant(api)
    course = await add_course(api, by)
    step = await add_step(api, by, course["id"])
    exam = await add_form(api, by, step_id=step["id"])
    assert (await api.post(f"/steps/{step['id']}/exam/start", token=learner.token)).status == 200
    shown = (await seen(api, learner, step_path(step)))["exam_submission"]
    (kept,) = await stored(api, "exam_attempts")
    assert shown == {
        "submission_id": str(kept["_id"]),
        "form_id": exam["id"],
        "attempt_number": 1,
        "submission_status": "InProgress",
        "mcq_score": None,
        "theory_score": None,
        "total_score": None,
        "feedback": None,
        "started_at": "2025-01-18T10:00:00Z",
        "submitted_at": None,
    }
    other = await add_form(api, by, "Another")
    await put(api, by, f"/steps/{step['id']}/exam?form_id={other['id']}")
    assert (await seen(api, learner, step_path(step)))["exam_submission"] is None


async def queries(api: Api, by: Person, path: str) -> int:
    """How many queries an answer takes, once the outline of the course is remembered."""
    await seen(api, by, path)
    planned = len(api.plans)
    await seen(api, by, path)
    return len(api.plans) - planned


@pytest.mark.parametrize(("steps", "materials", "exam_reads"), [(2, 1, 1), (100, 20, 5)])
async def test_a_view_takes_as_many_queries_whatever_the_size_of_the_course(
    api: Api, steps: int, materials: int, exam_reads: int
):
    learner = await participant(api)
    course = await seed_course(api, steps, materials)
    await api.post(f"/courses/{course['id']}/enroll", token=learner.token)
    # Two each are for the token: the session and the account.
    assert await queries(api, learner, COURSES) == 2 + 2
    # Beside the course, the enrollment and the facts, one for each 20 exams.
    assert await queries(api, learner, course_path(course)) == 2 + 3 + exam_reads
    assert await queries(api, learner, step_path(course["steps"][-1])) == 2 + 4


async def test_many_courses_take_as_many_queries_as_one(api: Api):
    by, learner = await manager(api), await participant(api)
    for _ in range(5):
        course = await add_course(api, by)
        await api.post(f"/courses/{course['id']}/enroll", token=learner.token)
    assert await queries(api, learner, COURSES) == 2 + 2
