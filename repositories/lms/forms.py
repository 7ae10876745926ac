"""Forms: the exams that end a step.

A form is

    _id                  ObjectId
    name, description    str
    step_id              ObjectId of the step it belongs to, or None
    duration_minutes     int > 0
    total_marks, passing_marks    int
    total_is_given, passing_is_given    bool, False where they follow from the questions
    passing_percentage   float, 0 to 100, or None
    max_attempts         int > 0, or None for as many as one likes
    questions            [{"question_id": str, "question_type": "MCQ" or "THEORY",
                           "question_text": str, "marks": int, "max_words": int or None,
                           "options": [{"option_id": str, "text": str, "is_correct": bool}]}]
    created_by           ObjectId of the manager
    created_at, updated_at
    is_deleted           bool

It is the exam of the step whose `exam_id` names it; of several forms of a step one is.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel

from repositories.lms.summaries import summaries_of
from repositories.types import Document, Tx

COLLECTION = "forms"
# Forms of 50 questions take 0.2 ms each to read, and requests are to come in between.
_HEADINGS_AT_ONCE = 20
INDEXES = (
    IndexModel([("is_deleted", ASCENDING), ("_id", ASCENDING)], name="is_deleted"),
    IndexModel(
        [("step_id", ASCENDING), ("is_deleted", ASCENDING), ("_id", ASCENDING)],
        name="step_id_is_deleted",
    ),
)


class FormRepository:
    """Finds and keeps forms; those that are deleted are not there."""

    def __init__(self, storage: Any):
        self._storage = storage
        self._forms = storage[COLLECTION]

    async def insert(self, form: Document, *, tx: Tx) -> None:
        """Keep a new form."""
        await self._forms.insert_one(form, session=tx)

    async def find(self, form_id: ObjectId, *, tx: Tx = None) -> Document | None:
        """The form with this id."""
        return await self._forms.find_one({"_id": form_id, "is_deleted": False}, session=tx)

    async def headings(self, form_ids: Sequence[ObjectId]) -> dict[ObjectId, Document]:
        """`name` and `duration_minutes` of those forms that are not deleted, by id."""
        headings: dict[ObjectId, Document] = {}
        for start in range(0, len(form_ids), _HEADINGS_AT_ONCE):
            some = form_ids[start : start + _HEADINGS_AT_ONCE]
            found = self._forms.find(
                {"_id": {"$in": list(some)}, "is_deleted": False},
                {"name": 1, "duration_minutes": 1},
            )
            headings |= {form["_id"]: form for form in await found.to_list(None)}
            await asyncio.sleep(0)
        return headings

    async def lock(self, form_id: ObjectId, *, tx: Tx) -> Document | None:
        """The form, which nobody else changes until `tx` ends."""
        found: Document | None = await self._storage.lock(COLLECTION, form_id, tx=tx)
        return None if found is None or found["is_deleted"] else found

    async def every(self, step_id: ObjectId | None = None) -> list[Document]:
        """The forms, or those of one step, oldest first; `question_count` for `questions`."""
        return await summaries_of(self._forms, step_id, array="questions", count="question_count")

    async def change(self, form_id: ObjectId, changes: Document, *, tx: Tx) -> None:
        """Set some fields of a form."""
        await self._forms.update_one({"_id": form_id}, {"$set": changes}, session=tx)

    async def leave_steps(self, step_ids: Sequence[ObjectId], *, at: datetime, tx: Tx) -> None:
        """Let the forms of some steps belong to none."""
        await self._forms.update_many(
            {"step_id": {"$in": list(step_ids)}, "is_deleted": False},
            {"$set": {"step_id": None, "updated_at": at}},
            session=tx,
        )
