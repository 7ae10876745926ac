"""Submissions: read by their owners, reviewed by managers."""

from handlers.bodies import Body, Int64
from handlers.lms.base import LmsHandler
from handlers.lms.submission_views import (
    ApprovedView,
    ParticipantSubmissionView,
    ReviewedView,
    SubmissionDetailsView,
    SubmissionView,
)


class TheoryGrade(Body, frozen=True, kw_only=True):
    """The marks of a theory answer."""

    question_id: str
    marks_awarded: Int64


class Grades(Body, frozen=True, kw_only=True):
    """The marks of some theory answers; the others stay as they are."""

    theory_grades: list[TheoryGrade]
    feedback: str | None = None


class ApprovalBody(Body, frozen=True, kw_only=True):
    """What is said on passing; without words those of grading stay."""

    feedback: str | None = None
    unlock_next_course: bool = False


class RejectionBody(Body, frozen=True, kw_only=True):
    """Why a submission fails."""

    feedback: str


class RetakeBody(Body, frozen=True, kw_only=True):
    """Why another attempt is asked for."""

    reason: str


class PendingHandler(LmsHandler):
    """List what awaits review."""

    async def get(self) -> None:
        """LMS "Get Pending Submissions"; the 1,000 that wait longest."""
        pending = await self.services.lms.submissions.pending(
            self.text_query("step_id"), self.text_query("course_id")
        )
        self.render([SubmissionView.of(each) for each in pending])


class SubmissionHandler(LmsHandler):
    """See a submission."""

    async def get(self, submission_id: str) -> None:
        """LMS "Get Submission Details"; with the answers for managers."""
        details = await self.services.lms.submissions.get(submission_id, actor=self.actor)
        self.render(SubmissionDetailsView.of(details))


class ParticipantSubmissionsHandler(LmsHandler):
    """List the submissions of a participant."""

    async def get(self, participant_id: str) -> None:
        """LMS "Get Participant Submissions", the newest first."""
        found = await self.services.lms.submissions.of_participant(participant_id, actor=self.actor)
        self.render([ParticipantSubmissionView.of_participant(each) for each in found])


class GradeHandler(LmsHandler):
    """Give marks to theory answers."""

    async def post(self, submission_id: str) -> None:
        """LMS "Grade Theory Answers"."""
        given = self.parse_given(Grades, nullable=("feedback",))
        attempt = await self.services.lms.reviews.grade(
            submission_id,
            self.manager_query(),
            [(each.question_id, each.marks_awarded) for each in given["theory_grades"]],
            given.get("feedback"),
            actor=self.actor,
        )
        self.render(ReviewedView.of(attempt, "Submission graded"))


class ApproveHandler(LmsHandler):
    """Let a submission pass."""

    async def post(self, submission_id: str) -> None:
        """LMS "Approve Submission"."""
        given = self.parse_given(ApprovalBody, nullable=("feedback",))
        approval = await self.services.lms.reviews.approve(
            submission_id,
            self.manager_query(),
            given.get("feedback"),
            unlocks_next_course=given.get("unlock_next_course", False),
            actor=self.actor,
        )
        self.render(ApprovedView.of(approval))


class RejectHandler(LmsHandler):
    """Let a submission fail."""

    async def post(self, submission_id: str) -> None:
        """LMS "Reject Submission"."""
        body = self.parse(RejectionBody)
        attempt = await self.services.lms.reviews.reject(
            submission_id, self.manager_query(), body.feedback, actor=self.actor
        )
        self.render(ReviewedView.of(attempt, "Submission rejected"))


class RetakeHandler(LmsHandler):
    """Ask for another attempt."""

    async def post(self, submission_id: str) -> None:
        """LMS "Request Retake"."""
        body = self.parse(RetakeBody)
        attempt = await self.services.lms.reviews.request_retake(
            submission_id, self.manager_query(), body.reason, actor=self.actor
        )
        self.render(ReviewedView.of(attempt, "Retake requested"))
