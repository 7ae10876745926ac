"""Progress in a step: the facts of what a participant did there, one document a step.

Progress in a step is

    _id, participant_id, step_id, course_id    ObjectId; one a participant and step
    started_at              datetime, or None until something was done in it
    completed_material_ids  [ObjectId], without repetition; also of materials deleted since
    exam                    {"attempt_id": ObjectId, "form_id": ObjectId, "status": str}, the
                            last attempt, or the one that was approved; None without one
    requirement_tables      {table id in hex: {"completed": [int], "approved": [int],
                            "is_submitted": bool, "is_approved": bool}}, by serial number;
                            without the tables of the step that were never opened
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel

from repositories.types import Document, Tx

COLLECTION = "step_progress"
INDEXES = (
    IndexModel(
        [("participant_id", ASCENDING), ("step_id", ASCENDING)],
        name="participant_id_step_id",
        unique=True,
    ),
    IndexModel(
        [("participant_id", ASCENDING), ("course_id", ASCENDING)],
        name="participant_id_course_id",
    ),
)


class StepProgressRepository:
    """Finds and keeps what participants did; whoever changes it holds the enrollment's lock."""

    def __init__(self, storage: Any):
        self._progress = storage[COLLECTION]

    async def find(
        self, participant_id: ObjectId, step_id: ObjectId, *, tx: Tx = None
    ) -> Document | None:
        """What a participant did in a step."""
        return await self._progress.find_one(
            {"participant_id": participant_id, "step_id": step_id}, session=tx
        )

    async def of_course(
        self, participant_id: ObjectId, course_id: ObjectId, *, tx: Tx = None
    ) -> list[Document]:
        """What a participant did in a course, in no order of steps."""
        found = self._progress.find(
            {"participant_id": participant_id, "course_id": course_id}, session=tx
        )
        return await found.to_list(None)

    async def exams_of_course(
        self, participant_ids: Sequence[ObjectId], course_id: ObjectId
    ) -> list[Document]:
        """Where some participants sat an exam in a course: `participant_id`, `step_id`, `exam`."""
        found = self._progress.find(
            {
                "participant_id": {"$in": list(participant_ids)},
                "course_id": course_id,
                "exam": {"$ne": None},
            },
            {"participant_id": 1, "step_id": 1, "exam": 1},
        )
        return await found.to_list(None)

    async def open(
        self,
        participant_id: ObjectId,
        step_id: ObjectId,
        course_id: ObjectId,
        *,
        at: datetime,
        tx: Tx,
    ) -> Document:
        """The progress in a step, begun `at` this moment if it was not."""
        found = await self.find(participant_id, step_id, tx=tx)
        if found is None:
            found = {
                "_id": ObjectId(),
                "participant_id": participant_id,
                "step_id": step_id,
                "course_id": course_id,
                "started_at": at,
                "completed_material_ids": [],
                "exam": None,
                "requirement_tables": {},
            }
            await self._progress.insert_one(found, session=tx)
        return found

    async def add_materials(
        self, progress_id: ObjectId, material_ids: Sequence[ObjectId], *, tx: Tx
    ) -> None:
        """Keep that materials were completed; again is as once."""
        await self._progress.update_one(
            {"_id": progress_id},
            {"$addToSet": {"completed_material_ids": {"$each": list(material_ids)}}},
            session=tx,
        )

    async def put_table(
        self, progress_id: ObjectId, table_id: ObjectId, facts: Document, *, tx: Tx
    ) -> None:
        """Keep how far a requirement table of the step is."""
        await self._progress.update_one(
            {"_id": progress_id}, {"$set": {f"requirement_tables.{table_id}": facts}}, session=tx
        )

    async def put_exam(
        self, progress_id: ObjectId, attempt: Document, status: str, *, tx: Tx
    ) -> None:
        """Keep where an attempt stands."""
        exam = {"attempt_id": attempt["_id"], "form_id": attempt["form_id"], "status": status}
        await self._progress.update_one({"_id": progress_id}, {"$set": {"exam": exam}}, session=tx)

    async def delete_of(self, participant_id: ObjectId, *, tx: Tx) -> None:
        """Delete what an account did."""
        await self._progress.delete_many({"participant_id": participant_id}, session=tx)
