"""What came of all attempts at an exam."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from repositories.lms.exam_results import ExamResultRepository
from repositories.lms.forms import FormRepository
from repositories.types import Document
from services.lms.attempt_rules import total_score
from services.lms.attempt_states import AWAITING_REVIEW
from services.lms.errors import FormNotFound
from services.lms.ids import path_id
from services.lms.statuses import AttemptStatus

_DECIDED = (AttemptStatus.APPROVED, AttemptStatus.REJECTED, AttemptStatus.RETAKE_REQUESTED)


@dataclass(frozen=True, slots=True)
class QuestionStatistics:
    """A question, how many attempts have marks for it, and their mean (None without any)."""

    question: Document
    marked: int
    mean_marks: float | None


@dataclass(frozen=True, slots=True)
class FormStatistics:
    """An exam in numbers.

    `pass_rate` is how many percent of the attempts that were decided are approved,
    `mean_score` is of those that have all their marks; None without any.
    """

    form: Document
    attempts: int
    participants: int
    by_status: Counter[AttemptStatus]
    pass_rate: float | None
    mean_score: float | None
    questions: Sequence[QuestionStatistics]

    @property
    def awaiting_review(self) -> int:
        """How many attempts nobody has decided on."""
        return sum(self.by_status[status] for status in AWAITING_REVIEW)


class Tally:
    """Adds up attempts, one after the other. Pure."""

    def __init__(self) -> None:
        self._participants: set[object] = set()
        self._by_status: Counter[AttemptStatus] = Counter()
        self._scores: Counter[str] = Counter()
        self._marks: Counter[str] = Counter()
        self._marked: Counter[str] = Counter()

    def add(self, attempt: Document) -> None:
        """Count an attempt (`repositories/lms/exam_results.py`)."""
        self._participants.add(attempt["participant_id"])
        self._by_status[AttemptStatus(attempt["status"])] += 1
        score = total_score(attempt)
        if score is not None:
            self._scores.update({"sum": score, "count": 1})
        for marks in (*attempt["mcq_marks"], *attempt["theory_marks"]):
            self._marks[marks["question_id"]] += marks["marks"]
            self._marked[marks["question_id"]] += 1

    def statistics(self, form: Document) -> FormStatistics:
        """What was added, by the questions that the form has now."""
        approved = self._by_status[AttemptStatus.APPROVED]
        decided = sum(self._by_status[status] for status in _DECIDED)
        return FormStatistics(
            form=form,
            attempts=self._by_status.total(),
            participants=len(self._participants),
            by_status=self._by_status,
            pass_rate=_mean(100 * approved, decided),
            mean_score=_mean(self._scores["sum"], self._scores["count"]),
            questions=[self._question(each) for each in form["questions"]],
        )

    def _question(self, question: Document) -> QuestionStatistics:
        marked = self._marked[question["question_id"]]
        mean = _mean(self._marks[question["question_id"]], marked)
        return QuestionStatistics(question, marked, mean)


class FormStatisticsService:
    """Counts what came of exams, for managers."""

    def __init__(self, forms: FormRepository, results: ExamResultRepository):
        self._forms = forms
        self._results = results

    async def get(self, form_id: str) -> FormStatistics:
        """The statistics of a form, from all its attempts as they are now. Raises FormNotFound."""
        form = await self._forms.find(path_id(form_id, FormNotFound))
        if form is None:
            raise FormNotFound
        tally = Tally()
        async for attempt in self._results.of_form(form["_id"]):
            tally.add(attempt)
        return tally.statistics(form)


def _mean(total: int, count: int) -> float | None:
    return round(total / count, 2) if count else None
