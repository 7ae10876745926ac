"""Looking for courses whose parts, exams or links do not fit together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from bson import ObjectId

from repositories.lms.checking import CourseCheckingRepository
from repositories.types import Document, Transaction, Tx
from services.checking import Progress


@dataclass(frozen=True, slots=True)
class Parts:
    """What is in a course; `exams` tells which step each form belongs to."""

    steps: Sequence[Document]
    materials: Sequence[Document]
    tables: Sequence[Document]
    exams: Mapping[ObjectId, ObjectId | None]


class CourseCheck:
    """Compares courses with each other, and each with what is in it."""

    def __init__(self, repository: CourseCheckingRepository, transaction: Transaction):
        self._repository = repository
        self._transaction = transaction

    async def find_problems(self, progress: Progress) -> list[str]:
        """One sentence for each problem."""
        courses = await self._repository.courses()
        problems = []
        if faults_among(courses):
            async with self._transaction() as tx:
                problems += faults_among(await self._repository.courses(tx=tx))
        for course in courses:
            parts = await self._parts(course["_id"], tx=None)
            if faults_in(parts):
                async with self._transaction() as tx:
                    parts = await self._parts(course["_id"], tx=tx)
                problems += [f"courses: {course['_id']} {fault}." for fault in faults_in(parts)]
            for _ in range(1 + len(parts.steps) + len(parts.materials) + len(parts.tables)):
                progress()
        return problems

    async def _parts(self, course_id: ObjectId, *, tx: Tx) -> Parts:
        steps = await self._repository.steps_of(course_id, tx=tx)
        exam_ids = [step["exam_id"] for step in steps if step["exam_id"] is not None]
        return Parts(
            steps=steps,
            materials=await self._repository.materials_of(course_id, tx=tx),
            tables=await self._repository.tables_of(course_id, tx=tx),
            exams=await self._repository.exams(exam_ids, tx=tx),
        )


def faults_among(courses: Sequence[Document]) -> list[str]:
    """What is wrong with the links of all live courses, and with which is the default."""
    known = {course["_id"]: course for course in courses}
    faults = []
    for course in courses:
        for side, other_side in (
            ("previous_course_id", "next_course_id"),
            ("next_course_id", "previous_course_id"),
        ):
            other = known.get(course[side])
            if course[side] is not None and (other is None or other[other_side] != course["_id"]):
                faults.append(
                    f"courses: {course['_id']} has {course[side]} as its {side}, "
                    "which does not say so of it."
                )
    defaults = [course["_id"] for course in courses if course["is_default"]]
    if len(defaults) > 1:
        faults.append(f"courses: {len(defaults)} are the default; one can be.")
    return faults


def faults_in(parts: Parts) -> list[str]:
    """What is wrong with the order of the parts of a course, and with what they name."""
    step_ids = {step["_id"] for step in parts.steps}
    faults = _order_faults("steps", parts.steps)
    for step_id, group in groupby(
        sorted(parts.materials, key=lambda each: (each["step_id"], each["order_index"])),
        key=lambda each: each["step_id"],
    ):
        faults += _order_faults(f"materials of step {step_id}", [*group])
    for kind, found in (("material", parts.materials), ("requirement table", parts.tables)):
        faults += [
            f"has {kind} {each['_id']} of step {each['step_id']}, which is not there"
            for each in found
            if each["step_id"] not in step_ids
        ]
    faults += [
        f"has step {step['_id']} with exam {step['exam_id']}, which is not of that step"
        for step in parts.steps
        if step["exam_id"] is not None and parts.exams.get(step["exam_id"]) != step["_id"]
    ]
    return faults + _table_faults(parts)


def _order_faults(what: str, found: Sequence[Document]) -> list[str]:
    places = [each["order_index"] for each in found]
    if places == list(range(len(places))):
        return []
    return [f"has its {what} at {', '.join(map(str, places))}"]


def _table_faults(parts: Parts) -> list[str]:
    steps_of_tables = {table["_id"]: table["step_id"] for table in parts.tables}
    return [
        f"has material {each['_id']} with requirement table {table_id}, which is not of its step"
        for each in parts.materials
        if (table_id := each.get("requirement_table_id")) is not None
        and steps_of_tables.get(table_id) != each["step_id"]
    ]
