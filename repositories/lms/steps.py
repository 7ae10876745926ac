"""Steps: the parts of a course, one after the other.

A step is

    _id, course_id       ObjectId
    name, description    str
    order_index          int, dense from 0 among the live steps of the course
    exam_id              ObjectId of a form, or None
    unlock_on_exam_pass  bool; whether the exam has to be passed to complete the step
    created_at, updated_at
    is_deleted           bool
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel

from repositories.types import Document, Tx

COLLECTION = "steps"
INDEXES = (
    IndexModel(
        [("course_id", ASCENDING), ("is_deleted", ASCENDING), ("order_index", ASCENDING)],
        name="course_id_is_deleted_order_index",
    ),
    IndexModel([("exam_id", ASCENDING)], name="exam_id"),
)


class StepRepository:
    """Finds and keeps steps; those that are deleted are not there but for `find_any`."""

    def __init__(self, storage: Any):
        self._steps = storage[COLLECTION]

    async def insert(self, step: Document, *, tx: Tx) -> None:
        """Keep a new step."""
        await self._steps.insert_one(step, session=tx)

    async def find(self, step_id: ObjectId, *, tx: Tx = None) -> Document | None:
        """The step with this id."""
        return await self._steps.find_one({"_id": step_id, "is_deleted": False}, session=tx)

    async def find_any(self, step_ids: Sequence[ObjectId]) -> list[Document]:
        """Those of the steps that there are or were, in no order."""
        return await self._steps.find({"_id": {"$in": list(step_ids)}}).to_list(None)

    async def of_course(self, course_id: ObjectId, *, tx: Tx = None) -> list[Document]:
        """The steps of a course in their order."""
        found = self._steps.find({"course_id": course_id, "is_deleted": False}, session=tx)
        return await found.sort("order_index", ASCENDING).to_list(None)

    async def first_of(self, course_ids: Sequence[ObjectId]) -> dict[ObjectId, ObjectId]:
        """The first step of each course that has one, by course."""
        found = self._steps.find(
            {"course_id": {"$in": list(course_ids)}, "is_deleted": False, "order_index": 0}
        )
        return {step["course_id"]: step["_id"] for step in await found.to_list(None)}

    async def with_exam(self, form_id: ObjectId, *, tx: Tx) -> list[Document]:
        """The steps whose exam a form is: one at most, once a change is done."""
        found = self._steps.find({"exam_id": form_id, "is_deleted": False}, session=tx)
        return await found.to_list(None)

    async def change(self, step_id: ObjectId, changes: Document, *, tx: Tx) -> None:
        """Set some fields of a step."""
        await self._steps.update_one({"_id": step_id}, {"$set": changes}, session=tx)

    async def put_order(
        self, before: Sequence[Document], step_ids: Sequence[ObjectId], *, tx: Tx
    ) -> None:
        """Give steps the places they have in `step_ids`; `before` has them as they are now."""
        places = {step["_id"]: step["order_index"] for step in before}
        for place, step_id in enumerate(step_ids):
            if places.get(step_id) != place:
                await self.change(step_id, {"order_index": place}, tx=tx)

    async def delete(self, step_id: ObjectId, *, at: datetime, tx: Tx) -> None:
        """Take a step out of its course."""
        await self.change(step_id, {"is_deleted": True, "updated_at": at}, tx=tx)

    async def delete_of_course(self, course_id: ObjectId, *, at: datetime, tx: Tx) -> None:
        """Delete the steps of a course."""
        await self._steps.update_many(
            {"course_id": course_id, "is_deleted": False},
            {"$set": {"is_deleted": True, "updated_at": at}},
            session=tx,
        )
