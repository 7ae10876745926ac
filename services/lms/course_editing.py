"""Courses in the hands of managers: one default, links on both sides, and what deleting takes."""

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from repositories.lms.courses import CourseRepository
from repositories.lms.forms import FormRepository
from repositories.lms.materials import MaterialRepository
from repositories.lms.requirement_submissions import RequirementSubmissionRepository
from repositories.lms.requirement_tables import RequirementTableRepository
from repositories.lms.steps import StepRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.clock import Clock
from services.errors import Invalid
from services.lms.course_links import Links, with_next, with_previous, without
from services.lms.errors import CourseNotFound, UnknownReference
from services.lms.ids import given_id, path_id
from services.lms.ordering import MAX_INDEX, accepted_index
from services.lms.texts import accepted_name, accepted_text, accepted_url


class DefaultCourseStays(Invalid):
    """Once there is a default course, there is always one."""

    code = "default_course"

    def __init__(self, deed: str):
        super().__init__(f"The default course can't be {deed}; make another the default first")


class CourseEditor:
    """Makes, changes and deletes courses."""

    def __init__(
        self,
        courses: CourseRepository,
        steps: StepRepository,
        materials: MaterialRepository,
        forms: FormRepository,
        tables: RequirementTableRepository,
        submissions: RequirementSubmissionRepository,
        transaction: Transaction,
        clock: Clock,
    ):
        self._courses = courses
        self._steps = steps
        self._materials = materials
        self._forms = forms
        self._tables = tables
        self._submissions = submissions
        self._transaction = transaction
        self._clock = clock

    async def create(self, given: Mapping[str, Any], *, actor: Actor) -> Document:
        """Make a course; `given` has at least `name`. Raises InvalidField or CourseLoop."""
        now = self._clock().replace(microsecond=0)
        course: Document = {
            "_id": ObjectId(),
            "name": "",
            "description": "",
            "image_url": None,
            "previous_course_id": None,
            "next_course_id": None,
            "default_step_id": None,
            "order_index": 0,
            "is_active": True,
            **_accepted(given),
            "is_default": False,
            "outline_version": 0,
            "created_by": actor.id,
            "created_at": now,
            "updated_at": now,
            "is_deleted": False,
        }
        async with self._transaction() as tx:
            await self._courses.lock_list(tx=tx)
            if "order_index" not in given:
                others = await self._courses.every(tx=tx)
                last = others[-1]["order_index"] if others else -1
                course["order_index"] = min(last + 1, MAX_INDEX)
            await self._courses.insert(course, tx=tx)
            await self._link(course["_id"], given, tx=tx)
            if given.get("is_default"):
                await self._make_default(course["_id"], tx=tx)
            return await self._get(course["_id"], tx=tx)

    async def update(self, course_id: str, given: Mapping[str, Any]) -> Document:
        """Change what is given.

        Raises CourseNotFound, InvalidField, CourseLoop or DefaultCourseStays.
        """
        changes = {**_accepted(given), "updated_at": self._clock().replace(microsecond=0)}
        wanted = path_id(course_id, CourseNotFound)
        async with self._transaction() as tx:
            await self._courses.lock_list(tx=tx)
            course = await self._get(wanted, tx=tx)
            if "default_step_id" in given:
                changes["default_step_id"] = await self._named_step(wanted, given, tx=tx)
            await self._courses.change(wanted, changes, tx=tx)
            await self._link(wanted, given, tx=tx)
            if given.get("is_default"):
                await self._make_default(wanted, tx=tx)
            elif "is_default" in given and course["is_default"]:
                raise DefaultCourseStays("unset")
            return await self._shown(wanted, tx=tx)

    async def set_default(self, course_id: str) -> Document:
        """Make a course the default instead of the one that was. Raises CourseNotFound."""
        return await self.update(course_id, {"is_default": True})

    async def delete(self, course_id: str) -> None:
        """Take a course away with its steps; what participants did stays.

        Those before and after it follow each other then. Raises CourseNotFound or
        DefaultCourseStays.
        """
        wanted = path_id(course_id, CourseNotFound)
        now = self._clock().replace(microsecond=0)
        async with self._transaction() as tx:
            await self._courses.lock_list(tx=tx)
            course = await self._courses.lock_outline(wanted, tx=tx)
            if course is None:
                raise CourseNotFound
            if course["is_default"]:
                raise DefaultCourseStays("deleted")
            before = await self._links(tx=tx)
            await self._put_links(before, without(before, wanted), tx=tx)
            gone = {"is_deleted": True, "previous_course_id": None, "next_course_id": None}
            await self._courses.change(wanted, {**gone, "updated_at": now}, tx=tx)
            steps = await self._steps.of_course(wanted, tx=tx)
            step_ids = [step["_id"] for step in steps]
            await self._forms.leave_steps(step_ids, at=now, tx=tx)
            await self._tables.delete_of_course(wanted, at=now, tx=tx)
            await self._submissions.stop_waiting(step_ids, tx=tx)
            await self._materials.delete_of_course(wanted, at=now, tx=tx)
            await self._steps.delete_of_course(wanted, at=now, tx=tx)

    async def _get(self, course_id: ObjectId, *, tx: Tx) -> Document:
        course = await self._courses.find(course_id, tx=tx)
        if course is None:
            raise CourseNotFound
        return course

    async def _shown(self, course_id: ObjectId, *, tx: Tx) -> Document:
        course = await self._get(course_id, tx=tx)
        if course["default_step_id"] is None:
            steps = await self._steps.of_course(course_id, tx=tx)
            course["default_step_id"] = steps[0]["_id"] if steps else None
        return course

    async def _named_step(
        self, course_id: ObjectId, given: Mapping[str, Any], *, tx: Tx
    ) -> ObjectId | None:
        # Held against deleting the step at the same moment; the outline has it, too.
        await self._courses.lock_outline(course_id, tx=tx)
        if given["default_step_id"] is None:
            return None
        step_id = given_id(given["default_step_id"], "default_step_id")
        step = await self._steps.find(step_id, tx=tx)
        if step is None or step["course_id"] != course_id:
            raise UnknownReference("default_step_id", "step of this course")
        return step_id

    async def _make_default(self, course_id: ObjectId, *, tx: Tx) -> None:
        old = await self._courses.find_default(tx=tx)
        if old is not None and old["_id"] != course_id:
            await self._courses.change(old["_id"], {"is_default": False}, tx=tx)
        await self._courses.change(course_id, {"is_default": True}, tx=tx)

    async def _link(self, course_id: ObjectId, given: Mapping[str, Any], *, tx: Tx) -> None:
        """Put the course before and after those that are given."""
        if not given.keys() & {"previous_course_id", "next_course_id"}:
            return
        before = await self._links(tx=tx)
        after = dict(before)
        if given.keys() >= {"previous_course_id", "next_course_id"}:
            # The one that was next may be the one that is to be before: no loop in the end.
            after = with_next(after, course_id, None)
        if "previous_course_id" in given:
            after = with_previous(after, course_id, _linked(given, "previous_course_id", before))
        if "next_course_id" in given:
            after = with_next(after, course_id, _linked(given, "next_course_id", before))
        await self._put_links(before, after, tx=tx)

    async def _links(self, *, tx: Tx) -> dict[ObjectId, Links]:
        courses = await self._courses.every(tx=tx)
        return {
            course["_id"]: Links(course["previous_course_id"], course["next_course_id"])
            for course in courses
        }

    async def _put_links(
        self, before: Mapping[ObjectId, Links], after: Mapping[ObjectId, Links], *, tx: Tx
    ) -> None:
        changed = {
            course_id: {"previous_course_id": links.previous, "next_course_id": links.next}
            for course_id, links in after.items()
            if before[course_id] != links
        }
        await self._courses.change_each(changed, tx=tx)


def _linked(
    given: Mapping[str, Any], field: str, links: Mapping[ObjectId, Links]
) -> ObjectId | None:
    if given[field] is None:
        return None
    course_id = given_id(given[field], field)
    if course_id not in links:
        raise UnknownReference(field, "course")
    return course_id


def _accepted(given: Mapping[str, Any]) -> Document:
    """The fields that are kept as they come, and ids looked at. Raises InvalidField."""
    for field in ("previous_course_id", "next_course_id", "default_step_id"):
        if given.get(field) is not None:
            given_id(given[field], field)
    accepted: Document = {}
    if "name" in given:
        accepted["name"] = accepted_name(given["name"])
    if "description" in given:
        accepted["description"] = accepted_text(given["description"])
    if "image_url" in given:
        # Clients without a picture send an empty address.
        address = given["image_url"] or None
        accepted["image_url"] = address and accepted_url(address, "image_url")
    if "order_index" in given:
        accepted["order_index"] = accepted_index(given["order_index"])
    if "is_active" in given:
        accepted["is_active"] = given["is_active"]
    return accepted
