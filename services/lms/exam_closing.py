"""Attempts whose time is over, handed in or rejected without anybody's doing.

One without saved answers is rejected (CONTRACT section 6), one with them is submitted as it
is (docs/decisions/0017).
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import partial

from bson import ObjectId

from repositories.lms.exam_attempts import ExamAttemptRepository
from repositories.lms.exam_papers import ExamPaperRepository
from repositories.types import Document, Transaction, Tx
from services.clock import Clock
from services.housekeeping import do_each
from services.lms.attempt_moves import AttemptMoves, Held, Moved, ParticipantGone
from services.lms.attempt_rules import (
    GRACE,
    TIME_EXPIRED,
    Answers,
    is_overdue,
    mcq_result,
    saved_answers,
    theory_result,
)
from services.lms.attempt_states import AttemptMove
from services.lms.review_mail import ReviewMail

_AT_ONCE = 100


class ExamClosing:
    """Hands in attempts; those that are overdue at their next touch, or as a chore."""

    def __init__(
        self,
        attempts: ExamAttemptRepository,
        papers: ExamPaperRepository,
        moves: AttemptMoves,
        mail: ReviewMail,
        transaction: Transaction,
        clock: Clock,
    ):
        self._attempts = attempts
        self._papers = papers
        self._moves = moves
        self._mail = mail
        self._transaction = transaction
        self._clock = clock

    async def submit(
        self,
        held: Held,
        paper: Document,
        answers: Answers,
        *,
        submitted_at: datetime,
        at: datetime,
        tx: Tx,
    ) -> Moved:
        """Hand in an attempt with its answers, marked, and tell the managers.

        Raises AttemptRefusesMove.
        """
        questions = paper["form"]["questions"]
        changes = {
            "submitted_at": submitted_at,
            **mcq_result(questions, answers),
            **theory_result(questions, {}),
        }
        moved = await self._moves.move(held, AttemptMove.SUBMIT, changes, at=at, tx=tx)
        await self._mail.tell_managers(moved.attempt, tx=tx)
        return moved

    async def touch(self, attempts: Iterable[Document], *, at: datetime) -> int:
        """Close those of some attempts that are overdue; how many that were."""
        closed = 0
        for attempt in attempts:
            if is_overdue(attempt, at=at):
                closed += await self._close(attempt, at=at)
        return closed

    async def close_overdue(self) -> int:
        """Close every attempt that is overdue; how many that were.

        What another process is about, or fails, is left to the next time.
        """
        now = self._clock().replace(microsecond=0)

        async def overdue(left: Collection[ObjectId]) -> list[ObjectId]:
            found = await self._attempts.overdue(now - GRACE, _AT_ONCE, but=left)
            return [attempt["_id"] for attempt in found]

        return await do_each("exams", overdue, partial(self._close_one, at=now))

    async def _close_one(self, attempt_id: ObjectId, *, at: datetime) -> bool:
        attempt = await self._attempts.find(attempt_id)
        try:
            return attempt is not None and await self._close(attempt, at=at)
        except ParticipantGone:
            # With the account goes the attempt.
            return False

    async def _close(self, attempt: Document, *, at: datetime) -> bool:
        """Whether this one was overdue still."""
        async with self._transaction() as tx:
            held = await self._moves.held(attempt, at=at, tx=tx)
            paper = await self._papers.find(attempt["_id"], tx=tx)
            if paper is None or not is_overdue(held.attempt, at=at):
                return False
            answers = saved_answers(paper)
            if answers:
                due_at = held.attempt["deadline_at"]
                await self.submit(held, paper, answers, submitted_at=due_at, at=at, tx=tx)
            else:
                changes = {"feedback": TIME_EXPIRED}
                await self._moves.move(held, AttemptMove.EXPIRE, changes, at=at, tx=tx)
        return True
