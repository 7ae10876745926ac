"""Steps as participants see them: what is in them, and how far one has come."""

from dataclasses import dataclass

from repositories.lms.courses import CourseRepository
from repositories.lms.forms import FormRepository
from repositories.lms.materials import MaterialRepository
from repositories.lms.step_progress import StepProgressRepository
from repositories.lms.steps import StepRepository
from repositories.types import Document
from services.access.actor import Actor
from services.lms.errors import StepNotFound
from services.lms.ids import path_id
from services.lms.outlines import Outlines
from services.lms.participants import Participants, unlocks_all
from services.lms.progress_rules import StepState, facts_by_step, progress_of


@dataclass(frozen=True, slots=True)
class StepDetails:
    """A step with its materials and its exam, None without one, as a participant stands in it.

    `shows_content` is whether the caller may see what is in the materials.
    """

    step: Document
    state: StepState
    materials: list[Document]
    exam: Document | None
    shows_content: bool


class StepService:
    """Shows steps."""

    def __init__(
        self,
        courses: CourseRepository,
        steps: StepRepository,
        materials: MaterialRepository,
        forms: FormRepository,
        step_progress: StepProgressRepository,
        outlines: Outlines,
        participants: Participants,
    ):
        self._courses = courses
        self._steps = steps
        self._materials = materials
        self._forms = forms
        self._step_progress = step_progress
        self._outlines = outlines
        self._participants = participants

    async def get(self, step_id: str, participant_id: str | None, *, actor: Actor) -> StepDetails:
        """A step as a participant stands in it.

        Raises StepNotFound or what `Participants.resolve` does.
        """
        participant = await self._participants.resolve(participant_id, actor=actor)
        step = await self._steps.find(path_id(step_id, StepNotFound))
        course = None if step is None else await self._courses.find(step["course_id"])
        if step is None or course is None:
            raise StepNotFound
        outline = await self._outlines.get(course)
        kept = await self._step_progress.of_course(participant, course["_id"])
        progress = progress_of(
            outline, facts_by_step(kept), unlocks_all=unlocks_all(participant, actor)
        )
        state = progress.of_step(step["_id"])
        if state is None:
            raise StepNotFound
        return StepDetails(
            step=step,
            state=state,
            materials=await self._materials.of_step(step["_id"]),
            exam=None if step["exam_id"] is None else await self._forms.find(step["exam_id"]),
            shows_content=actor.is_manager or not state.is_locked,
        )
