"""What participants do in requirement tables, and what managers decide on it."""

from handlers.bodies import Body, Int64
from handlers.lms.base import LmsHandler
from handlers.lms.requirement_views import (
    ReviewedView,
    RowUpdatedView,
    SubmissionView,
    TableSubmittedView,
    WaitingSubmissionView,
)
from handlers.timestamps import as_timestamp
from services.lms.requirement_rows import Decision


class RowEntry(Body, frozen=True, kw_only=True):
    """What a participant did in a row; a value or remarks that are left out stay."""

    serial_number: Int64
    completed: bool
    completed_value: int | float | None = None
    remarks: str | None = None


class RowDecision(Body, frozen=True, kw_only=True):
    """What a manager decides on a row."""

    approved: bool
    approval_remarks: str | None = None


class TableApproval(Body, frozen=True, kw_only=True):
    """What a manager says of a whole table."""

    approval_remarks: str | None = None


_REMARKS = ("approval_remarks",)


class MySubmissionHandler(LmsHandler):
    """See what one did in a table; the first time begins it."""

    async def get(self, table_id: str) -> None:
        """LMS "Get My Requirement Submission"."""
        submission = await self.services.lms.requirement_submissions.mine(
            table_id, self.participant_query(), actor=self.actor
        )
        self.render(SubmissionView.of(submission))


class RowHandler(LmsHandler):
    """Fill in a row of a table."""

    async def post(self, submission_id: str) -> None:
        """LMS "Update Requirement Row"."""
        given = self.parse_given(RowEntry, nullable=("completed_value", "remarks"))
        is_completed = await self.services.lms.requirement_submissions.update_row(
            submission_id, self.participant_query(), given, actor=self.actor
        )
        self.render(RowUpdatedView(message="Row updated", is_completed=is_completed))


class SubmitTableHandler(LmsHandler):
    """Offer a table for review."""

    async def post(self, submission_id: str) -> None:
        """LMS "Submit Requirement Table"."""
        submitted_at = await self.services.lms.requirement_submissions.submit(
            submission_id, self.participant_query(), actor=self.actor
        )
        self.render(
            TableSubmittedView(
                message="Submitted for review", submitted_at=as_timestamp(submitted_at)
            )
        )


class WaitingSubmissionsHandler(LmsHandler):
    """List the tables that await review."""

    async def get(self) -> None:
        """LMS "Get Pending Requirement Submissions"."""
        waiting = await self.services.lms.requirement_review.waiting(self.text_query("step_id"))
        self.render([WaitingSubmissionView.of(each) for each in waiting])


class RowReviewHandler(LmsHandler):
    """Approve a row, or reject it."""

    async def post(self, submission_id: str, serial_number: str) -> None:
        """LMS "Approve/Reject Requirement Row"."""
        body = self.parse_given(RowDecision, nullable=_REMARKS)
        reviewed = await self.services.lms.requirement_review.decide_row(
            submission_id,
            serial_number,
            Decision.APPROVED if body["approved"] else Decision.REJECTED,
            body.get("approval_remarks"),
            self.manager_query(),
            actor=self.actor,
        )
        self.render(ReviewedView.of(reviewed, "Row updated"))


class TableReviewHandler(LmsHandler):
    """Approve a whole table."""

    async def post(self, submission_id: str) -> None:
        """LMS "Approve Entire Requirement Table"."""
        body = self.parse_given(TableApproval, nullable=_REMARKS)
        reviewed = await self.services.lms.requirement_review.approve(
            submission_id,
            body.get("approval_remarks"),
            self.manager_query(),
            actor=self.actor,
        )
        self.render(ReviewedView.of(reviewed, "Requirement table approved"))
