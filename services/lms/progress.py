"""A participant's own views: all courses, one course, one step, as far as one has come.

None of them writes what it shows: all is computed from what happened, by the rules that lock
and unlock (`services/lms/progress_rules.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bson import ObjectId

from repositories.lms.courses import CourseRepository
from repositories.lms.enrollments import EnrollmentRepository
from repositories.lms.exam_attempts import ExamAttemptRepository
from repositories.lms.forms import FormRepository
from repositories.lms.materials import MaterialRepository
from repositories.lms.step_progress import StepProgressRepository
from repositories.lms.steps import StepRepository
from repositories.types import Document
from services.access.actor import Actor
from services.lms.errors import CourseNotFound, StepNotFound
from services.lms.ids import path_id
from services.lms.outlines import Outlines
from services.lms.participants import Participants, unlocks_all
from services.lms.progress_rules import (
    CourseProgress,
    StepState,
    exam_fact,
    facts_by_step,
    progress_of,
)
from services.lms.standings import Standing, Standings, is_completed


@dataclass(frozen=True, slots=True)
class CourseStanding:
    """A course with its exams by id, and where a participant stands in it."""

    course: Document
    progress: CourseProgress
    exams: Mapping[ObjectId, Document]
    is_completed: bool


@dataclass(frozen=True, slots=True)
class StepStanding:
    """A step with its materials, and where a participant stands in it.

    `attempt` is the last at the exam that the step has, None without one. `shows_content` is
    whether the caller may see what is in the materials.
    """

    state: StepState
    order_index: int
    materials: list[Document]
    attempt: Document | None
    shows_content: bool


class ProgressService:
    """Shows participants, or managers in their place, how far they have come."""

    def __init__(
        self,
        courses: CourseRepository,
        steps: StepRepository,
        materials: MaterialRepository,
        forms: FormRepository,
        enrollments: EnrollmentRepository,
        step_progress: StepProgressRepository,
        attempts: ExamAttemptRepository,
        outlines: Outlines,
        standings: Standings,
        participants: Participants,
    ):
        self._courses = courses
        self._steps = steps
        self._materials = materials
        self._forms = forms
        self._enrollments = enrollments
        self._step_progress = step_progress
        self._attempts = attempts
        self._outlines = outlines
        self._standings = standings
        self._participants = participants

    async def courses(self, participant_id: str | None, *, actor: Actor) -> list[Standing]:
        """The courses that a participant takes, in the order of courses.

        Raises what `Participants.resolve` does.
        """
        participant = await self._participants.resolve(participant_id, actor=actor)
        enrollments = await self._enrollments.of_participant(participant)
        found = await self._courses.find_any([each["course_id"] for each in enrollments])
        live = {course["_id"]: course for course in found if not course["is_deleted"]}
        taken = [
            (each, live[each["course_id"]]) for each in enrollments if each["course_id"] in live
        ]
        taken.sort(key=lambda pair: (pair[1]["order_index"], pair[1]["_id"]))
        return await self._standings.of(taken)

    async def course(
        self, course_id: str, participant_id: str | None, *, actor: Actor
    ) -> CourseStanding:
        """Where a participant stands in a course; whoever does not take it is at its beginning.

        Raises CourseNotFound or what `Participants.resolve` does.
        """
        participant = await self._participants.resolve(participant_id, actor=actor)
        course = await self._courses.find(path_id(course_id, CourseNotFound))
        if course is None:
            raise CourseNotFound
        enrollment = await self._enrollments.find(participant, course["_id"])
        kept = await self._step_progress.of_course(participant, course["_id"])
        progress = await self._progress(course, kept, participant, actor)
        exam_ids = [state.step.exam_id for state in progress.steps if state.step.exam_id]
        return CourseStanding(
            course=course,
            progress=progress,
            exams=await self._forms.headings(exam_ids),
            is_completed=is_completed(enrollment, progress.is_completed),
        )

    async def step(self, step_id: str, participant_id: str | None, *, actor: Actor) -> StepStanding:
        """Where a participant stands in a step.

        Raises StepNotFound or what `Participants.resolve` does.
        """
        participant = await self._participants.resolve(participant_id, actor=actor)
        step = await self._steps.find(path_id(step_id, StepNotFound))
        course = None if step is None else await self._courses.find(step["course_id"])
        if step is None or course is None:
            raise StepNotFound
        kept = await self._step_progress.of_course(participant, course["_id"])
        progress = await self._progress(course, kept, participant, actor)
        state = progress.of_step(step["_id"])
        if state is None:
            raise StepNotFound
        return StepStanding(
            state=state,
            order_index=step["order_index"],
            materials=await self._materials.of_step(step["_id"]),
            attempt=await self._attempt(state, kept),
            shows_content=actor.is_manager or not state.is_locked,
        )

    async def _progress(
        self, course: Document, kept: Sequence[Document], participant: ObjectId, actor: Actor
    ) -> CourseProgress:
        outline = await self._outlines.get(course)
        return progress_of(
            outline, facts_by_step(kept), unlocks_all=unlocks_all(participant, actor)
        )

    async def _attempt(self, state: StepState, kept: Sequence[Document]) -> Document | None:
        """The last attempt in a step, unless another exam has taken the place of its exam."""
        facts = (
            exam_fact(each, state.step.exam_id) for each in kept if each["step_id"] == state.step.id
        )
        last = next((fact for fact in facts if fact is not None), None)
        return None if last is None else await self._attempts.find(last[1])
