"""Enrollments: who takes which course; the lock of all that is done in it by one participant.

An enrollment is

    _id, participant_id, course_id    ObjectId; one a participant and course
    enrolled_at, last_activity_at     datetime
    completed_at         datetime, or None until the course is complete; it stays
    summary              None until something is done, then what lists show of the progress
                         (`services/lms/summaries.py`)
"""

from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel

from repositories.errors import Taken, WriteConflict, unique
from repositories.types import Document, Tx

COLLECTION = "enrollments"
INDEXES = (
    IndexModel(
        [("participant_id", ASCENDING), ("course_id", ASCENDING)],
        name="participant_id_course_id",
        unique=True,
    ),
)


class EnrollmentRepository:
    """Finds, keeps and locks enrollments."""

    def __init__(self, storage: Any):
        self._storage = storage
        self._enrollments = storage[COLLECTION]

    async def find(
        self, participant_id: ObjectId, course_id: ObjectId, *, tx: Tx = None
    ) -> Document | None:
        """The enrollment of a participant in a course."""
        return await self._enrollments.find_one(
            {"participant_id": participant_id, "course_id": course_id}, session=tx
        )

    async def of_participant(self, participant_id: ObjectId) -> list[Document]:
        """All enrollments of a participant, in no order."""
        found = self._enrollments.find({"participant_id": participant_id})
        return await found.to_list(None)

    async def lock(
        self, participant_id: ObjectId, course_id: ObjectId, *, tx: Tx
    ) -> Document | None:
        """The enrollment, which nobody else changes until `tx` ends."""
        found = await self.find(participant_id, course_id, tx=tx)
        if found is None:
            return None
        locked: Document | None = await self._storage.lock(COLLECTION, found["_id"], tx=tx)
        return locked

    async def insert(
        self, participant_id: ObjectId, course_id: ObjectId, *, at: datetime, tx: Tx
    ) -> Document:
        """Enroll somebody who is not. Raises WriteConflict when they are by now."""
        enrollment: Document = {
            "_id": ObjectId(),
            "participant_id": participant_id,
            "course_id": course_id,
            "enrolled_at": at,
            "last_activity_at": at,
            "completed_at": None,
            "summary": None,
        }
        try:
            with unique("participant_id"):
                await self._enrollments.insert_one(enrollment, session=tx)
        except Taken as taken:
            raise WriteConflict(str(taken)) from taken
        return enrollment

    async def put_summary(
        self, enrollment_id: ObjectId, summary: Document, *, at: datetime, tx: Tx
    ) -> None:
        """Keep what lists show of the progress, and that there was activity."""
        await self._enrollments.update_one(
            {"_id": enrollment_id},
            {"$set": {"summary": summary, "last_activity_at": at}},
            session=tx,
        )

    async def claim_completion(self, enrollment_id: ObjectId, *, at: datetime, tx: Tx) -> bool:
        """Mark the course as complete; tells whether it was not before."""
        result = await self._enrollments.update_one(
            {"_id": enrollment_id, "completed_at": None},
            {"$set": {"completed_at": at}},
            session=tx,
        )
        return bool(result.modified_count)

    async def delete_of(self, participant_id: ObjectId, *, tx: Tx) -> None:
        """Delete the enrollments of an account."""
        await self._enrollments.delete_many({"participant_id": participant_id}, session=tx)
