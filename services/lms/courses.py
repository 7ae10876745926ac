"""Courses as everybody sees them."""

from dataclasses import dataclass

from repositories.lms.courses import CourseFilter, CourseRepository
from repositories.lms.step_progress import StepProgressRepository
from repositories.lms.steps import StepRepository
from repositories.types import Document
from services.access.actor import Actor
from services.lms.errors import CourseNotFound
from services.lms.ids import path_id
from services.lms.outlines import Outlines
from services.lms.participants import unlocks_all
from services.lms.progress_rules import CourseProgress, facts_by_step, progress_of


@dataclass(frozen=True, slots=True)
class CourseDetails:
    """A course, and where the caller stands in each of its steps."""

    course: Document
    progress: CourseProgress


class CourseService:
    """Lists and shows courses; `default_step_id` is that of the first step where none is named."""

    def __init__(
        self,
        courses: CourseRepository,
        steps: StepRepository,
        step_progress: StepProgressRepository,
        outlines: Outlines,
    ):
        self._courses = courses
        self._steps = steps
        self._step_progress = step_progress
        self._outlines = outlines

    async def every(self, is_active: bool | None, is_default: bool | None) -> list[Document]:
        """The courses in their order; None asks for all."""
        courses = await self._courses.every(CourseFilter(is_active, is_default))
        first = await self._steps.first_of([course["_id"] for course in courses])
        return [
            {**course, "default_step_id": course["default_step_id"] or first.get(course["_id"])}
            for course in courses
        ]

    async def get(self, course_id: str, *, actor: Actor) -> CourseDetails:
        """A course with its steps, as far as the caller has come. Raises CourseNotFound."""
        course = await self._courses.find(path_id(course_id, CourseNotFound))
        if course is None:
            raise CourseNotFound
        outline = await self._outlines.get(course)
        kept = await self._step_progress.of_course(actor.id, course["_id"])
        progress = progress_of(
            outline, facts_by_step(kept), unlocks_all=unlocks_all(actor.id, actor)
        )
        first = outline.steps[0].id if outline.steps else None
        shown = {**course, "default_step_id": course["default_step_id"] or first}
        return CourseDetails(shown, progress)
