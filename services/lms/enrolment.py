"""Enrolling, and the one lock of everything that is done in a course by one participant."""

from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.lms.courses import CourseRepository
from repositories.lms.enrollments import EnrollmentRepository
from repositories.lms.step_progress import StepProgressRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.clock import Clock
from services.errors import Invalid
from services.lms.errors import (
    CourseInactive,
    CourseNotFound,
    StepLocked,
    StepNotFound,
    UnknownReference,
)
from services.lms.ids import path_id
from services.lms.outline import CourseOutline
from services.lms.outlines import Outlines
from services.lms.participants import Participants
from services.lms.progress_rules import CourseProgress, StepState, facts_by_step, progress_of
from services.lms.summaries import summary_of


class NoDefaultCourse(Invalid):
    """No course is the default yet."""

    code = "no_default_course"

    def __init__(self) -> None:
        super().__init__("There is no default course yet; a manager has to set one")


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A locked enrollment, its course, and the outline that what is done goes by."""

    course: Document
    enrollment: Document
    outline: CourseOutline

    @property
    def participant_id(self) -> ObjectId:
        """Whose it is."""
        found: ObjectId = self.enrollment["participant_id"]
        return found


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a participant's progress; `completed_now` only the first time."""

    progress: CourseProgress
    completed_now: bool


class Enrolments:
    """Locks a participant's course for what is done in it, and settles what it leads to."""

    def __init__(
        self,
        enrollments: EnrollmentRepository,
        step_progress: StepProgressRepository,
        courses: CourseRepository,
        users: UserRepository,
        outlines: Outlines,
    ):
        self._enrollments = enrollments
        self._step_progress = step_progress
        self._courses = courses
        self._users = users
        self._outlines = outlines

    async def locked(
        self, participant_id: ObjectId, course_id: ObjectId, *, at: datetime, tx: Tx
    ) -> Enrolled:
        """The participant's enrollment in a course, made if need be, locked until `tx` ends.

        Whatever a participant does, and whatever is decided on it, begins here. Raises
        CourseNotFound, CourseInactive when somebody would join it, or UnknownReference
        when the account is gone.
        """
        # What is kept after the account's own things were erased would stay for ever.
        if await self._users.lock(participant_id, tx=tx) is None:
            raise UnknownReference("participant_id", "account")
        course = await self._courses.find(course_id, tx=tx)
        if course is None:
            raise CourseNotFound
        enrollment = await self._enrollments.lock(participant_id, course_id, tx=tx)
        if enrollment is None:
            if not course["is_active"]:
                raise CourseInactive
            enrollment = await self._enrollments.insert(participant_id, course_id, at=at, tx=tx)
        return Enrolled(course, enrollment, await self._outlines.get(course, tx=tx))

    async def progress(
        self, enrolled: Enrolled, *, unlocks_all: bool = False, tx: Tx
    ) -> CourseProgress:
        """The participant's progress as it is in `tx`; `unlocks_all` where a manager acts."""
        kept = await self._step_progress.of_course(
            enrolled.participant_id, enrolled.course["_id"], tx=tx
        )
        return progress_of(enrolled.outline, facts_by_step(kept), unlocks_all=unlocks_all)

    async def open_step(
        self, enrolled: Enrolled, step_id: ObjectId, *, actor: Actor, tx: Tx
    ) -> StepState:
        """A step that may be acted on, as it is in `tx`; nothing is locked for managers.

        Raises StepNotFound or StepLocked.
        """
        progress = await self.progress(enrolled, unlocks_all=actor.is_manager, tx=tx)
        state = progress.of_step(step_id)
        if state is None:
            raise StepNotFound
        if state.is_locked:
            raise StepLocked
        return state

    async def settle(self, enrolled: Enrolled, *, at: datetime, tx: Tx) -> Settled:
        """Keep what the facts, as changed in `tx`, make of the enrollment.

        Every action ends here: the summary, the last activity, and the completion of the
        course, which happens once and stays.
        """
        progress = await self.progress(enrolled, tx=tx)
        enrollment_id = enrolled.enrollment["_id"]
        summary = summary_of(progress, enrolled.outline.version)
        await self._enrollments.put_summary(enrollment_id, summary, at=at, tx=tx)
        completed_now = progress.is_completed and await self._enrollments.claim_completion(
            enrollment_id, at=at, tx=tx
        )
        return Settled(progress, completed_now)


@dataclass(frozen=True, slots=True)
class Joined:
    """A course that somebody takes, and the step to go on with, None without steps."""

    course: Document
    current_step_id: ObjectId | None


class EnrolmentService:
    """Joins courses; joining again is as once."""

    def __init__(
        self,
        enrolments: Enrolments,
        enrollments: EnrollmentRepository,
        step_progress: StepProgressRepository,
        courses: CourseRepository,
        participants: Participants,
        transaction: Transaction,
        clock: Clock,
    ):
        self._enrolments = enrolments
        self._enrollments = enrollments
        self._step_progress = step_progress
        self._courses = courses
        self._participants = participants
        self._transaction = transaction
        self._clock = clock

    async def join_default(self, participant_id: str | None, *, actor: Actor) -> Joined:
        """Enroll a participant in the default course.

        Raises NoDefaultCourse, CourseInactive or what `Participants.resolve` does.
        """
        participant = await self._participants.resolve(participant_id, actor=actor)
        async with self._transaction() as tx:
            course = await self._courses.find_default(tx=tx)
            if course is None:
                raise NoDefaultCourse
            return await self._join(participant, course["_id"], tx)

    async def join(self, course_id: str, participant_id: str | None, *, actor: Actor) -> Joined:
        """Enroll a participant in a course (CONTRACT section 6).

        Raises CourseNotFound, CourseInactive or what `Participants.resolve` does.
        """
        participant = await self._participants.resolve(participant_id, actor=actor)
        wanted = path_id(course_id, CourseNotFound)
        async with self._transaction() as tx:
            return await self._join(participant, wanted, tx)

    async def _join(self, participant: ObjectId, course_id: ObjectId, tx: Tx) -> Joined:
        now = self._clock().replace(microsecond=0)
        enrolled = await self._enrolments.locked(participant, course_id, at=now, tx=tx)
        settled = await self._enrolments.settle(enrolled, at=now, tx=tx)
        current = settled.progress.current
        return Joined(enrolled.course, None if current is None else current.step.id)

    async def erase(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Delete an account's enrollments and progress (CONTRACT section 4)."""
        await self._enrollments.delete_of(user_id, tx=tx)
        await self._step_progress.delete_of(user_id, tx=tx)
