"""The answers to those who sit exams, and to managers who set their terms."""

from datetime import datetime

from handlers.base import Answer
from handlers.lms.form_views import QuestionView
from handlers.timestamps import as_timestamp
from repositories.types import Document
from services.lms.exams import Sitting
from services.lms.regrading import Regraded, Regrading


class ExamFormView(Answer, frozen=True, kw_only=True):
    """What is asked in an attempt: its own copy of the form, without the answers."""

    id: str
    name: str
    duration_minutes: int
    questions: list[QuestionView]


class StartedView(Answer, frozen=True, kw_only=True):
    """A running attempt; `duration_minutes` is with what was granted beyond the form's."""

    submission_id: str
    form: ExamFormView
    duration_minutes: int
    started_at: datetime
    attempt_number: int

    @classmethod
    def of(cls, sitting: Sitting) -> "StartedView":
        """An attempt as whoever sits it sees it."""
        attempt, form = sitting.attempt, sitting.paper["form"]
        return cls(
            submission_id=str(attempt["_id"]),
            form=ExamFormView(
                id=str(attempt["form_id"]),
                name=form["name"],
                duration_minutes=form["duration_minutes"],
                questions=[
                    QuestionView.of(each, shows_answers=False) for each in form["questions"]
                ],
            ),
            duration_minutes=sitting.duration_minutes,
            started_at=as_timestamp(attempt["started_at"]),
            attempt_number=attempt["attempt_number"],
        )


class McqAnswerView(Answer, frozen=True, kw_only=True):
    """The option that was chosen."""

    question_id: str
    selected_option_id: str


class TheoryAnswerView(Answer, frozen=True, kw_only=True):
    """What was written."""

    question_id: str
    answer_text: str


class SavedAnswersView(Answer, frozen=True, kw_only=True):
    """All answers that are saved of a running attempt, and until when it can be handed in."""

    submission_id: str
    mcq_answers: list[McqAnswerView]
    theory_answers: list[TheoryAnswerView]
    saved_at: datetime
    deadline_at: datetime

    @classmethod
    def of(cls, sitting: Sitting) -> "SavedAnswersView":
        """The answers of an attempt as they are saved now."""
        paper = sitting.paper
        return cls(
            submission_id=str(paper["_id"]),
            mcq_answers=[
                McqAnswerView(
                    question_id=each["question_id"], selected_option_id=each["selected_option_id"]
                )
                for each in paper["mcq_answers"]
            ],
            theory_answers=[
                TheoryAnswerView(question_id=each["question_id"], answer_text=each["answer_text"])
                for each in paper["theory_answers"]
            ],
            saved_at=as_timestamp(paper["saved_at"]),
            deadline_at=as_timestamp(sitting.attempt["deadline_at"]),
        )


class SubmittedView(Answer, frozen=True, kw_only=True):
    """An attempt that was handed in, with the marks it has so far."""

    submission_id: str
    mcq_score: int
    theory_score: int | None
    submission_status: str
    submitted_at: datetime

    @classmethod
    def of(cls, attempt: Document) -> "SubmittedView":
        """A submitted attempt as it is shown."""
        return cls(
            submission_id=str(attempt["_id"]),
            mcq_score=attempt["mcq_score"],
            theory_score=attempt["theory_score"],
            submission_status=attempt["status"],
            submitted_at=as_timestamp(attempt["submitted_at"]),
        )


class ExtensionView(Answer, frozen=True, kw_only=True):
    """What a participant has beyond what a form gives."""

    form_id: str
    participant_id: str
    extra_minutes: int
    extra_attempts: int
    reason: str
    granted_by: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, extension: Document) -> "ExtensionView":
        """An extension as it is shown."""
        return cls(
            form_id=str(extension["form_id"]),
            participant_id=str(extension["participant_id"]),
            extra_minutes=extension["extra_minutes"],
            extra_attempts=extension["extra_attempts"],
            reason=extension["reason"],
            granted_by=str(extension["granted_by"]),
            created_at=as_timestamp(extension["created_at"]),
            updated_at=as_timestamp(extension["updated_at"]),
        )


class RegradedView(Answer, frozen=True, kw_only=True):
    """A submission whose result is another by the mended key."""

    submission_id: str
    participant_id: str
    attempt_number: int
    submission_status: str
    mcq_score_before: int
    mcq_score: int

    @classmethod
    def of(cls, regraded: Regraded) -> "RegradedView":
        """A submission that was, or would be, marked otherwise."""
        attempt = regraded.attempt
        return cls(
            submission_id=str(attempt["_id"]),
            participant_id=str(attempt["participant_id"]),
            attempt_number=attempt["attempt_number"],
            submission_status=attempt["status"],
            mcq_score_before=attempt["mcq_score"],
            mcq_score=regraded.mcq_score,
        )


class RegradingView(Answer, frozen=True, kw_only=True):
    """How many submissions were marked again, and which change; at most 1,000 are listed."""

    form_id: str
    dry_run: bool
    checked_count: int
    changed_count: int
    changed: list[RegradedView]

    @classmethod
    def of(cls, form_id: str, regrading: Regrading) -> "RegradingView":
        """What marking again came to."""
        return cls(
            form_id=form_id,
            dry_run=regrading.is_dry_run,
            checked_count=regrading.checked_count,
            changed_count=regrading.changed_count,
            changed=[RegradedView.of(each) for each in regrading.changed],
        )
