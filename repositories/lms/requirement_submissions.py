"""Requirement submissions: what a participant did in a requirement table.

A submission is

    _id, participant_id, requirement_table_id, step_id, course_id
                         ObjectId; one a participant and table
    rows                 [{"serial_number": int, "activity": str, "target": number,
                           "unit": str, "completed": bool, "completed_value": number or None,
                           "remarks": str or None, "completed_at": datetime or None,
                           "decision": "approved", "rejected" or None,
                           "decided_by": ObjectId or None, "decided_at": datetime or None,
                           "approval_remarks": str or None}], as of the last change
    submitted_at         datetime of the last time, or None
    awaits_review        bool: it was submitted, not all that was completed is decided on, and
                           its table is still there
    approved_at, approved_by    datetime and ObjectId, or None until the table is approved
    created_at, updated_at
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel

from repositories.errors import Taken, WriteConflict, unique
from repositories.types import Document, Tx

COLLECTION = "requirement_submissions"
_WAITING = {"awaits_review": True}
_SLICE = 32
_OLDEST_FIRST = [("submitted_at", ASCENDING), ("_id", ASCENDING)]
INDEXES = (
    IndexModel(
        [("participant_id", ASCENDING), ("requirement_table_id", ASCENDING)],
        name="participant_id_requirement_table_id",
        unique=True,
    ),
    IndexModel(
        [("awaits_review", ASCENDING), *_OLDEST_FIRST],
        name="awaits_review",
        partialFilterExpression=_WAITING,
    ),
    IndexModel(
        [("step_id", ASCENDING), ("awaits_review", ASCENDING), *_OLDEST_FIRST],
        name="step_id_awaits_review",
        partialFilterExpression=_WAITING,
    ),
)


class RequirementSubmissionRepository:
    """Finds and keeps submissions; whoever changes one holds the enrollment's lock."""

    def __init__(self, storage: Any):
        self._submissions = storage[COLLECTION]

    async def insert(self, submission: Document, *, tx: Tx) -> None:
        """Keep a new submission. Raises WriteConflict when there is one by now."""
        try:
            with unique("participant_id"):
                await self._submissions.insert_one(submission, session=tx)
        except Taken as taken:
            raise WriteConflict(str(taken)) from taken

    async def find(self, submission_id: ObjectId, *, tx: Tx = None) -> Document | None:
        """The submission with this id."""
        return await self._submissions.find_one({"_id": submission_id}, session=tx)

    async def find_of(
        self, participant_id: ObjectId, table_id: ObjectId, *, tx: Tx = None
    ) -> Document | None:
        """What a participant did in a table."""
        return await self._submissions.find_one(
            {"participant_id": participant_id, "requirement_table_id": table_id}, session=tx
        )

    async def count_of(self, participant_id: ObjectId) -> int:
        """How many requirement tables a participant has begun."""
        return await self._submissions.count_documents({"participant_id": participant_id})

    async def each_waiting(self, step_id: ObjectId | None = None) -> AsyncGenerator[Document, None]:
        """What awaits review, or that of one step, the longest waiting first.

        Read some at a time, and requests come in between.
        """
        query: Document = dict(_WAITING)
        if step_id is not None:
            query["step_id"] = step_id
        at: datetime | None = None
        read_at: list[ObjectId] = []
        while some := await self._oldest(query, _SLICE):
            for submission in some:
                yield submission
                if submission["submitted_at"] != at:
                    at, read_at = submission["submitted_at"], []
                read_at.append(submission["_id"])
            query |= {"submitted_at": {"$gte": at}, "_id": {"$nin": read_at}}
            await asyncio.sleep(0)

    async def find_longest_waiting(self) -> Document | None:
        """What awaits review the longest."""
        return next(iter(await self._oldest(_WAITING, 1)), None)

    async def _oldest(self, query: Document, limit: int) -> list[Document]:
        found = self._submissions.find(query).sort(_OLDEST_FIRST).limit(limit)
        return await found.to_list(limit)

    async def count_waiting(self) -> int:
        """How many await review."""
        return await self._submissions.count_documents(_WAITING)

    async def change(self, submission_id: ObjectId, changes: Document, *, tx: Tx) -> None:
        """Set some fields of a submission."""
        await self._submissions.update_one({"_id": submission_id}, {"$set": changes}, session=tx)

    async def stop_waiting(
        self, step_ids: Sequence[ObjectId], table_id: ObjectId | None = None, *, tx: Tx
    ) -> None:
        """Have nothing of these steps, or of one table of theirs, await review any more."""
        query: Document = {"step_id": {"$in": list(step_ids)}, **_WAITING}
        if table_id is not None:
            query["requirement_table_id"] = table_id
        await self._submissions.update_many(query, {"$set": {"awaits_review": False}}, session=tx)

    async def delete_of(self, participant_id: ObjectId, *, tx: Tx) -> None:
        """Delete what an account did: remarks are of a person, and nobody reviews them now."""
        await self._submissions.delete_many({"participant_id": participant_id}, session=tx)
