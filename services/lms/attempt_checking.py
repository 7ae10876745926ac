"""Looking for attempts at exams that contradict themselves, or their answers."""

from bson import ObjectId

from repositories.lms.checking import ParticipationCheckingRepository
from repositories.types import Document, Transaction, Tx
from services.checking import Progress
from services.lms import marking
from services.lms.attempt_rules import by_question, mcq_result, saved_answers, standing
from services.lms.statuses import AttemptStatus


class AttemptCheck:
    """Compares attempts with their papers; that one runs at a time, an index sees to."""

    def __init__(self, repository: ParticipationCheckingRepository, transaction: Transaction):
        self._repository = repository
        self._transaction = transaction

    async def find_problems(self, progress: Progress) -> list[str]:
        """One sentence for each problem."""
        problems = []
        async for attempt in self._repository.attempts():
            if await self._faults(attempt, tx=None):
                problems += await self._look_again(attempt["_id"])
            progress()
        return problems

    async def _look_again(self, attempt_id: ObjectId) -> list[str]:
        async with self._transaction() as tx:
            attempt = await self._repository.find_attempt(attempt_id, tx=tx)
            faults = [] if attempt is None else await self._faults(attempt, tx=tx)
        return [f"exam_attempts: {attempt_id} {fault}." for fault in faults]

    async def _faults(self, attempt: Document, *, tx: Tx) -> list[str]:
        paper = await self._repository.find_paper(attempt["_id"], tx=tx)
        return ["has no paper"] if paper is None else faults_of(attempt, paper)


def faults_of(attempt: Document, paper: Document) -> list[str]:
    """What of an attempt does not follow from its status, its answers or its marks."""
    faults = [
        f"is {attempt['status']}, and has {name} {attempt[name]}"
        for name, expected in standing(AttemptStatus(attempt["status"])).items()
        # Nobody reviews what a deleted account has left (repositories/lms/exam_attempts.py).
        if attempt[name] != expected and not (name == "is_awaiting_review" and expected)
    ]
    if attempt["mcq_score"] is None:
        return faults
    questions = paper["form"]["questions"]
    marked = mcq_result(questions, saved_answers(paper))
    if by_question(attempt["mcq_marks"]) != by_question(marked["mcq_marks"]):
        faults.append("has other marks than its answers are worth")
    if attempt["mcq_score"] != marked["mcq_score"]:
        faults.append(
            f"has a MCQ score of {attempt['mcq_score']}; its answers make {marked['mcq_score']}"
        )
    theory = marking.theory_score(questions, by_question(attempt["theory_marks"]))
    if attempt["theory_score"] != theory:
        faults.append(f"has a theory score of {attempt['theory_score']}; its marks make {theory}")
    return faults
