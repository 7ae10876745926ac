"""Moving attempts: the one way in which the state of any of them changes."""

from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId

from repositories.lms.exam_attempts import ExamAttemptRepository
from repositories.lms.step_progress import StepProgressRepository
from repositories.types import Document, Tx
from services.errors import Forbidden, Invalid, NotFound
from services.lms.attempt_rules import standing
from services.lms.attempt_states import AttemptMove, after
from services.lms.enrolment import Enrolled, Enrolments, Settled
from services.lms.errors import CourseNotFound, UnknownReference
from services.lms.statuses import AttemptStatus


class SubmissionNotFound(NotFound):
    """There is no such attempt."""

    code = "submission_not_found"

    def __init__(self) -> None:
        super().__init__("Submission not found")


class AnotherSubmission(Forbidden):
    """The attempt is another participant's."""

    code = "another_submission"

    def __init__(self) -> None:
        super().__init__("This submission is another participant's")


class ParticipantGone(Invalid):
    """The account of the attempt is deleted, and so nothing can come of it."""

    code = "participant_gone"

    def __init__(self) -> None:
        super().__init__("The participant's account is deleted; this submission can only be read")


@dataclass(frozen=True, slots=True)
class Held:
    """An attempt that nobody else changes, and the enrollment that holds it.

    `enrolled` is None when the course is deleted.
    """

    attempt: Document
    enrolled: Enrolled | None


@dataclass(frozen=True, slots=True)
class Moved:
    """An attempt after a move; `settled` is None when the course is deleted."""

    attempt: Document
    settled: Settled | None


class AttemptMoves:
    """Holds attempts, moves them as `attempt_states` allows, and keeps what that leads to."""

    def __init__(
        self,
        attempts: ExamAttemptRepository,
        step_progress: StepProgressRepository,
        enrolments: Enrolments,
    ):
        self._attempts = attempts
        self._step_progress = step_progress
        self._enrolments = enrolments

    async def held(self, attempt: Document, *, at: datetime, tx: Tx) -> Held:
        """An attempt as it is in `tx`, locked by its participant's enrollment.

        Raises ParticipantGone or SubmissionNotFound.
        """
        participant_id, course_id = attempt["participant_id"], attempt["course_id"]
        enrolled: Enrolled | None = None
        try:
            enrolled = await self._enrolments.locked(participant_id, course_id, at=at, tx=tx)
        except UnknownReference as problem:
            raise ParticipantGone from problem
        except CourseNotFound:
            # What was submitted outlives its course; the account is locked by now.
            enrolled = None
        found = await self._attempts.find(attempt["_id"], tx=tx)
        if found is None:
            raise SubmissionNotFound
        return Held(found, enrolled)

    async def begin(self, attempt: Document, enrolled: Enrolled, *, at: datetime, tx: Tx) -> None:
        """Keep a new attempt."""
        await self._attempts.insert(attempt, tx=tx)
        await self._keep_fact(attempt, AttemptStatus.IN_PROGRESS, at=at, tx=tx)
        await self._enrolments.settle(enrolled, at=at, tx=tx)

    async def move(
        self, held: Held, move: AttemptMove, changes: Document, *, at: datetime, tx: Tx
    ) -> Moved:
        """Move an attempt, with what changes beside its status. Raises AttemptRefusesMove."""
        attempt = held.attempt
        status = after(AttemptStatus(attempt["status"]), move)
        changed = {**changes, **standing(status)}
        await self._attempts.claim_move(attempt["_id"], attempt["status"], changed, tx=tx)
        await self._keep_fact(attempt, status, at=at, tx=tx)
        settled: Settled | None = None
        if held.enrolled is not None:
            settled = await self._enrolments.settle(held.enrolled, at=at, tx=tx)
        return Moved({**attempt, **changed}, settled)

    async def _keep_fact(
        self, attempt: Document, status: AttemptStatus, *, at: datetime, tx: Tx
    ) -> None:
        """Keep in the step's progress where its exam stands: by the last attempt, or a passed one.

        An attempt at an exam that another took the place of since may still be decided.
        """
        kept = await self._step_progress.open(
            attempt["participant_id"], attempt["step_id"], attempt["course_id"], at=at, tx=tx
        )
        if _tells(kept["exam"], attempt["_id"], status):
            await self._step_progress.put_exam(kept["_id"], attempt, status.value, tx=tx)


def _tells(fact: Document | None, attempt_id: ObjectId, status: AttemptStatus) -> bool:
    """Whether an attempt, rather than the one in the fact, says where the exam stands."""
    if fact is None or fact["attempt_id"] == attempt_id:
        return True
    if fact["status"] == AttemptStatus.APPROVED:
        return False
    return status in (AttemptStatus.IN_PROGRESS, AttemptStatus.APPROVED)
