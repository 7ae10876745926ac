"""Requirement tables: what is practised from day to day, row by row.

A requirement table is

    _id, step_id, course_id    ObjectId
    name, description    str
    requirements         [{"serial_number": int, "activity": str, "target": number,
                           "unit": str}], by serial number
    created_by           ObjectId of the manager
    created_at, updated_at
    is_deleted           bool
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel

from repositories.lms.summaries import summaries_of
from repositories.types import Document, Tx

COLLECTION = "requirement_tables"
INDEXES = (
    IndexModel([("is_deleted", ASCENDING), ("_id", ASCENDING)], name="is_deleted"),
    IndexModel(
        [("step_id", ASCENDING), ("is_deleted", ASCENDING), ("_id", ASCENDING)],
        name="step_id_is_deleted",
    ),
    IndexModel(
        [("course_id", ASCENDING), ("is_deleted", ASCENDING), ("_id", ASCENDING)],
        name="course_id_is_deleted",
    ),
)


class RequirementTableRepository:
    """Finds and keeps requirement tables; those that are deleted are not there."""

    def __init__(self, storage: Any):
        self._tables = storage[COLLECTION]

    async def insert(self, table: Document, *, tx: Tx) -> None:
        """Keep a new table."""
        await self._tables.insert_one(table, session=tx)

    async def find(self, table_id: ObjectId, *, tx: Tx = None) -> Document | None:
        """The table with this id."""
        return await self._tables.find_one({"_id": table_id, "is_deleted": False}, session=tx)

    async def every(self, step_id: ObjectId | None = None) -> list[Document]:
        """The tables, or those of one step, oldest first; `requirement_count` for their rows."""
        return await summaries_of(
            self._tables, step_id, array="requirements", count="requirement_count"
        )

    async def of_steps(self, step_ids: Sequence[ObjectId], *, tx: Tx = None) -> list[Document]:
        """The tables of some steps, in no order."""
        which = {"step_id": {"$in": list(step_ids)}, "is_deleted": False}
        return await self._tables.find(which, session=tx).to_list(None)

    async def change(self, table_id: ObjectId, changes: Document, *, tx: Tx) -> None:
        """Set some fields of a table."""
        await self._tables.update_one({"_id": table_id}, {"$set": changes}, session=tx)

    async def delete_of_step(self, step_id: ObjectId, *, at: datetime, tx: Tx) -> None:
        """Delete the tables of a step."""
        await self._delete({"step_id": step_id}, at, tx)

    async def delete_of_course(self, course_id: ObjectId, *, at: datetime, tx: Tx) -> None:
        """Delete the tables of a course."""
        await self._delete({"course_id": course_id}, at, tx)

    async def _delete(self, which: Document, at: datetime, tx: Tx) -> None:
        await self._tables.update_many(
            {**which, "is_deleted": False},
            {"$set": {"is_deleted": True, "updated_at": at}},
            session=tx,
        )
