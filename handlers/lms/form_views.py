"""The answers about forms; who is no manager never gets to see which option is correct."""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, UnsetType

from handlers.base import Answer
from handlers.lms.course_views import shown_id
from repositories.types import Document


class OptionView(Answer, frozen=True, kw_only=True):
    """An option of a question; `is_correct` is there for managers only."""

    option_id: str
    text: str
    is_correct: bool | UnsetType = UNSET

    @classmethod
    def of(cls, option: Mapping[str, Any], *, shows_answers: bool) -> "OptionView":
        """An option as it is shown."""
        return cls(
            option_id=option["option_id"],
            text=option["text"],
            is_correct=option["is_correct"] if shows_answers else UNSET,
        )


class QuestionView(Answer, frozen=True, kw_only=True):
    """A question of an exam."""

    question_id: str
    question_type: str
    question_text: str
    options: list[OptionView]
    marks: int
    max_words: int | None

    @classmethod
    def of(cls, question: Mapping[str, Any], *, shows_answers: bool) -> "QuestionView":
        """A question as it is shown to those who may see the answers, or to the others."""
        return cls(
            question_id=question["question_id"],
            question_type=question["question_type"],
            question_text=question["question_text"],
            options=[
                OptionView.of(option, shows_answers=shows_answers) for option in question["options"]
            ],
            marks=question["marks"],
            max_words=question["max_words"],
        )


class FormSummaryView(Answer, frozen=True, kw_only=True):
    """A form in a list."""

    id: str
    name: str
    description: str
    step_id: str | None
    duration_minutes: int
    total_marks: int
    passing_marks: int
    question_count: int

    @classmethod
    def of(cls, form: Document) -> "FormSummaryView":
        """A form as lists show it."""
        return cls(
            id=str(form["_id"]),
            name=form["name"],
            description=form["description"],
            step_id=shown_id(form["step_id"]),
            duration_minutes=form["duration_minutes"],
            total_marks=form["total_marks"],
            passing_marks=form["passing_marks"],
            question_count=form["question_count"],
        )


class FormView(Answer, frozen=True, kw_only=True):
    """A form with its questions."""

    id: str
    name: str
    description: str
    step_id: str | None
    duration_minutes: int
    total_marks: int
    passing_marks: int
    max_attempts: int | None
    passing_percentage: float | None
    questions: list[QuestionView]

    @classmethod
    def of(cls, form: Document, *, shows_answers: bool) -> "FormView":
        """A form as it is shown to those who may see the answers, or to the others."""
        return cls(
            id=str(form["_id"]),
            name=form["name"],
            description=form["description"],
            step_id=shown_id(form["step_id"]),
            duration_minutes=form["duration_minutes"],
            total_marks=form["total_marks"],
            passing_marks=form["passing_marks"],
            max_attempts=form["max_attempts"],
            passing_percentage=form["passing_percentage"],
            questions=[
                QuestionView.of(question, shows_answers=shows_answers)
                for question in form["questions"]
            ],
        )
