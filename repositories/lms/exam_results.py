"""Attempts as statistics and exports read them: many at a time, and only what came of them."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING

from repositories.lms.exam_attempts import COLLECTION
from repositories.types import Document

_RESULT = {
    "participant_id": 1,
    "status": 1,
    "mcq_score": 1,
    "theory_score": 1,
    "mcq_marks": 1,
    "theory_marks": 1,
}


class ExamResultRepository:
    """Reads what came of attempts: who, `status`, scores, and marks by question."""

    def __init__(self, storage: Any):
        self._attempts = storage[COLLECTION]

    def of_form(self, form_id: ObjectId) -> AsyncIterator[Document]:
        """Every attempt at a form, one after the other."""
        return aiter(self._attempts.find({"form_id": form_id}, _RESULT).sort("_id", ASCENDING))

    async def with_ids(self, attempt_ids: Sequence[ObjectId]) -> dict[ObjectId, Document]:
        """The attempts with these ids, by id."""
        found = self._attempts.find({"_id": {"$in": list(attempt_ids)}}, _RESULT)
        return {attempt["_id"]: attempt for attempt in await found.to_list(None)}
