"""Papers: what was asked and answered in an attempt at an exam.

A paper is

    _id                  ObjectId, that of its attempt
    form                 the attempt's own copy of the form: {"name", "description",
                         "duration_minutes", "questions"} as in `repositories/lms/forms.py`
    mcq_answers          [{"question_id": str, "selected_option_id": str}]
    theory_answers       [{"question_id": str, "answer_text": str}]
    saved_at             datetime of the last answers, None before the first
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId

from repositories.types import Document, Tx

COLLECTION = "exam_papers"


class ExamPaperRepository:
    """Finds and keeps papers."""

    def __init__(self, storage: Any):
        self._papers = storage[COLLECTION]

    async def insert(self, paper: Document, *, tx: Tx) -> None:
        """Keep a new paper."""
        await self._papers.insert_one(paper, session=tx)

    async def find(self, attempt_id: ObjectId, *, tx: Tx = None) -> Document | None:
        """The paper of an attempt."""
        return await self._papers.find_one({"_id": attempt_id}, session=tx)

    async def put_answers(
        self,
        attempt_id: ObjectId,
        mcq: Mapping[str, str],
        theory: Mapping[str, str],
        *,
        at: datetime,
        tx: Tx,
    ) -> None:
        """Keep the answers by question, instead of those before."""
        answers = {
            "mcq_answers": [
                {"question_id": question_id, "selected_option_id": option_id}
                for question_id, option_id in mcq.items()
            ],
            "theory_answers": [
                {"question_id": question_id, "answer_text": text}
                for question_id, text in theory.items()
            ],
            "saved_at": at,
        }
        await self._papers.update_one({"_id": attempt_id}, {"$set": answers}, session=tx)

    async def put_questions(
        self, attempt_id: ObjectId, questions: Sequence[Document], *, tx: Tx
    ) -> None:
        """Keep the questions with another key."""
        await self._papers.update_one(
            {"_id": attempt_id}, {"$set": {"form.questions": list(questions)}}, session=tx
        )

    async def forget_texts(self, attempt_ids: Sequence[ObjectId], *, tx: Tx) -> None:
        """Keep the papers of an account without what it wrote."""
        await self._papers.update_many(
            {"_id": {"$in": list(attempt_ids)}}, {"$set": {"theory_answers": []}}, session=tx
        )

    async def delete(self, attempt_ids: Sequence[ObjectId], *, tx: Tx) -> None:
        """Delete the papers of some attempts."""
        await self._papers.delete_many({"_id": {"$in": list(attempt_ids)}}, session=tx)
