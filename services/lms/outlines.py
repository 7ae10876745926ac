"""Outlines of courses, remembered: many participants share few courses."""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Sequence

from bson import ObjectId

from repositories.lms.courses import CourseRepository
from repositories.lms.materials import MaterialRepository
from repositories.lms.requirement_tables import RequirementTableRepository
from repositories.lms.steps import StepRepository
from repositories.types import Document, Tx
from services.lms.outline import CourseOutline, MaterialOutline, StepOutline
from services.lms.table_progress import serial_numbers_of

# Steps, materials and rows of tables of all outlines that are remembered: some 20 MB.
_REMEMBERED_PARTS = 60_000
_STEPS_AT_ONCE = 10


class Outlines:
    """Reads outlines, each version of a course once in a process."""

    def __init__(
        self,
        courses: CourseRepository,
        steps: StepRepository,
        materials: MaterialRepository,
        tables: RequirementTableRepository,
    ):
        self._courses = courses
        self._steps = steps
        self._materials = materials
        self._tables = tables
        self._known: OrderedDict[ObjectId, CourseOutline] = OrderedDict()
        self._known_parts = 0

    async def get(self, course: Document, *, tx: Tx = None) -> CourseOutline:
        """The outline of a course as it was read; for `default_step_id` too."""
        course_id, version = course["_id"], course["outline_version"]
        known = self._known.get(course_id)
        if known is not None and known.version == version:
            self._known.move_to_end(course_id)
            return known
        outline = await self._read(course, tx)
        # Looked at without the transaction, which may see what others have not committed yet, and
        # will not if the disk fails. Without one, several reads are not one moment. Of an outline
        # that is another by now nothing stays.
        now = await self._courses.find(course_id)
        if now is not None and now["outline_version"] == version:
            self._remember(outline)
        return outline

    def _remember(self, outline: CourseOutline) -> None:
        self._forget(self._known.pop(outline.course_id, None))
        self._known[outline.course_id] = outline
        self._known_parts += _parts(outline)
        while self._known_parts > _REMEMBERED_PARTS:
            self._forget(self._known.popitem(last=False)[1])

    def _forget(self, outline: CourseOutline | None) -> None:
        if outline is not None:
            self._known_parts -= _parts(outline)

    async def _read(self, course: Document, tx: Tx) -> CourseOutline:
        outlined: list[StepOutline] = []
        steps = await self._steps.of_course(course["_id"], tx=tx)
        for start in range(0, len(steps), _STEPS_AT_ONCE):
            # All of 100 steps with 20 materials each would take 10 ms, and requests are to
            # come in between.
            await asyncio.sleep(0)
            some = steps[start : start + _STEPS_AT_ONCE]
            ids = [step["_id"] for step in some]
            materials = await self._materials.of_steps(ids, tx=tx)
            outlined += _outlined(some, materials, await self._tables.of_steps(ids, tx=tx))
        return CourseOutline(
            course_id=course["_id"],
            version=course["outline_version"],
            steps=tuple(outlined),
            default_step_id=course["default_step_id"],
        )


def _parts(outline: CourseOutline) -> int:
    return 1 + sum(
        1 + len(step.materials) + sum(len(rows) for rows in step.tables.values())
        for step in outline.steps
    )


def _outlined(
    steps: Sequence[Document], materials: Sequence[Document], tables: Sequence[Document]
) -> list[StepOutline]:
    of_step: defaultdict[ObjectId, list[MaterialOutline]] = defaultdict(list)
    for material in materials:
        of_step[material["step_id"]].append(
            MaterialOutline(
                material["_id"], material["is_mandatory"], material.get("requirement_table_id")
            )
        )
    rows: defaultdict[ObjectId, dict[ObjectId, frozenset[int]]] = defaultdict(dict)
    for table in tables:
        rows[table["step_id"]][table["_id"]] = serial_numbers_of(table)
    return [
        StepOutline(
            id=step["_id"],
            name=step["name"],
            description=step["description"],
            exam_id=step["exam_id"],
            unlock_on_exam_pass=step["unlock_on_exam_pass"],
            materials=tuple(of_step[step["_id"]]),
            tables=rows[step["_id"]],
        )
        for step in steps
    ]
