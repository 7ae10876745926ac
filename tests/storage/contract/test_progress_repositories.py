"""The queries of progress, overviews and results, on every engine."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

from repositories.indexes import ensure_indexes
from repositories.lms import exam_attempts
from repositories.lms.checking import CourseCheckingRepository
from repositories.lms.enrollments import EnrollmentRepository
from repositories.lms.exam_results import ExamResultRepository
from repositories.lms.forms import FormRepository
from repositories.lms.step_progress import StepProgressRepository
from repositories.types import Document

NOON = datetime(2125, 1, 18, 12, 0, tzinfo=UTC)
ANN, BOB, COURSE, OTHER, STEP, FORM = (ObjectId() for _ in range(6))


@pytest.mark.differs(nx=117)
async def test_a_summary_that_was_read_is_kept_unless_something_was_done_since(storage):
    await ensure_indexes(storage)
    enrollments = EnrollmentRepository(storage)
    async with storage.transaction() as tx:
        first = await enrollments.insert(ANN, COURSE, at=NOON, tx=tx)
        second = await enrollments.insert(BOB, COURSE, at=NOON, tx=tx)
    async with storage.transaction() as tx:
        await enrollments.put_summary(second["_id"], {"percentage": 50}, at=NOON, tx=tx)
    await enrollments.refresh_summaries([(first, {"percentage": 1}), (second, {"percentage": 1})])
    await enrollments.refresh_summaries([])
    found = [await enrollments.find(who, COURSE) for who in (ANN, BOB)]
    assert [each and (each["summary"], each["revision"]) for each in found] == [
        ({"percentage": 1}, 0),
        ({"percentage": 50}, 1),
    ]


@pytest.mark.differs(nx=117)
async def test_enrollments_of_a_course_come_in_the_order_of_joining(storage):
    await ensure_indexes(storage)
    enrollments = EnrollmentRepository(storage)
    async with storage.transaction() as tx:
        made = [
            (await enrollments.insert(ObjectId(), COURSE, at=NOON, tx=tx))["_id"] for _ in range(5)
        ]
        await enrollments.insert(ANN, OTHER, at=NOON, tx=tx)
    page, total = await enrollments.page_of_course(COURSE, 3, 4)
    assert ([each["_id"] for each in page], total) == (made[3:], 5)
    assert await enrollments.page_of_course(STEP, 0, 4) == ([], 0)
    first = await enrollments.of_course_after(COURSE, None, 2)
    after = await enrollments.of_course_after(COURSE, first[-1]["_id"], 9)
    assert [each["_id"] for each in (*first, *after)] == made
    assert await enrollments.of_course_after(COURSE, made[-1], 9) == []


@pytest.mark.differs(nx=117)
async def test_headings_of_forms_leave_out_what_is_deleted(storage):
    await ensure_indexes(storage)
    forms = FormRepository(storage)
    live: Document = {"_id": ObjectId(), "name": "Exam", "duration_minutes": 30, "questions": [1]}
    gone = {**live, "_id": ObjectId(), "is_deleted": True}
    for form in ({**live, "is_deleted": False}, gone):
        await forms.insert(form, tx=None)
    del live["questions"]
    assert await forms.headings([live["_id"], gone["_id"]]) == {live["_id"]: live}
    assert await forms.headings([]) == {}


@pytest.mark.differs(nx=117)
async def test_exams_of_some_participants_in_a_course(storage):
    await ensure_indexes(storage)
    progress, exam = StepProgressRepository(storage), {"status": "Approved"}
    kept: list[dict[str, Any]] = [
        {"_id": ObjectId(), "participant_id": who, "course_id": course, "step_id": step}
        for who, course, step in (
            (ANN, COURSE, STEP),
            (ANN, COURSE, OTHER),
            (ANN, OTHER, FORM),
            (BOB, COURSE, STEP),
        )
    ]
    for each, sat in zip(kept, (exam, None, exam, exam), strict=True):
        await storage["step_progress"].insert_one({**each, "exam": sat})
    found = await progress.exams_of_course([ANN], COURSE)
    assert found == [{"_id": kept[0]["_id"], "participant_id": ANN, "step_id": STEP, "exam": exam}]
    assert len(await progress.exams_of_course([ANN, BOB], COURSE)) == 2


@pytest.mark.differs(nx=117)
async def test_results_are_read_without_what_was_written(storage):
    await ensure_indexes(storage)
    results = ExamResultRepository(storage)
    attempts = [_attempt(ANN, FORM, 1), _attempt(ANN, FORM, 2), _attempt(ANN, OTHER, 1)]
    for attempt in attempts:
        await storage[exam_attempts.COLLECTION].insert_one({**attempt, "feedback": "secret"})
    shown = {"_id", "participant_id", "status"}
    found = [each async for each in results.of_form(FORM)]
    assert [(each["_id"], set(each)) for each in found] == [
        (each["_id"], shown) for each in attempts[:2]
    ]
    by_id = await results.with_ids([attempts[2]["_id"], STEP])
    assert by_id.keys() == {attempts[2]["_id"]}


@pytest.mark.differs(nx=117)
async def test_what_is_in_a_course_is_read_in_its_order_for_the_check(storage):
    await ensure_indexes(storage)
    checking = CourseCheckingRepository(storage)
    steps = [
        {"_id": ObjectId(), "course_id": COURSE, "order_index": place, "is_deleted": place == 2}
        for place in (1, 0, 2)
    ]
    for step in steps:
        await storage["steps"].insert_one({**step, "exam_id": None, "name": "Step"})
    found = await checking.steps_of(COURSE)
    assert [each["_id"] for each in found] == [steps[1]["_id"], steps[0]["_id"]]
    assert found[0].keys() == {"_id", "order_index", "exam_id"}
    form: Document = {"_id": FORM, "step_id": STEP, "is_deleted": False}
    await storage["forms"].insert_one(form)
    assert await checking.exams([FORM, OTHER]) == {FORM: STEP}


def _attempt(who: ObjectId, form_id: ObjectId, number: int, **fields: Any) -> Document:
    return {
        "_id": ObjectId(),
        "participant_id": who,
        "form_id": form_id,
        "attempt_number": number,
        "status": "Approved",
        "is_open": False,
        **fields,
    }
