"""Steps in the hands of managers: in a dense order, each with an exam or none."""

from collections.abc import Mapping, Sequence
from typing import Any

from bson import ObjectId

from repositories.lms.courses import CourseRepository
from repositories.lms.forms import FormRepository
from repositories.lms.materials import MaterialRepository
from repositories.lms.requirement_submissions import RequirementSubmissionRepository
from repositories.lms.requirement_tables import RequirementTableRepository
from repositories.lms.steps import StepRepository
from repositories.types import Document, Transaction, Tx
from services.clock import Clock
from services.lms.errors import CourseNotFound, InvalidField, StepNotFound, UnknownReference
from services.lms.exam_links import ExamLinks
from services.lms.ids import given_id, path_id
from services.lms.ordering import accepted_index, reordered, with_item
from services.lms.texts import accepted_name, accepted_text


class StepEditor:
    """Makes, changes, orders and deletes steps."""

    def __init__(
        self,
        courses: CourseRepository,
        steps: StepRepository,
        materials: MaterialRepository,
        forms: FormRepository,
        tables: RequirementTableRepository,
        submissions: RequirementSubmissionRepository,
        links: ExamLinks,
        transaction: Transaction,
        clock: Clock,
    ):
        self._courses = courses
        self._steps = steps
        self._materials = materials
        self._forms = forms
        self._tables = tables
        self._submissions = submissions
        self._links = links
        self._transaction = transaction
        self._clock = clock

    async def create(self, given: Mapping[str, Any]) -> Document:
        """Make a step; `given` has at least `course_id` and `name`. Raises InvalidField."""
        now = self._clock().replace(microsecond=0)
        course_id = given_id(given["course_id"], "course_id")
        step: Document = {
            "_id": ObjectId(),
            "course_id": course_id,
            "description": "",
            "exam_id": None,
            "unlock_on_exam_pass": True,
            **_accepted(given),
            "created_at": now,
            "updated_at": now,
            "is_deleted": False,
        }
        async with self._transaction() as tx:
            if await self._courses.lock_outline(course_id, tx=tx) is None:
                raise UnknownReference("course_id", "course")
            others = await self._steps.of_course(course_id, tx=tx)
            index = _asked_place(given, [other["_id"] for other in others])
            step["order_index"] = len(others) if index is None else min(index, len(others))
            await self._steps.insert(step, tx=tx)
            await self._place(step, others, step["order_index"], tx=tx)
        return step

    async def update(self, step_id: str, given: Mapping[str, Any]) -> Document:
        """Change what is given. Raises StepNotFound or InvalidField."""
        changes = {**_accepted(given), "updated_at": self._clock().replace(microsecond=0)}
        wanted = path_id(step_id, StepNotFound)
        async with self._transaction() as tx:
            step = await self._links.locked_step(wanted, tx=tx)
            await self._steps.change(wanted, changes, tx=tx)
            steps = await self._steps.of_course(step["course_id"], tx=tx)
            others = [other for other in steps if other["_id"] != wanted]
            index = _asked_place(given, [other["_id"] for other in others])
            if index is not None:
                await self._place(step, others, index, tx=tx)
            return await self._get(wanted, tx=tx)

    async def reorder(self, course_id: str, places: Sequence[tuple[str, int]]) -> None:
        """Put some steps of a course, or all, in another order; the others keep theirs.

        Raises CourseNotFound or InvalidField.
        """
        wanted = [
            (given_id(step_id, "step_id"), accepted_index(index)) for step_id, index in places
        ]
        _check_distinct(wanted)
        of_course = path_id(course_id, CourseNotFound)
        async with self._transaction() as tx:
            if await self._courses.lock_outline(of_course, tx=tx) is None:
                raise CourseNotFound
            steps = await self._steps.of_course(of_course, tx=tx)
            ids = [step["_id"] for step in steps]
            if not {step_id for step_id, _ in wanted} <= set(ids):
                raise UnknownReference("step_id", "step of this course")
            await self._steps.put_order(steps, reordered(ids, wanted), tx=tx)

    async def delete(self, step_id: str) -> None:
        """Take a step out of its course with its materials and requirement tables.

        What participants did stays; the step's forms belong to none then. Raises
        StepNotFound.
        """
        now = self._clock().replace(microsecond=0)
        wanted = path_id(step_id, StepNotFound)
        async with self._transaction() as tx:
            step = await self._links.locked_step(wanted, tx=tx)
            course_id = step["course_id"]
            await self._steps.delete(wanted, at=now, tx=tx)
            others = await self._steps.of_course(course_id, tx=tx)
            await self._steps.put_order(others, [other["_id"] for other in others], tx=tx)
            course = await self._courses.find(course_id, tx=tx)
            if course is not None and course["default_step_id"] == wanted:
                await self._courses.change(course_id, {"default_step_id": None}, tx=tx)
            await self._forms.leave_steps([wanted], at=now, tx=tx)
            await self._tables.delete_of_step(wanted, at=now, tx=tx)
            await self._submissions.stop_waiting([wanted], tx=tx)
            await self._materials.delete_of_step(wanted, at=now, tx=tx)

    async def link_exam(self, step_id: str, form_id: str | None) -> Document:
        """Make a form the exam of a step, instead of that of another; `""` leaves it without.

        Raises StepNotFound or InvalidField.
        """
        if form_id is None:
            raise InvalidField("form_id", "is required; leave it empty to take the exam away")
        exam_id = given_id(form_id, "form_id") if form_id else None
        now = self._clock().replace(microsecond=0)
        wanted = path_id(step_id, StepNotFound)
        async with self._transaction() as tx:
            await self._links.locked_step(wanted, tx=tx)
            if exam_id is None:
                await self._steps.change(wanted, {"exam_id": None, "updated_at": now}, tx=tx)
            else:
                if await self._forms.lock(exam_id, tx=tx) is None:
                    raise UnknownReference("form_id", "form")
                await self._links.link(wanted, exam_id, at=now, tx=tx)
            return await self._get(wanted, tx=tx)

    async def _get(self, step_id: ObjectId, *, tx: Tx) -> Document:
        step = await self._steps.find(step_id, tx=tx)
        if step is None:
            raise StepNotFound
        return step

    async def _place(
        self, step: Document, others: Sequence[Document], index: int, *, tx: Tx
    ) -> None:
        ids = with_item([other["_id"] for other in others], step["_id"], index)
        await self._steps.put_order([*others, step], ids, tx=tx)


