"""How much awaits review, and for how long."""

from repositories.lms.exam_attempts import AttemptFilter, ExamAttemptRepository
from repositories.lms.requirement_submissions import RequirementSubmissionRepository
from services.clock import Clock
from services.console.figures import ReviewQueue


class LmsFigures:
    """Counts what managers have before them."""

    def __init__(
        self,
        attempts: ExamAttemptRepository,
        requirements: RequirementSubmissionRepository,
        clock: Clock,
    ):
        self._attempts = attempts
        self._requirements = requirements
        self._clock = clock

    async def review_queues(self) -> tuple[ReviewQueue, ...]:
        """Exams, and requirement tables."""
        exams = await self._attempts.pending(AttemptFilter(), 1)
        table = await self._requirements.find_longest_waiting()
        return (
            ReviewQueue(
                kind="exams",
                waiting=await self._attempts.count_pending(at=self._clock()),
                oldest_at=exams[0]["submitted_at"] if exams else None,
            ),
            ReviewQueue(
                kind="requirement_tables",
                waiting=await self._requirements.count_waiting(),
                oldest_at=table["submitted_at"] if table else None,
            ),
        )
