"""How much an account has in the LMS."""

from bson import ObjectId

from repositories.lms.enrollments import EnrollmentRepository
from repositories.lms.exam_attempts import ExamAttemptRepository
from repositories.lms.requirement_submissions import RequirementSubmissionRepository


class LmsCounter:
    """Counts courses, exam submissions and requirement submissions."""

    def __init__(
        self,
        enrollments: EnrollmentRepository,
        attempts: ExamAttemptRepository,
        requirements: RequirementSubmissionRepository,
    ):
        self._enrollments = enrollments
        self._attempts = attempts
        self._requirements = requirements

    async def counts_of(self, user_id: ObjectId) -> dict[str, int]:
        """What the account takes part in, and did there."""
        return {
            "courses": await self._enrollments.count_of(user_id),
            "exam_submissions": await self._attempts.count_of(user_id),
            "requirement_submissions": await self._requirements.count_of(user_id),
        }
