"""The answers about everybody who takes a course or sits an exam."""

from collections.abc import Sequence
from datetime import datetime

from handlers.base import Answer
from handlers.lms.progress_views import CountsView, CurrentStepView, StepStateView
from handlers.pagination import Meta
from handlers.timestamps import as_timestamp
from services.lms.course_participants import ParticipantStanding
from services.lms.form_statistics import FormStatistics, QuestionStatistics
from services.lms.statuses import AttemptStatus
from services.pagination import Page


class ParticipantView(Answer, frozen=True, kw_only=True):
    """Somebody who takes a course."""

    participant_id: str
    name: str | None
    current_step: CurrentStepView | None
    progress: CountsView
    step_progress: StepStateView
    is_completed: bool
    enrolled_at: datetime
    last_activity_at: datetime
    completed_at: datetime | None

    @classmethod
    def of(cls, participant: ParticipantStanding) -> "ParticipantView":
        """A participant as managers see it."""
        standing = participant.standing
        enrollment, summary = standing.enrollment, standing.summary
        completed_at = enrollment["completed_at"]
        return cls(
            participant_id=str(enrollment["participant_id"]),
            name=participant.name,
            current_step=CurrentStepView.of(summary),
            progress=CountsView.of(summary),
            step_progress=StepStateView.of_summary(summary),
            is_completed=standing.is_completed,
            enrolled_at=as_timestamp(enrollment["enrolled_at"]),
            last_activity_at=as_timestamp(enrollment["last_activity_at"]),
            completed_at=None if completed_at is None else as_timestamp(completed_at),
        )


class ParticipantsView(Answer, frozen=True, kw_only=True):
    """A page of those who take a course."""

    data: list[ParticipantView]
    meta: Meta

    @classmethod
    def of(cls, participants: Sequence[ParticipantStanding], page: Page) -> "ParticipantsView":
        """A page as it is shown."""
        return cls(data=[ParticipantView.of(each) for each in participants], meta=Meta.of(page))


class QuestionStatisticsView(Answer, frozen=True, kw_only=True):
    """A question of an exam in numbers; `marked` attempts have marks for it."""

    question_id: str
    question_type: str
    question_text: str
    marks: int
    marked: int
    mean_marks: float | None

    @classmethod
    def of(cls, found: QuestionStatistics) -> "QuestionStatisticsView":
        """A question as managers see it."""
        question = found.question
        return cls(
            question_id=question["question_id"],
            question_type=question["question_type"],
            question_text=question["question_text"],
            marks=question["marks"],
            marked=found.marked,
            mean_marks=found.mean_marks,
        )


class FormStatisticsView(Answer, frozen=True, kw_only=True):
    """An exam in numbers: attempts by what came of them, `pass_rate` in percent, mean score."""

    form_id: str
    form_name: str
    total_marks: int
    passing_marks: int
    participants: int
    attempts: int
    in_progress: int
    awaiting_review: int
    approved: int
    rejected: int
    retake_requested: int
    pass_rate: float | None
    mean_score: float | None
    questions: list[QuestionStatisticsView]

    @classmethod
    def of(cls, found: FormStatistics) -> "FormStatisticsView":
        """Statistics as they are shown."""
        return cls(
            form_id=str(found.form["_id"]),
            form_name=found.form["name"],
            total_marks=found.form["total_marks"],
            passing_marks=found.form["passing_marks"],
            participants=found.participants,
            attempts=found.attempts,
            in_progress=found.by_status[AttemptStatus.IN_PROGRESS],
            awaiting_review=found.awaiting_review,
            approved=found.by_status[AttemptStatus.APPROVED],
            rejected=found.by_status[AttemptStatus.REJECTED],
            retake_requested=found.by_status[AttemptStatus.RETAKE_REQUESTED],
            pass_rate=found.pass_rate,
            mean_score=found.mean_score,
            questions=[QuestionStatisticsView.of(each) for each in found.questions],
        )
