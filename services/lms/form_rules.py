"""What an exam may be: its questions, marks and limits. Pure."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil, isfinite
from typing import Any

from repositories.types import Document
from services.lms.errors import InvalidField
from services.lms.marking import MCQ, THEORY
from services.lms.texts import accepted_name, accepted_text

# So that sums and dates made of them can be kept; far beyond any exam.
_MAX_MARKS = 10_000
_MOST = {"duration_minutes": 7 * 24 * 60, "total_marks": 100_000_000, "max_attempts": 1_000}
_MAX_WORDS = 100_000
_MAX_QUESTIONS = 500
_MAX_OPTIONS = 50
_ID_LENGTH = 64


class InvalidQuestion(InvalidField):
    """A question is not as it has to be; the message says which, from 1."""

    code = "invalid_question"

    def __init__(self, number: int, problem: str):
        super().__init__(f"questions: question {number}", problem)


def accepted_fields(given: Mapping[str, Any]) -> Document:
    """What is given of a form, as far as each field tells by itself. Raises InvalidField."""
    accepted = dict(given)
    if "name" in given:
        accepted["name"] = accepted_name(given["name"])
    if "description" in given:
        accepted["description"] = accepted_text(given["description"])
    if "questions" in given:
        accepted["questions"] = accepted_questions(given["questions"])
    for field, limit in _MOST.items():
        if given.get(field) is not None:
            _check_count(field, given[field], limit)
    if given.get("passing_percentage") is not None:
        accepted["passing_percentage"] = _accepted_percentage(given["passing_percentage"])
    if given.get("passing_marks", 0) < 0:
        raise InvalidField("passing_marks", "must be 0 to total_marks")
    return accepted


def with_fields(before: Mapping[str, Any], accepted: Mapping[str, Any]) -> Document:
    """A form with some fields changed, and the marks that follow from them.

    `accepted` is what `accepted_fields` made of them. `total_is_given` is kept to know
    whether the total follows the questions. Raises InvalidField.
    """
    form = {**before, **accepted}
    return form | _accepted_marks(form, accepted)


def _accepted_marks(form: Mapping[str, Any], given: Mapping[str, Any]) -> Document:
    """The total and what is needed to pass (CONTRACT section 6: as given, or the sum)."""
    total_is_given = form["total_is_given"] or "total_marks" in given
    total = form["total_marks"]
    if not total_is_given:
        total = sum(question["marks"] for question in form["questions"])
    passing_is_given = form["passing_is_given"] or "passing_marks" in given
    passing = form["passing_marks"]
    if not passing_is_given:
        percentage = form["passing_percentage"] or 0
        passing = ceil(total * Fraction(str(percentage)) / 100)
    if passing > total:
        raise InvalidField("passing_marks", f"must be 0 to total_marks, which is {total}")
    return {
        "total_marks": total,
        "total_is_given": total_is_given,
        "passing_marks": passing,
        "passing_is_given": passing_is_given,
    }


def _accepted_percentage(percentage: float) -> float:
    if not isfinite(percentage) or not 0 <= percentage <= 100:
        raise InvalidField("passing_percentage", "must be 0 to 100")
    return float(percentage)


def _check_count(field: str, number: int, limit: int) -> None:
    if not 1 <= number <= limit:
        raise InvalidField(field, f"must be 1 to {limit}")


def accepted_questions(questions: Sequence[Mapping[str, Any]]) -> list[Document]:
    """The questions as they are kept, each with an id of its own. Raises InvalidField."""
    if not 1 <= len(questions) <= _MAX_QUESTIONS:
        raise InvalidField("questions", f"must have 1 to {_MAX_QUESTIONS} questions")
    ids = _ids([question["question_id"] for question in questions], "q")
    if ids is None:
        raise InvalidField(
            "questions",
            f"need a question_id each, of 1 to {_ID_LENGTH} characters and no two alike",
        )
    return [
        _question(number, question_id, question)
        for number, (question_id, question) in enumerate(zip(ids, questions, strict=True), 1)
    ]


def _question(number: int, question_id: str, given: Mapping[str, Any]) -> Document:
    kind = given["question_type"].upper()
    if kind not in (MCQ, THEORY):
        raise InvalidQuestion(number, "needs a question_type of MCQ or THEORY")
    text = given["question_text"]
    if not text.strip():
        raise InvalidQuestion(number, "needs a question_text")
    if not 1 <= given["marks"] <= _MAX_MARKS:
        raise InvalidQuestion(number, f"must have marks of 1 to {_MAX_MARKS}")
    max_words = given["max_words"]
    if max_words is not None and not 1 <= max_words <= _MAX_WORDS:
        raise InvalidQuestion(number, f"must have max_words of 1 to {_MAX_WORDS}, or null")
    is_theory = kind == THEORY
    if is_theory and given["options"]:
        raise InvalidQuestion(number, "is answered in words and can't have options")
    return {
        "question_id": question_id,
        "question_type": kind,
        "question_text": accepted_text(text, "question_text"),
        "options": [] if is_theory else _options(number, given["options"]),
        "marks": given["marks"],
        "max_words": max_words if is_theory else None,
    }


def _options(number: int, options: Sequence[Mapping[str, Any]]) -> list[Document]:
    if not 2 <= len(options) <= _MAX_OPTIONS:
        raise InvalidQuestion(number, f"needs 2 to {_MAX_OPTIONS} options")
    ids = _ids([option["option_id"] for option in options], "o")
    if ids is None:
        raise InvalidQuestion(
            number,
            f"needs an option_id for each option, of 1 to {_ID_LENGTH} characters and no two alike",
        )
    if not all(option["text"].strip() for option in options):
        raise InvalidQuestion(number, "needs a text for each option")
    if not any(option["is_correct"] for option in options):
        raise InvalidQuestion(number, "needs a correct option")
    return [
        {
            "option_id": option_id,
            "text": accepted_text(option["text"], "text"),
            "is_correct": option["is_correct"],
        }
        for option_id, option in zip(ids, options, strict=True)
    ]


def _ids(given: Sequence[str | None], prefix: str) -> list[str] | None:
    """The ids, those that are missing made; None when they can't tell things apart."""
    used = {each for each in given if each}
    if len(used) < sum(1 for each in given if each):
        return None
    if not all(len(each) <= _ID_LENGTH and each.isprintable() and each.strip() for each in used):
        return None
    ids = []
    number = 0
    for each in given:
        made = each
        while not made:
            number += 1
            made = f"{prefix}{number}" if f"{prefix}{number}" not in used else None
        ids.append(made)
    return ids
