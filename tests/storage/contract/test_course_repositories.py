"""The queries of courses, what is in them, and of who takes them, on every engine."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

from repositories.errors import WriteConflict
from repositories.indexes import ensure_indexes
from repositories.lms.courses import CourseFilter, CourseRepository
from repositories.lms.enrollments import EnrollmentRepository
from repositories.lms.forms import FormRepository
from repositories.lms.materials import MaterialRepository
from repositories.lms.requirement_tables import RequirementTableRepository
from repositories.lms.step_progress import StepProgressRepository
from repositories.lms.steps import StepRepository
from repositories.types import Document

NOON = datetime(2125, 1, 18, 12, 0, tzinfo=UTC)
LATER = datetime(2125, 1, 18, 13, 0, tzinfo=UTC)
ANN, BOB, COURSE, OTHER, STEP = (ObjectId() for _ in range(5))


def _course(order_index: int, **more: Any) -> Document:
    course = {"_id": ObjectId(), "order_index": order_index, "outline_version": 0}
    return {**course, "is_active": True, "is_default": False, "is_deleted": False, **more}


def _part(order_index: int, **more: Any) -> Document:
    part = {"_id": ObjectId(), "course_id": COURSE, "step_id": STEP, "exam_id": None}
    return {**part, "order_index": order_index, "is_deleted": False, **more}


@pytest.mark.differs(nx=117)
async def test_courses_are_in_order_and_filtered(storage):
    await ensure_indexes(storage)
    courses = CourseRepository(storage)
    second, first = _course(1, is_active=False), _course(0, is_default=True)
    gone = _course(2, is_deleted=True)
    for course in (second, first, gone):
        await courses.insert(course, tx=None)
    assert await courses.every() == [first, second]
    assert await courses.every(CourseFilter(is_active=True)) == [first]
    assert await courses.every(CourseFilter(is_default=False)) == [second]
    assert await courses.find_default() == first
    assert await courses.find(gone["_id"]) is None
    assert await courses.find_any([gone["_id"], COURSE]) == [gone]


@pytest.mark.differs(nx=117)
async def test_a_changed_outline_has_a_new_version(storage):
    await ensure_indexes(storage)
    courses, course, gone = CourseRepository(storage), _course(0), _course(1, is_deleted=True)
    for each in (course, gone):
        await courses.insert(each, tx=None)
    for version in (1, 2):
        async with storage.transaction() as tx:
            await courses.lock_list(tx=tx)
            locked = await courses.lock_outline(course["_id"], tx=tx)
        assert locked == {**course, "outline_version": version}
    async with storage.transaction() as tx:
        assert await courses.lock_outline(gone["_id"], tx=tx) is None
        await courses.change_each({course["_id"]: {"order_index": 5}}, tx=tx)
    assert await courses.every() == [{**course, "outline_version": 2, "order_index": 5}]


@pytest.mark.differs(nx=116)
async def test_steps_are_in_order_and_only_what_moves_is_changed(storage):
    await ensure_indexes(storage)
    steps, exam_id = StepRepository(storage), ObjectId()
    a, b, c = _part(0), _part(1, exam_id=exam_id), _part(2)
    elsewhere = _part(0, course_id=OTHER)
    for step in (c, a, b, elsewhere):
        await steps.insert(step, tx=None)
    assert await steps.of_course(COURSE) == [a, b, c]
    assert await steps.first_of([COURSE, OTHER, STEP]) == {
        COURSE: a["_id"],
        OTHER: elsewhere["_id"],
    }
    async with storage.transaction() as tx:
        assert await steps.with_exam(exam_id, tx=tx) == [b]
        await steps.delete(a["_id"], at=LATER, tx=tx)
        await steps.put_order([b, c], [c["_id"], b["_id"]], tx=tx)
    assert [step["_id"] for step in await steps.of_course(COURSE)] == [c["_id"], b["_id"]]
    assert await steps.find(a["_id"]) is None
    async with storage.transaction() as tx:
        await steps.delete_of_course(COURSE, at=LATER, tx=tx)
    assert await steps.of_course(COURSE) == []
    assert await steps.of_course(OTHER) == [elsewhere]
    assert len(await steps.find_any([a["_id"], b["_id"]])) == 2


@pytest.mark.differs(nx=116)
async def test_materials_let_go_of_their_requirement_table(storage):
    await ensure_indexes(storage)
    materials, table_id = MaterialRepository(storage), ObjectId()
    video, table = _part(0), _part(1, requirement_table_id=table_id)
    elsewhere = _part(0, step_id=OTHER)
    for material in (table, video, elsewhere):
        await materials.insert(material, tx=None)
    assert await materials.of_step(STEP) == [video, table]
    assert await materials.of_steps([STEP]) == [video, table]
    assert len(await materials.of_steps([STEP, OTHER])) == 3
    assert await materials.with_requirement_table(table_id) == [table]
    async with storage.transaction() as tx:
        await materials.put_content(table["_id"], {"title": "t"}, keeps_table=True, tx=tx)
        assert await materials.with_requirement_table(table_id, tx=tx) != []
        await materials.put_content(table["_id"], {"title": "t"}, keeps_table=False, tx=tx)
        await materials.put_order([video, table], [table["_id"], video["_id"]], tx=tx)
    assert await materials.with_requirement_table(table_id) == []
    (first, _) = await materials.of_step(STEP)
    assert first.keys() == {*video, "title"}
    async with storage.transaction() as tx:
        await materials.delete_of_step(STEP, at=LATER, tx=tx)
    assert await materials.of_steps([STEP, OTHER]) == [elsewhere]
    async with storage.transaction() as tx:
        await materials.delete_of_course(COURSE, at=LATER, tx=tx)
    assert await materials.find(elsewhere["_id"]) is None


@pytest.mark.differs(nx=117)
async def test_forms_and_tables_of_steps(storage):
    await ensure_indexes(storage)
    forms, tables = FormRepository(storage), RequirementTableRepository(storage)
    form, free = _part(0, questions=[{}, {}]), _part(0, step_id=None, questions=[])
    table = _part(0, requirements=[{}])
    for each in (form, free):
        await forms.insert(each, tx=None)
    await tables.insert(table, tx=None)
    for kept in (form, free):
        kept["question_count"] = len(kept.pop("questions"))
    assert await forms.every() == [form, free]
    assert await forms.every(STEP) == [form]
    assert await tables.of_steps([STEP, OTHER]) == [table]
    del table["requirements"]
    assert await tables.every() == [{**table, "requirement_count": 1}]
    async with storage.transaction() as tx:
        locked = await forms.lock(form["_id"], tx=tx)
        assert locked is not None
        await forms.leave_steps([STEP, OTHER], at=LATER, tx=tx)
        await tables.delete_of_step(STEP, at=LATER, tx=tx)
        await forms.change(free["_id"], {"is_deleted": True}, tx=tx)
        assert await forms.lock(free["_id"], tx=tx) is None
    assert [each["step_id"] for each in await forms.every()] == [None]
    assert await tables.find(table["_id"]) is None


@pytest.mark.differs(nx=116)
async def test_an_enrollment_is_one_and_is_completed_once(storage):
    await ensure_indexes(storage)
    enrollments = EnrollmentRepository(storage)
    async with storage.transaction() as tx:
        assert await enrollments.lock(ANN, COURSE, tx=tx) is None
        made = await enrollments.insert(ANN, COURSE, at=NOON, tx=tx)
        await enrollments.insert(ANN, OTHER, at=NOON, tx=tx)
        await enrollments.insert(BOB, COURSE, at=NOON, tx=tx)
    with pytest.raises(WriteConflict):
        async with storage.transaction() as tx:
            await enrollments.insert(ANN, COURSE, at=LATER, tx=tx)
    async with storage.transaction() as tx:
        locked = await enrollments.lock(ANN, COURSE, tx=tx)
        assert locked is not None
        await enrollments.put_summary(made["_id"], {"percentage": 100}, at=LATER, tx=tx)
        assert await enrollments.claim_completion(made["_id"], at=NOON, tx=tx)
        assert not await enrollments.claim_completion(made["_id"], at=LATER, tx=tx)
    kept = await enrollments.find(ANN, COURSE)
    assert kept is not None
    assert (kept["summary"], kept["last_activity_at"]) == ({"percentage": 100}, LATER)
    assert kept["completed_at"] == NOON
    assert len(await enrollments.of_participant(ANN)) == 2
    async with storage.transaction() as tx:
        await enrollments.delete_of(ANN, tx=tx)
    assert await enrollments.of_participant(ANN) == []
    assert await enrollments.find(BOB, COURSE) is not None


@pytest.mark.differs(nx=116)
async def test_progress_keeps_each_material_once(storage):
    await ensure_indexes(storage)
    progress = StepProgressRepository(storage)
    first, second = ObjectId(), ObjectId()
    async with storage.transaction() as tx:
        made = await progress.open(ANN, STEP, COURSE, at=NOON, tx=tx)
        assert await progress.open(ANN, STEP, COURSE, at=LATER, tx=tx) == made
        for materials in ([first], [second, first], []):
            await progress.add_materials(made["_id"], materials, tx=tx)
        await progress.open(BOB, STEP, COURSE, at=NOON, tx=tx)
    (kept,) = await progress.of_course(ANN, COURSE)
    assert kept == {**made, "completed_material_ids": [first, second]}
    assert await progress.of_course(ANN, OTHER) == []
    async with storage.transaction() as tx:
        await progress.delete_of(ANN, tx=tx)
    assert await progress.find(ANN, STEP) is None
    assert await progress.find(BOB, STEP) is not None
