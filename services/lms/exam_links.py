"""Which form is the exam of which step: a form of one step at most, a step of one form."""

from datetime import datetime

from bson import ObjectId

from repositories.lms.courses import CourseRepository
from repositories.lms.forms import FormRepository
from repositories.lms.steps import StepRepository
from repositories.types import Document, Tx
from services.lms.errors import StepNotFound


class ExamLinks:
    """Links forms to steps; the courses concerned get a new version of their outline."""

    def __init__(self, courses: CourseRepository, steps: StepRepository, forms: FormRepository):
        self._courses = courses
        self._steps = steps
        self._forms = forms

    async def locked_step(self, step_id: ObjectId, *, tx: Tx) -> Document:
        """A step whose course's outline nobody else changes until `tx` ends.

        Raises StepNotFound.
        """
        step = await self._steps.find(step_id, tx=tx)
        if step is None:
            raise StepNotFound
        await self._courses.lock_outline(step["course_id"], tx=tx)
        # It may have gone before its course was held.
        step = await self._steps.find(step_id, tx=tx)
        if step is None:
            raise StepNotFound
        return step

    async def link(self, step_id: ObjectId, form_id: ObjectId, *, at: datetime, tx: Tx) -> None:
        """Make a form the exam of a step, which is locked, and of no other."""
        for other in await self._steps.with_exam(form_id, tx=tx):
            if other["_id"] != step_id:
                await self._unlink(other, at=at, tx=tx)
        await self._steps.change(step_id, {"exam_id": form_id, "updated_at": at}, tx=tx)
        await self._forms.change(form_id, {"step_id": step_id, "updated_at": at}, tx=tx)

    async def leave(self, form_id: ObjectId, *, at: datetime, tx: Tx) -> None:
        """Leave the step whose exam a form is without an exam."""
        for step in await self._steps.with_exam(form_id, tx=tx):
            await self._unlink(step, at=at, tx=tx)

    async def _unlink(self, step: Document, *, at: datetime, tx: Tx) -> None:
        await self._courses.lock_outline(step["course_id"], tx=tx)
        await self._steps.change(step["_id"], {"exam_id": None, "updated_at": at}, tx=tx)
