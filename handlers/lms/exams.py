"""Exams: sat by participants; time, attempts and marks put right by managers."""

from handlers.bodies import Body, Int64
from handlers.lms.base import LmsHandler
from handlers.lms.exam_views import (
    ExtensionView,
    RegradingView,
    SavedAnswersView,
    StartedView,
    SubmittedView,
)
from services.lms.exams import GivenAnswers


class McqAnswer(Body, frozen=True, kw_only=True):
    """The option that answers a question."""

    question_id: str
    selected_option_id: str


class TheoryAnswer(Body, frozen=True, kw_only=True):
    """The text that answers a question."""

    question_id: str
    answer_text: str


class ExamAnswers(Body, frozen=True, kw_only=True):
    """Answers to an exam; a question that is left out keeps the answer that was saved."""

    mcq_answers: list[McqAnswer] = []
    theory_answers: list[TheoryAnswer] = []


class ExtensionChanges(Body, frozen=True, kw_only=True):
    """What a participant is to have beyond what a form gives; what is left out stays."""

    reason: str
    extra_minutes: Int64 | None = None
    extra_attempts: Int64 | None = None


class StartExamHandler(LmsHandler):
    """Begin the exam of a step, or go on with it."""

    async def post(self, step_id: str) -> None:
        """LMS "Start Step Exam"."""
        sitting = await self.services.lms.exams.start(
            step_id, self.participant_query(), actor=self.actor
        )
        self.render(StartedView.of(sitting))


class AnswersHandler(LmsHandler):
    """A route that takes answers."""

    def given_answers(self) -> GivenAnswers:
        """The answers in the body."""
        given = self.parse_given(ExamAnswers)
        return GivenAnswers(
            [(each.question_id, each.selected_option_id) for each in given.get("mcq_answers", [])],
            [(each.question_id, each.answer_text) for each in given.get("theory_answers", [])],
        )


class SaveAnswersHandler(AnswersHandler):
    """Save answers of a running attempt as one goes."""

    async def patch(self, submission_id: str) -> None:
        """What is saved when the time is over is what counts."""
        sitting = await self.services.lms.exams.save(
            submission_id, self.given_answers(), actor=self.actor
        )
        self.render(SavedAnswersView.of(sitting))


class SubmitHandler(AnswersHandler):
    """Hand in an attempt."""

    async def post(self, submission_id: str) -> None:
        """LMS "Submit Exam Answers"."""
        attempt = await self.services.lms.exams.submit(
            submission_id, self.given_answers(), actor=self.actor
        )
        self.render(SubmittedView.of(attempt))


class ExtensionHandler(LmsHandler):
    """Grant a participant more time or more attempts at an exam."""

    async def put(self, form_id: str, participant_id: str) -> None:
        """A running attempt has its new deadline at once."""
        extension = await self.services.lms.exam_extensions.put(
            form_id, participant_id, self.parse_given(ExtensionChanges), actor=self.actor
        )
        self.render(ExtensionView.of(extension))


class RegradeHandler(LmsHandler):
    """Mark the submissions of a form again, by its key as it is now."""

    async def post(self, form_id: str) -> None:
        """With `dry_run=true` nothing changes."""
        regrading = await self.services.lms.regrading.regrade(
            form_id, is_dry_run=self.boolean_query("dry_run") or False
        )
        self.render(RegradingView.of(form_id, regrading))
