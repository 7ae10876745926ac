"""The answers about submissions and their review."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from handlers.base import Answer
from handlers.lms.course_views import shown_id
from handlers.lms.form_views import QuestionView
from handlers.timestamps import as_timestamp
from repositories.types import Document
from services.lms.attempt_rules import by_question, total_score
from services.lms.reviews import Approval
from services.lms.submissions import Submission, SubmissionDetails


def _timestamp(at: datetime | None) -> datetime | None:
    return None if at is None else as_timestamp(at)


class SubmissionView(Answer, frozen=True, kw_only=True):
    """A submission in a list."""

    submission_id: str
    participant_id: str
    form_id: str
    form_name: str
    step_id: str
    step_name: str
    course_id: str
    course_name: str
    mcq_score: int | None
    theory_score: int | None
    submission_status: str
    submitted_at: datetime | None
    attempt_number: int

    @classmethod
    def of(cls, submission: Submission) -> "SubmissionView":
        """A submission as lists show it."""
        attempt = submission.attempt
        return cls(
            submission_id=str(attempt["_id"]),
            participant_id=str(attempt["participant_id"]),
            form_id=str(attempt["form_id"]),
            form_name=attempt["form_name"],
            step_id=str(attempt["step_id"]),
            step_name=submission.step_name,
            course_id=str(attempt["course_id"]),
            course_name=submission.course_name,
            mcq_score=attempt["mcq_score"],
            theory_score=attempt["theory_score"],
            submission_status=attempt["status"],
            submitted_at=_timestamp(attempt["submitted_at"]),
            attempt_number=attempt["attempt_number"],
        )


class ParticipantSubmissionView(SubmissionView, frozen=True, kw_only=True):
    """A submission among those of a participant."""

    total_score: int | None
    feedback: str | None

    @classmethod
    def of_participant(cls, submission: Submission) -> "ParticipantSubmissionView":
        """A submission with what came of it."""
        return cls(
            **msgspec.structs.asdict(SubmissionView.of(submission)),
            total_score=total_score(submission.attempt),
            feedback=submission.attempt["feedback"],
        )


class AnsweredQuestionView(QuestionView, frozen=True, kw_only=True):
    """A question with its answer, None without one; a theory question with its marks."""

    participant_answer: dict[str, str] | None
    marks_awarded: int | UnsetType | None = UNSET

    @classmethod
    def of_answered(
        cls,
        question: Mapping[str, Any],
        answer: Mapping[str, str] | None,
        marks_awarded: int | UnsetType | None,
        *,
        shows_answers: bool,
    ) -> "AnsweredQuestionView":
        """A question as it was answered."""
        shown = QuestionView.of(question, shows_answers=shows_answers)
        return cls(
            **{name: getattr(shown, name) for name in shown.__struct_fields__},
            participant_answer=None if answer is None else dict(answer),
            marks_awarded=marks_awarded,
        )


class FormMarksView(Answer, frozen=True, kw_only=True):
    """The marks that there are, and those that are needed."""

    total_marks: int
    passing_marks: int


class SubmissionDetailsView(Answer, frozen=True, kw_only=True):
    """A submission with all questions and answers."""

    submission_id: str
    participant_id: str
    step_id: str
    step_name: str
    course_id: str
    mcq_score: int | None
    theory_score: int | None
    total_score: int | None
    submission_status: str
    submitted_at: datetime | None
    attempt_number: int
    feedback: str | None
    questions: list[AnsweredQuestionView]
    form: FormMarksView

    @classmethod
    def of(cls, details: SubmissionDetails) -> "SubmissionDetailsView":
        """A submission as the caller may see it."""
        attempt = details.submission.attempt
        return cls(
            submission_id=str(attempt["_id"]),
            participant_id=str(attempt["participant_id"]),
            step_id=str(attempt["step_id"]),
            step_name=details.submission.step_name,
            course_id=str(attempt["course_id"]),
            mcq_score=attempt["mcq_score"],
            theory_score=attempt["theory_score"],
            total_score=total_score(attempt),
            submission_status=attempt["status"],
            submitted_at=_timestamp(attempt["submitted_at"]),
            attempt_number=attempt["attempt_number"],
            feedback=attempt["feedback"],
            questions=_questions(details),
            form=FormMarksView(
                total_marks=attempt["total_marks"], passing_marks=attempt["passing_marks"]
            ),
        )


def _questions(details: SubmissionDetails) -> list[AnsweredQuestionView]:
    paper = details.paper
    answers = {
        each["question_id"]: each for each in (*paper["mcq_answers"], *paper["theory_answers"])
    }
    awarded = by_question(details.submission.attempt["theory_marks"])
    return [
        AnsweredQuestionView.of_answered(
            question,
            answers.get(question["question_id"]),
            UNSET if question["options"] else awarded.get(question["question_id"]),
            shows_answers=details.shows_answers,
        )
        for question in paper["form"]["questions"]
    ]


class ReviewedView(Answer, frozen=True, kw_only=True):
    """A submission after a review, with its marks."""

    message: str
    submission_id: str
    submission_status: str
    mcq_score: int
    theory_score: int | None
    total_score: int | None
    feedback: str | None

    @classmethod
    def of(cls, attempt: Document, message: str) -> "ReviewedView":
        """A reviewed attempt as it is shown."""
        return cls(
            message=message,
            submission_id=str(attempt["_id"]),
            submission_status=attempt["status"],
            mcq_score=attempt["mcq_score"],
            theory_score=attempt["theory_score"],
            total_score=total_score(attempt),
            feedback=attempt["feedback"],
        )


class ApprovedView(Answer, frozen=True, kw_only=True):
    """What an approval led to."""

    message: str
    next_step_unlocked: bool
    next_step_id: str | None
    course_completed: bool

    @classmethod
    def of(cls, approval: Approval) -> "ApprovedView":
        """An approval as it is shown."""
        return cls(
            message="Submission approved",
            next_step_unlocked=approval.next_step_unlocked,
            next_step_id=shown_id(approval.next_step_id),
            course_completed=approval.course_completed,
        )
