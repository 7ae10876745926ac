"""When an exam may be begun, until when answers are taken, and what an attempt is made of. Pure.

Attempts and papers are documents of `repositories/lms/exam_attempts.py` and
`repositories/lms/exam_papers.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from repositories.types import Document
from services.errors import Invalid
from services.lms import marking
from services.lms.attempt_states import AWAITING_REVIEW
from services.lms.progress_rules import StepState
from services.lms.statuses import AttemptStatus, ExamStatus

# CONTRACT section 6: for answers that are on their way when the time is over.
GRACE = timedelta(seconds=30)
TIME_EXPIRED = "Time expired"


class CannotStart(Invalid):
    """The exam can't be begun as things stand."""

    code = "cannot_start_exam"


@dataclass(frozen=True, slots=True)
class Answers:
    """The chosen options and the texts, by question."""

    mcq: dict[str, str]
    theory: dict[str, str]

    def __bool__(self) -> bool:
        return bool(self.mcq) or any(text.strip() for text in self.theory.values())

    def merged(self, later: "Answers") -> "Answers":
        """These, with the later ones in the place of those to the same questions."""
        return Answers(self.mcq | later.mcq, self.theory | later.theory)


def standing(status: AttemptStatus) -> Document:
    """The fields of an attempt that follow from its status."""
    return {
        "status": status.value,
        "is_open": status is AttemptStatus.IN_PROGRESS,
        "is_awaiting_review": status in AWAITING_REVIEW,
    }


def deadline_at(started_at: datetime, duration_minutes: int, extra_minutes: int) -> datetime:
    """When the time of an attempt is over."""
    return started_at + timedelta(minutes=duration_minutes + extra_minutes)


def is_overdue(attempt: Document, *, at: datetime) -> bool:
    """Whether an attempt runs although its answers are no longer taken."""
    return attempt["is_open"] and at > attempt["deadline_at"] + GRACE


def attempts_allowed(
    form: Document, attempts: Sequence[Document], extension: Document | None
) -> int | None:
    """How many attempts a participant has in all at a step's exam, None for any number.

    Each retake that was requested of those before adds one (CONTRACT section 6).
    """
    if form["max_attempts"] is None:
        return None
    retakes = sum(each["status"] == AttemptStatus.RETAKE_REQUESTED for each in attempts)
    extra = 0 if extension is None else extension["extra_attempts"]
    allowed: int = form["max_attempts"] + retakes + extra
    return allowed


def check_start(state: StepState, attempts: Sequence[Document], allowed: int | None) -> None:
    """That a step's exam may be begun after the attempts at it there, none of which runs.

    Raises CannotStart.
    """
    if state.exam_status is ExamStatus.APPROVED:
        raise CannotStart("The exam of this step is passed and can't be taken again")
    if any(each["status"] in AWAITING_REVIEW for each in attempts):
        raise CannotStart("An attempt at this exam awaits its review; wait for the result")
    if not state.materials_completed:
        raise CannotStart("Complete the mandatory materials of this step before its exam")
    if allowed is not None and len(attempts) >= allowed:
        raise CannotStart(f"No attempts are left at this exam; {allowed} were allowed")


def saved_answers(paper: Document) -> Answers:
    """The answers that a paper holds."""
    return Answers(
        {each["question_id"]: each["selected_option_id"] for each in paper["mcq_answers"]},
        {each["question_id"]: each["answer_text"] for each in paper["theory_answers"]},
    )


def as_marks(by_question: dict[str, int]) -> list[Document]:
    """Marks as they are kept: a question's id is free text, and so no name of a field."""
    return [
        {"question_id": question_id, "marks": marks} for question_id, marks in by_question.items()
    ]


def by_question(marks: Sequence[Document]) -> dict[str, int]:
    """Marks that are kept, by question."""
    return {each["question_id"]: each["marks"] for each in marks}


def mcq_result(questions: Sequence[Document], answers: Answers) -> Document:
    """The fields of an attempt that its MCQ questions lead to."""
    marks = marking.mcq_marks(questions, answers.mcq)
    return {"mcq_marks": as_marks(marks), "mcq_score": sum(marks.values())}


def theory_result(questions: Sequence[Document], awarded: dict[str, int]) -> Document:
    """The fields of an attempt that the marks of its theory questions lead to."""
    return {
        "theory_marks": as_marks(awarded),
        "theory_score": marking.theory_score(questions, awarded),
    }


def total_score(attempt: Document) -> int | None:
    """The marks of all questions, None as long as one has none."""
    if attempt["mcq_score"] is None or attempt["theory_score"] is None:
        return None
    total: int = attempt["mcq_score"] + attempt["theory_score"]
    return total
