"""The states of an attempt, and what a participant sees of them (LMS, "Enums")."""

from enum import StrEnum


class AttemptStatus(StrEnum):
    """Where an attempt at an exam stands: the document's FormSubmissionStatus, and running."""

    IN_PROGRESS = "InProgress"
    SUBMITTED = "Submitted"
    UNDER_REVIEW = "UnderReview"
    APPROVED = "Approved"
    REJECTED = "Rejected"
    RETAKE_REQUESTED = "RetakeRequested"


class ExamStatus(StrEnum):
    """What a step shows of its exam: the document's StepExamStatus."""

    NOT_STARTED = "NotStarted"
    IN_PROGRESS = "InProgress"
    SUBMITTED = "Submitted"
    APPROVED = "Approved"
    REJECTED = "Rejected"


_SHOWN = {
    AttemptStatus.IN_PROGRESS: ExamStatus.IN_PROGRESS,
    AttemptStatus.SUBMITTED: ExamStatus.SUBMITTED,
    AttemptStatus.UNDER_REVIEW: ExamStatus.SUBMITTED,
    AttemptStatus.APPROVED: ExamStatus.APPROVED,
    AttemptStatus.REJECTED: ExamStatus.REJECTED,
    AttemptStatus.RETAKE_REQUESTED: ExamStatus.NOT_STARTED,
}


def exam_status(attempt: AttemptStatus | None) -> ExamStatus:
    """What is shown of the last attempt, None for none (CONTRACT section 6)."""
    return ExamStatus.NOT_STARTED if attempt is None else _SHOWN[attempt]
