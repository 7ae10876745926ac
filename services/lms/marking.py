"""Marks: what the answers to an exam are worth, and which answers are none.

Pure. Questions are those of the attempt's own copy of the form:

    {"question_id", "question_type": "MCQ" or "THEORY", "question_text", "marks",
     "options": [{"option_id", "text", "is_correct"}], "max_words": int or None}
"""

from collections.abc import Mapping, Sequence

from repositories.types import Document
from services.errors import Invalid
from services.lms.errors import InvalidField

MCQ = "MCQ"
THEORY = "THEORY"


class InvalidAnswers(Invalid):
    """An answer is to no question of its kind, is one too many, or can't be taken."""

    code = "invalid_answers"


class InvalidGrades(Invalid):
    """A grade is for no theory question, is one too many, or is out of range."""

    code = "invalid_grades"


def checked_mcq(
    questions: Sequence[Document], answers: Sequence[tuple[str, str]]
) -> dict[str, str]:
    """The chosen option by question. Raises InvalidAnswers."""
    known = _of_kind(questions, MCQ)
    chosen: dict[str, str] = {}
    for question_id, option_id in answers:
        _check_question(question_id, known, chosen)
        if option_id not in {option["option_id"] for option in known[question_id]["options"]}:
            raise InvalidAnswers(f"Question {question_id} has no option {option_id}")
        chosen[question_id] = option_id
    return chosen


def checked_theory(
    questions: Sequence[Document], answers: Sequence[tuple[str, str]]
) -> dict[str, str]:
    """The text by question. Raises InvalidAnswers, also of one with too many words."""
    known = _of_kind(questions, THEORY)
    written: dict[str, str] = {}
    for question_id, text in answers:
        _check_question(question_id, known, written)
        limit = known[question_id]["max_words"]
        # Split no further than it has to be: a body of a megabyte would take 20 ms.
        if limit is not None and len(text.split(None, limit)) > limit:
            raise InvalidAnswers(
                f"The answer to question {question_id} has more than {limit} words; shorten it"
            )
        written[question_id] = text
    return written


def mcq_marks(questions: Sequence[Document], chosen: Mapping[str, str]) -> dict[str, int]:
    """The marks by MCQ question: all of them for a correct option, else 0."""
    return {
        question_id: question["marks"] if chosen.get(question_id) in _correct_ids(question) else 0
        for question_id, question in _of_kind(questions, MCQ).items()
    }


def check_grades(grades: Sequence[tuple[str, int]]) -> None:
    """Refuse grades that are wrong for any questions. Raises InvalidField or InvalidGrades."""
    if not grades:
        raise InvalidField("theory_grades", "must have at least one grade")
    for question_id, marks in grades:
        if marks < 0:
            raise InvalidGrades(f"Question {question_id} takes 0 marks or more")


def checked_grades(
    questions: Sequence[Document], grades: Sequence[tuple[str, int]]
) -> dict[str, int]:
    """The marks awarded by theory question, up to its `marks`. Raises InvalidGrades.

    `grades` are none that `check_grades` refuses.
    """
    known = _of_kind(questions, THEORY)
    awarded: dict[str, int] = {}
    for question_id, marks in grades:
        if question_id not in known:
            raise InvalidGrades(f"{question_id} is not a theory question of this exam")
        if question_id in awarded:
            raise InvalidGrades(f"Question {question_id} is graded twice")
        most = known[question_id]["marks"]
        if marks > most:
            raise InvalidGrades(f"Question {question_id} takes 0 to {most} marks")
        awarded[question_id] = marks
    return awarded


def theory_score(questions: Sequence[Document], awarded: Mapping[str, int]) -> int | None:
    """The marks of all theory questions, None as long as one has none."""
    is_graded = _of_kind(questions, THEORY).keys() <= awarded.keys()
    return sum(awarded.values()) if is_graded else None


def with_mended_key(questions: Sequence[Document], mended: Sequence[Document]) -> list[Document]:
    """The questions of an attempt's copy, with the key that the form has now.

    Only which options are correct is taken over, and only where the form still has the
    question with all its options: whoever sat the exam answered the question as it was.
    """
    known = _of_kind(mended, MCQ)
    return [_mended(each, known.get(each["question_id"])) for each in questions]


def _mended(question: Document, now: Document | None) -> Document:
    if question["question_type"] != MCQ or now is None:
        return question
    key = {option["option_id"]: option["is_correct"] for option in now["options"]}
    if not key.keys() >= {option["option_id"] for option in question["options"]}:
        return question
    options = [{**each, "is_correct": key[each["option_id"]]} for each in question["options"]]
    return {**question, "options": options}


def _of_kind(questions: Sequence[Document], kind: str) -> dict[str, Document]:
    return {each["question_id"]: each for each in questions if each["question_type"] == kind}


def _correct_ids(question: Document) -> set[str]:
    return {option["option_id"] for option in question["options"] if option["is_correct"]}


def _check_question(
    question_id: str, known: Mapping[str, Document], answered: Mapping[str, str]
) -> None:
    if question_id not in known:
        raise InvalidAnswers(f"{question_id} is not a question of this kind in this exam")
    if question_id in answered:
        raise InvalidAnswers(f"Question {question_id} is answered twice")
