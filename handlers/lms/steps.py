"""Steps: seen by everybody, kept by managers."""

from handlers.bodies import Body, Int64
from handlers.lms.base import LmsHandler
from handlers.lms.step_views import MaterialsCompletedView, StepDetailsView, StepView


class NewStep(Body, frozen=True, kw_only=True):
    """A step to make; without a place it is the last of its course."""

    course_id: str
    name: str
    description: str = ""
    order_index: Int64 = 0
    previous_step_id: str | None = None
    unlock_on_exam_pass: bool = True


class StepChanges(Body, frozen=True, kw_only=True):
    """What a step is to be; what is left out stays."""

    name: str | None = None
    description: str | None = None
    order_index: Int64 | None = None
    previous_step_id: str | None = None
    unlock_on_exam_pass: bool | None = None


_NULLABLE = ("previous_step_id",)


class StepsHandler(LmsHandler):
    """Make a step."""

    async def post(self) -> None:
        """LMS "Create Step"."""
        given = self.parse_given(NewStep, nullable=_NULLABLE)
        self.render(StepView.of(await self.services.lms.step_editing.create(given)), status=201)


class StepHandler(LmsHandler):
    """See, change or delete a step."""

    has_etag = True

    async def get(self, step_id: str) -> None:
        """LMS "Get Step Details"."""
        details = await self.services.lms.steps.get(
            step_id, self.participant_query(), actor=self.actor
        )
        self.render(StepDetailsView.of(details))

    async def put(self, step_id: str) -> None:
        """LMS "Update Step"."""
        given = self.parse_given(StepChanges, nullable=_NULLABLE)
        self.render(StepView.of(await self.services.lms.step_editing.update(step_id, given)))

    async def delete(self, step_id: str) -> None:
        """LMS "Delete Step"."""
        await self.services.lms.step_editing.delete(step_id)
        self.render_nothing()


class StepExamHandler(LmsHandler):
    """Choose the exam that ends a step."""

    async def put(self, step_id: str) -> None:
        """LMS "Link Exam to Step"; an empty `form_id` takes the exam away."""
        step = await self.services.lms.step_editing.link_exam(step_id, self.text_query("form_id"))
        self.render(StepView.of(step))


class MaterialsCompleteHandler(LmsHandler):
    """Complete all materials of a step."""

    async def post(self, step_id: str) -> None:
        """LMS "Mark Materials Complete"."""
        studied = await self.services.lms.studying.complete_all(
            step_id, self.participant_query(), actor=self.actor
        )
        self.render(MaterialsCompletedView.of(studied))
