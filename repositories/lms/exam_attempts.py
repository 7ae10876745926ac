"""Attempts at exams: who sat which exam when, and what came of it.

An attempt is

    _id, participant_id, form_id, step_id, course_id    ObjectId
    form_name            str; it and the marks below are those of the attempt's own copy
    total_marks, passing_marks    int
    attempt_number       int from 1, over all attempts of a participant at a form
    status               str (`services/lms/statuses.py`)
    is_open              bool, as long as answers are taken
    is_awaiting_review   bool, from being submitted to being decided; False for good once
                         the account is deleted
    started_at           datetime
    deadline_at          datetime, with what was granted beyond the form's duration; answers
                         are taken a little longer
    submitted_at         datetime; None until then, and for one that ran out without answers
    mcq_score            int, None until submitted
    mcq_marks            [{"question_id": str, "marks": int}], one a MCQ question, those
                         without an answer too; empty until submitted
    theory_score         int, None as long as a theory question has no marks
    theory_marks         [{"question_id": str, "marks": int}], those given so far
    feedback             str, or None
    reviewed_by, reviewed_at    ObjectId and datetime of the last review; None before

The questions and the answers are beside it (`repositories/lms/exam_papers.py`): lists of
hundreds of attempts are read without them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel

from repositories.errors import Taken, WriteConflict, unique
from repositories.types import Document, Tx

COLLECTION = "exam_attempts"
_OLDEST_FIRST = [("submitted_at", ASCENDING), ("_id", ASCENDING)]
_AWAITING = {"is_awaiting_review": True}
_OPEN = {"is_open": True}
INDEXES = (
    IndexModel(
        [("participant_id", ASCENDING), ("form_id", ASCENDING), ("attempt_number", ASCENDING)],
        name="participant_id_form_id_attempt_number",
        unique=True,
    ),
    # One running attempt of a participant at a form at most, whatever happens.
    IndexModel(
        [("participant_id", ASCENDING), ("form_id", ASCENDING)],
        name="open_participant_id_form_id",
        unique=True,
        partialFilterExpression=_OPEN,
    ),
    IndexModel(
        [("deadline_at", ASCENDING), ("_id", ASCENDING)],
        name="open_deadline_at",
        partialFilterExpression=_OPEN,
    ),
    IndexModel(_OLDEST_FIRST, name="awaiting_submitted_at", partialFilterExpression=_AWAITING),
    IndexModel(
        [("step_id", ASCENDING), *_OLDEST_FIRST],
        name="awaiting_step_id_submitted_at",
        partialFilterExpression=_AWAITING,
    ),
    IndexModel(
        [("course_id", ASCENDING), *_OLDEST_FIRST],
        name="awaiting_course_id_submitted_at",
        partialFilterExpression=_AWAITING,
    ),
    IndexModel([("form_id", ASCENDING), ("_id", ASCENDING)], name="form_id"),
)


@dataclass(frozen=True, slots=True)
class AttemptFilter:
    """Which attempts; None asks for all."""

    step_id: ObjectId | None = None
    course_id: ObjectId | None = None


class ExamAttemptRepository:
    """Finds and keeps attempts; whoever changes one holds the participant's enrollment."""

    def __init__(self, storage: Any):
        self._attempts = storage[COLLECTION]

    async def insert(self, attempt: Document, *, tx: Tx) -> None:
        """Keep a new attempt. Raises WriteConflict when another was begun meanwhile."""
        try:
            with unique("participant_id"):
                await self._attempts.insert_one(attempt, session=tx)
        except Taken as taken:
            raise WriteConflict(str(taken)) from taken

    async def find(self, attempt_id: ObjectId, *, tx: Tx = None) -> Document | None:
        """The attempt with this id."""
        return await self._attempts.find_one({"_id": attempt_id}, session=tx)

    async def at_form(
        self, participant_id: ObjectId, form_id: ObjectId, *, tx: Tx
    ) -> list[Document]:
        """All attempts of a participant at a form, the first one first."""
        found = self._attempts.find(
            {"participant_id": participant_id, "form_id": form_id}, session=tx
        )
        return await found.sort("attempt_number", ASCENDING).to_list(None)

    async def open_of(self, participant_id: ObjectId, *, tx: Tx = None) -> list[Document]:
        """The attempts of a participant that run, in no order."""
        found = self._attempts.find({"participant_id": participant_id, "is_open": True}, session=tx)
        return await found.to_list(None)

    async def of_participant(self, participant_id: ObjectId, *, tx: Tx = None) -> list[Document]:
        """All attempts of a participant, the newest first."""
        found = self._attempts.find({"participant_id": participant_id}, session=tx)
        return await found.sort([("started_at", DESCENDING), ("_id", DESCENDING)]).to_list(None)

    async def count_of(self, participant_id: ObjectId) -> int:
        """How many attempts at exams a participant has begun."""
        return await self._attempts.count_documents({"participant_id": participant_id})

    async def pending(self, which: AttemptFilter, limit: int) -> list[Document]:
        """Those that await their review, the longest waiting first."""
        query: Document = {"is_awaiting_review": True}
        if which.step_id is not None:
            query["step_id"] = which.step_id
        if which.course_id is not None:
            query["course_id"] = which.course_id
        return await self._attempts.find(query).sort(_OLDEST_FIRST).limit(limit).to_list(limit)

    async def count_pending(self, *, at: datetime) -> int:
        """How many await their review that were submitted until now."""
        # The date says no more than the flag does, but brings the index of those that await it.
        return await self._attempts.count_documents({**_AWAITING, "submitted_at": {"$lte": at}})

    async def overdue(
        self, before: datetime, limit: int, *, but: Collection[ObjectId] = ()
    ) -> list[Document]:
        """Some that run still, with a deadline before this moment; the oldest first."""
        found = self._attempts.find(
            {"is_open": True, "deadline_at": {"$lt": before}, "_id": {"$nin": list(but)}}
        )
        return await found.sort("deadline_at", ASCENDING).limit(limit).to_list(limit)

    async def ids_of_form(
        self, form_id: ObjectId, after: ObjectId | None, limit: int
    ) -> list[ObjectId]:
        """The ids of some attempts at a form, those that follow `after`."""
        query: Document = {"form_id": form_id}
        if after is not None:
            query["_id"] = {"$gt": after}
        found = self._attempts.find(query, {"_id": 1}).sort("_id", ASCENDING).limit(limit)
        return [each["_id"] for each in await found.to_list(limit)]

    async def with_ids(self, attempt_ids: Sequence[ObjectId], *, tx: Tx) -> list[Document]:
        """The attempts with these ids, in no order."""
        found = self._attempts.find({"_id": {"$in": list(attempt_ids)}}, session=tx)
        return await found.to_list(None)

    async def claim_move(
        self, attempt_id: ObjectId, status: str, changes: Document, *, tx: Tx
    ) -> None:
        """Change an attempt that has this status. Raises WriteConflict when it has another."""
        result = await self._attempts.update_one(
            {"_id": attempt_id, "status": status}, {"$set": changes}, session=tx
        )
        if not result.matched_count:
            raise WriteConflict("the attempt has changed since it was read")

    async def change(self, attempt_id: ObjectId, changes: Document, *, tx: Tx) -> None:
        """Set some fields of an attempt that leave its status."""
        await self._attempts.update_one({"_id": attempt_id}, {"$set": changes}, session=tx)

    async def delete_open_of(self, participant_id: ObjectId, *, tx: Tx) -> None:
        """Delete the attempts of an account that run still."""
        await self._attempts.delete_many(
            {"participant_id": participant_id, "is_open": True}, session=tx
        )

    async def forget_participant(self, participant_id: ObjectId, *, tx: Tx) -> None:
        """Keep an account's attempts without what was written about it; nobody reviews them."""
        await self._attempts.update_many(
            {"participant_id": participant_id},
            {"$set": {"feedback": None, "is_awaiting_review": False}},
            session=tx,
        )
