"""The answers about requirement tables and what participants did in them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handlers.base import Answer
from handlers.timestamps import as_timestamp
from repositories.types import Document
from services.lms.requirement_keeping import Submission
from services.lms.requirement_review import Reviewed, Waiting
from services.lms.requirement_rows import Decision, Row


class RequirementView(Answer, frozen=True, kw_only=True):
    """A row of a table: what is to be practised, and how much of it."""

    serial_number: int
    activity: str
    target: int | float
    unit: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "RequirementView":
        """A row as it is shown."""
        return cls(
            serial_number=row["serial_number"],
            activity=row["activity"],
            target=row["target"],
            unit=row["unit"],
        )


class TableSummaryView(Answer, frozen=True, kw_only=True):
    """A requirement table in a list."""

    id: str
    name: str
    description: str
    step_id: str
    requirement_count: int
    created_at: datetime

    @classmethod
    def of(cls, table: Document) -> "TableSummaryView":
        """A table as lists show it."""
        return cls(
            id=str(table["_id"]),
            name=table["name"],
            description=table["description"],
            step_id=str(table["step_id"]),
            requirement_count=table["requirement_count"],
            created_at=as_timestamp(table["created_at"]),
        )


class TableView(Answer, frozen=True, kw_only=True):
    """A requirement table with its rows."""

    id: str
    name: str
    description: str
    step_id: str
    requirements: list[RequirementView]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, table: Document) -> "TableView":
        """A table as it is shown."""
        return cls(
            id=str(table["_id"]),
            name=table["name"],
            description=table["description"],
            step_id=str(table["step_id"]),
            requirements=[RequirementView.of(row) for row in table["requirements"]],
            created_at=as_timestamp(table["created_at"]),
            updated_at=as_timestamp(table["updated_at"]),
        )


class SubmittedTableView(Answer, frozen=True, kw_only=True):
    """Which table somebody fills."""

    id: str
    name: str
    description: str


class RowStatusView(Answer, frozen=True, kw_only=True):
    """A row as a participant has it; `rejected` where it is to be done again."""

    serial_number: int
    activity: str
    target: int | float
    unit: str
    completed: bool
    completed_value: int | float | None
    remarks: str | None
    completed_at: datetime | None
    approved: bool
    rejected: bool
    approved_by: str | None
    approved_at: datetime | None
    approval_remarks: str | None

    @classmethod
    def of(cls, row: Row) -> "RowStatusView":
        """A row as it is shown."""
        return cls(
            serial_number=row.serial_number,
            activity=row.activity,
            target=row.target,
            unit=row.unit,
            completed=row.completed,
            completed_value=row.completed_value,
            remarks=row.remarks,
            completed_at=_shown_time(row.completed_at),
            approved=row.is_approved,
            rejected=row.decision is Decision.REJECTED,
            approved_by=str(row.decided_by) if row.is_approved else None,
            approved_at=_shown_time(row.decided_at) if row.is_approved else None,
            approval_remarks=row.approval_remarks,
        )


class SubmissionView(Answer, frozen=True, kw_only=True):
    """What a participant did in a table."""

    submission_id: str
    requirement_table: SubmittedTableView
    row_statuses: list[RowStatusView]
    is_completed: bool
    is_approved: bool
    submitted_at: datetime | None

    @classmethod
    def of(cls, submission: Submission) -> "SubmissionView":
        """A submission as it is shown to its participant."""
        table = submission.table
        return cls(
            submission_id=str(submission.kept["_id"]),
            requirement_table=SubmittedTableView(
                id=str(table["_id"]), name=table["name"], description=table["description"]
            ),
            row_statuses=[RowStatusView.of(row) for row in submission.rows],
            is_completed=submission.is_completed,
            is_approved=submission.is_approved,
            submitted_at=_shown_time(submission.kept["submitted_at"]),
        )


class RowUpdatedView(Answer, frozen=True, kw_only=True):
    """That a row was changed, and whether all rows of the table are completed now."""

    message: str
    is_completed: bool


class TableSubmittedView(Answer, frozen=True, kw_only=True):
    """That a table was offered for review, and when."""

    message: str
    submitted_at: datetime


class WaitingSubmissionView(Answer, frozen=True, kw_only=True):
    """A submission that awaits review."""

    submission_id: str
    participant_id: str
    requirement_table_id: str
    table_name: str
    step_id: str
    completed_rows: int
    total_rows: int
    approved_rows: int
    submitted_at: datetime

    @classmethod
    def of(cls, waiting: Waiting) -> "WaitingSubmissionView":
        """A submission as reviewers see it in the list."""
        kept, progress = waiting.kept, waiting.progress
        return cls(
            submission_id=str(kept["_id"]),
            participant_id=str(kept["participant_id"]),
            requirement_table_id=str(kept["requirement_table_id"]),
            table_name=waiting.table_name,
            step_id=str(kept["step_id"]),
            completed_rows=progress.completed,
            total_rows=progress.total,
            approved_rows=progress.approved,
            submitted_at=as_timestamp(kept["submitted_at"]),
        )


class ReviewedView(Answer, frozen=True, kw_only=True):
    """What was decided, and whether that approved the whole table."""

    message: str
    approved: bool
    all_approved: bool

    @classmethod
    def of(cls, reviewed: Reviewed, message: str) -> "ReviewedView":
        """A decision as it is shown."""
        return cls(message=message, approved=reviewed.approved, all_approved=reviewed.all_approved)


def _shown_time(at: datetime | None) -> datetime | None:
    return None if at is None else as_timestamp(at)
