"""Reviewing submissions: grading, and the one decision that each comes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId

from repositories.lms.exam_attempts import ExamAttemptRepository
from repositories.lms.exam_papers import ExamPaperRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.access.audit import AuditAction, AuditLog
from services.clock import Clock
from services.errors import Invalid
from services.lms import marking
from services.lms.attempt_moves import AttemptMoves, Held, Moved, SubmissionNotFound
from services.lms.attempt_rules import by_question, theory_result
from services.lms.attempt_states import AttemptMove, after
from services.lms.enrolment import Enrolled, Enrolments
from services.lms.errors import CourseInactive, CourseNotFound, InvalidField
from services.lms.exam_closing import ExamClosing
from services.lms.ids import path_id
from services.lms.participants import check_manager
from services.lms.progress_rules import CourseProgress, StepState
from services.lms.review_mail import ReviewMail
from services.lms.statuses import AttemptStatus
from services.lms.texts import accepted_text

_ACTIONS = {
    AttemptMove.GRADE: AuditAction.GRADE_SUBMISSION,
    AttemptMove.APPROVE: AuditAction.APPROVE_SUBMISSION,
    AttemptMove.REJECT: AuditAction.REJECT_SUBMISSION,
    AttemptMove.REQUEST_RETAKE: AuditAction.REQUEST_RETAKE,
}


class NotGraded(Invalid):
    """A theory question has no marks yet."""

    code = "not_graded"

    def __init__(self) -> None:
        super().__init__("Grade every theory answer of this submission before it is approved")


class NextCourseInactive(Invalid):
    """Nobody joins an inactive course."""

    code = "next_course_inactive"

    def __init__(self) -> None:
        super().__init__(
            "The next course is not active and can't be joined; activate it, or approve "
            "without unlock_next_course"
        )


@dataclass(frozen=True, slots=True)
class Approval:
    """What an approval led to, and what it did not before.

    `next_step_id` is that of the step to go on with, None when there is none that is open.
    """

    next_step_unlocked: bool
    next_step_id: ObjectId | None
    course_completed: bool


class ReviewService:
    """What managers do with submissions; of two decisions on one, one is refused."""

    def __init__(
        self,
        attempts: ExamAttemptRepository,
        papers: ExamPaperRepository,
        enrolments: Enrolments,
        moves: AttemptMoves,
        closing: ExamClosing,
        mail: ReviewMail,
        audit: AuditLog,
        transaction: Transaction,
        clock: Clock,
    ):
        self._attempts = attempts
        self._papers = papers
        self._enrolments = enrolments
        self._moves = moves
        self._closing = closing
        self._mail = mail
        self._audit = audit
        self._transaction = transaction
        self._clock = clock

    async def grade(
        self,
        submission_id: str,
        manager_id: str | None,
        grades: Sequence[tuple[str, int]],
        feedback: str | None,
        *,
        actor: Actor,
    ) -> Document:
        """Give marks to theory answers, again as long as nothing is decided; the attempt then.

        Raises SubmissionNotFound, AnotherManager, InvalidGrades, InvalidField,
        ParticipantGone or AttemptRefusesMove.
        """
        marking.check_grades(grades)
        said = _accepted(feedback)
        attempt, now = await self._reviewed(submission_id, manager_id, actor=actor)
        async with self._transaction() as tx:
            held = await self._moves.held(attempt, at=now, tx=tx)
            after(AttemptStatus(held.attempt["status"]), AttemptMove.GRADE)
            paper = await self._papers.find(attempt["_id"], tx=tx)
            if paper is None:
                raise SubmissionNotFound
            questions = paper["form"]["questions"]
            awarded = by_question(held.attempt["theory_marks"])
            awarded |= marking.checked_grades(questions, grades)
            changes = theory_result(questions, awarded) | _said(said)
            moved = await self._move(held, AttemptMove.GRADE, changes, actor=actor, at=now, tx=tx)
        return moved.attempt

    async def approve(
        self,
        submission_id: str,
        manager_id: str | None,
        feedback: str | None,
        *,
        unlocks_next_course: bool,
        actor: Actor,
    ) -> Approval:
        """Let a submission pass, with all that follows from it.

        `unlocks_next_course` enrols in the course after this one, on the last step only.
        Raises what `grade` does, NotGraded or NextCourseInactive.
        """
        said = _accepted(feedback)
        attempt, now = await self._reviewed(submission_id, manager_id, actor=actor)
        move, participant_id = AttemptMove.APPROVE, attempt["participant_id"]
        async with (
            self._mail.allowance(move, participant_id) as may_tell,
            self._transaction() as tx,
        ):
            held = await self._moves.held(attempt, at=now, tx=tx)
            after(AttemptStatus(held.attempt["status"]), move)
            if held.attempt["theory_score"] is None:
                raise NotGraded
            before: CourseProgress | None = None
            if held.enrolled is not None:
                before = await self._enrolments.progress(held.enrolled, tx=tx)
            moved = await self._move(held, move, _said(said), actor=actor, at=now, tx=tx)
            if may_tell:
                await self._mail.tell_participant(move, moved.attempt, tx=tx)
            if held.enrolled is None or before is None:
                return Approval(False, None, False)
            if unlocks_next_course and _is_last(before, attempt["step_id"]):
                await self._join_next(held.enrolled, at=now, tx=tx)
        return _approval(before, moved)

    async def reject(
        self, submission_id: str, manager_id: str | None, feedback: str, *, actor: Actor
    ) -> Document:
        """Let a submission fail; the attempt as it is then. Raises what `grade` does."""
        return await self._decide(
            AttemptMove.REJECT,
            submission_id,
            manager_id,
            _required(feedback, "feedback"),
            actor=actor,
        )

    async def request_retake(
        self, submission_id: str, manager_id: str | None, reason: str, *, actor: Actor
    ) -> Document:
        """Ask for another attempt, which is one more than there were; the attempt then.

        Raises what `grade` does.
        """
        return await self._decide(
            AttemptMove.REQUEST_RETAKE,
            submission_id,
            manager_id,
            _required(reason, "reason"),
            actor=actor,
        )

    async def _decide(
        self,
        move: AttemptMove,
        submission_id: str,
        manager_id: str | None,
        feedback: str,
        *,
        actor: Actor,
    ) -> Document:
        attempt, now = await self._reviewed(submission_id, manager_id, actor=actor)
        async with (
            self._mail.allowance(move, attempt["participant_id"]) as may_tell,
            self._transaction() as tx,
        ):
            held = await self._moves.held(attempt, at=now, tx=tx)
            moved = await self._move(held, move, _said(feedback), actor=actor, at=now, tx=tx)
            if may_tell:
                await self._mail.tell_participant(move, moved.attempt, tx=tx)
        return moved.attempt

    async def _move(
        self,
        held: Held,
        move: AttemptMove,
        changes: Document,
        *,
        actor: Actor,
        at: datetime,
        tx: Tx,
    ) -> Moved:
        """Carry out what a manager decides, and keep who it was."""
        changes = {**changes, "reviewed_by": actor.id, "reviewed_at": at}
        moved = await self._moves.move(held, move, changes, at=at, tx=tx)
        attempt = moved.attempt
        details = {"form": attempt["form_name"], "attempt": attempt["attempt_number"]}
        await self._audit.record(
            _ACTIONS[move], attempt["_id"], actor=actor, tx=tx, details=details
        )
        return moved

    async def _reviewed(
        self, submission_id: str, manager_id: str | None, *, actor: Actor
    ) -> tuple[Document, datetime]:
        """The attempt that the caller reviews, closed if its time is over, and this moment."""
        check_manager(manager_id, actor=actor)
        attempt = await self._attempts.find(path_id(submission_id, SubmissionNotFound))
        if attempt is None:
            raise SubmissionNotFound
        now = self._clock().replace(microsecond=0)
        await self._closing.touch([attempt], at=now)
        return attempt, now

    async def _join_next(self, enrolled: Enrolled, *, at: datetime, tx: Tx) -> None:
        next_id = enrolled.course["next_course_id"]
        if next_id is None:
            return
        try:
            joined = await self._enrolments.locked(enrolled.participant_id, next_id, at=at, tx=tx)
        except CourseInactive as problem:
            raise NextCourseInactive from problem
        except CourseNotFound:
            # It was deleted in this moment.
            return
        await self._enrolments.settle(joined, at=at, tx=tx)


def _said(feedback: str | None) -> Document:
    """What a review changes in words; without any those of before stay."""
    return {} if feedback is None else {"feedback": feedback}


def _accepted(feedback: str | None) -> str | None:
    return None if feedback is None else accepted_text(feedback, "feedback")


def _required(text: str, field: str) -> str:
    if not text.strip():
        raise InvalidField(field, "is required")
    return accepted_text(text, field)


def _approval(before: CourseProgress, moved: Moved) -> Approval:
    """What a move made of a participant's progress."""
    if moved.settled is None:
        return Approval(False, None, False)
    step_id = moved.attempt["step_id"]
    was, now = _next(before, step_id), _next(moved.settled.progress, step_id)
    is_open = now is not None and not now.is_locked
    return Approval(
        next_step_unlocked=is_open and was is not None and was.is_locked,
        next_step_id=now.step.id if now is not None and is_open else None,
        course_completed=moved.settled.completed_now,
    )


def _is_last(progress: CourseProgress, step_id: ObjectId) -> bool:
    return bool(progress.steps) and progress.steps[-1].step.id == step_id


def _next(progress: CourseProgress, step_id: ObjectId) -> StepState | None:
    """The step after one, None after the last and for a step that is deleted."""
    ids = [state.step.id for state in progress.steps]
    place = ids.index(step_id) + 1 if step_id in ids else len(ids)
    return progress.steps[place] if place < len(ids) else None
