"""Enrollments: who takes which course; the lock of all that is done in it by one participant.

An enrollment is

    _id, participant_id, course_id    ObjectId; one a participant and course
    enrolled_at, last_activity_at     datetime
    completed_at         datetime, or None until the course is complete; it stays
    summary              None until something is done, then what lists show of the progress
                         (`services/lms/summaries.py`)
    revision             int, one more whenever the participant or a reviewer did something
"""

import asyncio
from collections.abc import Sequence
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
    IndexModel([("course_id", ASCENDING), ("_id", ASCENDING)], name="course_id"),
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

    async def count_of(self, participant_id: ObjectId) -> int:
        """How many courses a participant takes or took."""
        return await self._enrollments.count_documents({"participant_id": participant_id})

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
            "revision": 0,
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
            {"$set": {"summary": summary, "last_activity_at": at}, "$inc": {"revision": 1}},
            session=tx,
        )

    async def refresh_summaries(self, made: Sequence[tuple[Document, Document]]) -> None:
        """Keep summaries that a read made anew: pairs of an enrollment as read and its summary.

        Where something was done since, what that kept stays: it knows more than the read did.
        """
        # At once, for all of them to share one commit.
        await asyncio.gather(
            *(
                self._enrollments.update_one(
                    {"_id": enrollment["_id"], "revision": enrollment["revision"]},
                    {"$set": {"summary": summary}},
                )
                for enrollment, summary in made
            )
        )

    async def page_of_course(
        self, course_id: ObjectId, offset: int, limit: int
    ) -> tuple[list[Document], int]:
        """Some enrollments of a course, oldest first, and how many there are in all."""
        query = {"course_id": course_id}
        found = self._enrollments.find(query).sort("_id", ASCENDING).skip(offset).limit(limit)
        return await found.to_list(None), await self._enrollments.count_documents(query)

    async def of_course_after(
        self, course_id: ObjectId, last_id: ObjectId | None, limit: int
    ) -> list[Document]:
        """The next enrollments of a course after one of them, from the oldest on with None."""
        query: Document = {"course_id": course_id}
        if last_id is not None:
            query["_id"] = {"$gt": last_id}
        return await self._enrollments.find(query).sort("_id", ASCENDING).limit(limit).to_list(None)

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
