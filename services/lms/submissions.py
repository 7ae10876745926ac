"""Submissions as those see them who may: the ones that await review, and one's own."""

from collections.abc import Sequence
from dataclasses import dataclass

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.lms.courses import CourseRepository
from repositories.lms.exam_attempts import AttemptFilter, ExamAttemptRepository
from repositories.lms.exam_papers import ExamPaperRepository
from repositories.lms.steps import StepRepository
from repositories.types import Document
from services.access.actor import Actor
from services.clock import Clock
from services.lms.attempt_moves import AnotherSubmission, SubmissionNotFound
from services.lms.errors import AnotherParticipant, ParticipantNotFound, UnknownReference
from services.lms.exam_closing import ExamClosing
from services.lms.ids import given_id, path_id

# Those that wait longest; the others come up as these are decided.
_PENDING_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Submission:
    """An attempt, and the names of its step and course, deleted or not."""

    attempt: Document
    step_name: str
    course_name: str


@dataclass(frozen=True, slots=True)
class SubmissionDetails:
    """An attempt with its paper; `shows_answers` tells whether the caller may see the key."""

    submission: Submission
    paper: Document
    shows_answers: bool


class SubmissionService:
    """Lists and shows attempts."""

    def __init__(
        self,
        attempts: ExamAttemptRepository,
        papers: ExamPaperRepository,
        steps: StepRepository,
        courses: CourseRepository,
        users: UserRepository,
        closing: ExamClosing,
        clock: Clock,
    ):
        self._attempts = attempts
        self._papers = papers
        self._steps = steps
        self._courses = courses
        self._users = users
        self._closing = closing
        self._clock = clock

    async def pending(self, step_id: str | None, course_id: str | None) -> list[Submission]:
        """What awaits review, the longest waiting first. Raises InvalidField."""
        which = AttemptFilter(await self._step(step_id), await self._course(course_id))
        return await self._named(await self._attempts.pending(which, _PENDING_AT_ONCE))

    async def get(self, submission_id: str, *, actor: Actor) -> SubmissionDetails:
        """One's own attempt, or anybody's for a manager.

        Raises SubmissionNotFound or AnotherSubmission.
        """
        wanted = path_id(submission_id, SubmissionNotFound)
        attempt = await self._attempts.find(wanted)
        if attempt is None:
            raise SubmissionNotFound
        if attempt["participant_id"] != actor.id and not actor.is_manager:
            raise AnotherSubmission
        if await self._closing.touch([attempt], at=self._clock().replace(microsecond=0)):
            attempt = await self._attempts.find(wanted)
        paper = await self._papers.find(wanted)
        if attempt is None or paper is None:
            raise SubmissionNotFound
        (submission,) = await self._named([attempt])
        return SubmissionDetails(submission, paper, actor.is_manager)

    async def of_participant(self, participant_id: str, *, actor: Actor) -> list[Submission]:
        """All attempts of the caller, or of anybody for a manager, the newest first.

        Raises AnotherParticipant or ParticipantNotFound.
        """
        if not actor.is_manager and participant_id.lower() != str(actor.id):
            raise AnotherParticipant
        wanted = path_id(participant_id, ParticipantNotFound)
        if await self._users.find(wanted) is None:
            raise ParticipantNotFound
        attempts = await self._attempts.of_participant(wanted)
        if await self._closing.touch(attempts, at=self._clock().replace(microsecond=0)):
            attempts = await self._attempts.of_participant(wanted)
        return await self._named(attempts)

    async def _step(self, step_id: str | None) -> ObjectId | None:
        if step_id is None:
            return None
        wanted = given_id(step_id, "step_id")
        if not await self._steps.find_any([wanted]):
            raise UnknownReference("step_id", "step")
        return wanted

    async def _course(self, course_id: str | None) -> ObjectId | None:
        if course_id is None:
            return None
        wanted = given_id(course_id, "course_id")
        if not await self._courses.find_any([wanted]):
            raise UnknownReference("course_id", "course")
        return wanted

    async def _named(self, attempts: Sequence[Document]) -> list[Submission]:
        if not attempts:
            return []
        steps = await self._steps.find_any(list({each["step_id"] for each in attempts}))
        courses = await self._courses.find_any(list({each["course_id"] for each in attempts}))
        names = {each["_id"]: each["name"] for each in (*steps, *courses)}
        return [
            Submission(attempt, names[attempt["step_id"]], names[attempt["course_id"]])
            for attempt in attempts
        ]