def _asked_place(given: Mapping[str, Any], others: Sequence[ObjectId]) -> int | None:
    """The place that is asked for among the others, None for none. Raises InvalidField.

    `order_index` alone decides; `previous_step_id` counts without it (CONTRACT section 6).
    """
    after: int | None = None
    if given.get("previous_step_id") is not None:
        previous = given_id(given["previous_step_id"], "previous_step_id")
        if previous not in others:
            raise UnknownReference("previous_step_id", "other step of this course")
        after = others.index(previous) + 1
    index: int | None = given.get("order_index", after)
    return index


def _check_distinct(places: Sequence[tuple[ObjectId, int]]) -> None:
    if not places:
        raise InvalidField("step_orders", "must name at least one step")
    if len({step_id for step_id, _ in places}) < len(places):
        raise InvalidField("step_orders", "names a step twice")
    if len({index for _, index in places}) < len(places):
        raise InvalidField("step_orders", "gives two steps the same order_index")


def _accepted(given: Mapping[str, Any]) -> Document:
    """The fields that are kept as they come, and ids looked at. Raises InvalidField."""
    if given.get("previous_step_id") is not None:
        given_id(given["previous_step_id"], "previous_step_id")
    accepted: Document = {}
    if "name" in given:
        accepted["name"] = accepted_name(given["name"])
    if "description" in given:
        accepted["description"] = accepted_text(given["description"])
    if "order_index" in given:
        # Checked here; where it leads to depends on the other steps.
        accepted_index(given["order_index"])
    if "unlock_on_exam_pass" in given:
        accepted["unlock_on_exam_pass"] = given["unlock_on_exam_pass"]
    return accepted
