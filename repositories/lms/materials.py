"""Materials: what is read, seen, heard or practised in a step.

A material is

    _id, step_id, course_id    ObjectId
    material_type        str (`services/lms/material_rules.py`)
    title, description   str
    content              {"url": str}, also with "title", or {} for a requirement table
    requirement_table_id ObjectId; only there for a requirement table
    order_index          int, dense from 0 among the live materials of the step
    is_mandatory         bool
    created_at, updated_at
    is_deleted           bool
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel

from repositories.types import Document, Tx

COLLECTION = "materials"
INDEXES = (
    IndexModel(
        [("step_id", ASCENDING), ("is_deleted", ASCENDING), ("order_index", ASCENDING)],
        name="step_id_is_deleted_order_index",
    ),
    IndexModel(
        [("course_id", ASCENDING), ("is_deleted", ASCENDING), ("order_index", ASCENDING)],
        name="course_id_is_deleted_order_index",
    ),
    IndexModel(
        [("requirement_table_id", ASCENDING)],
        name="requirement_table_id",
        partialFilterExpression={"requirement_table_id": {"$exists": True}},
    ),
)


class MaterialRepository:
    """Finds and keeps materials; those that are deleted are not there."""

    def __init__(self, storage: Any):
        self._materials = storage[COLLECTION]

    async def insert(self, material: Document, *, tx: Tx) -> None:
        """Keep a new material."""
        await self._materials.insert_one(material, session=tx)

    async def find(self, material_id: ObjectId, *, tx: Tx = None) -> Document | None:
        """The material with this id."""
        return await self._materials.find_one({"_id": material_id, "is_deleted": False}, session=tx)

    async def of_step(self, step_id: ObjectId, *, tx: Tx = None) -> list[Document]:
        """The materials of a step in their order."""
        found = self._materials.find({"step_id": step_id, "is_deleted": False}, session=tx)
        return await found.sort("order_index", ASCENDING).to_list(None)

    async def of_steps(self, step_ids: Sequence[ObjectId], *, tx: Tx = None) -> list[Document]:
        """The materials of some steps; those of one step come in their order."""
        which = {"step_id": {"$in": list(step_ids)}, "is_deleted": False}
        found = await self._materials.find(which, session=tx).to_list(None)
        return sorted(found, key=lambda material: material["order_index"])

    async def with_requirement_table(self, table_id: ObjectId, *, tx: Tx = None) -> list[Document]:
        """The materials that show a requirement table."""
        found = self._materials.find(
            {"requirement_table_id": table_id, "is_deleted": False}, session=tx
        )
        return await found.to_list(None)

    async def change(self, material_id: ObjectId, changes: Document, *, tx: Tx) -> None:
        """Set some fields of a material."""
        await self._materials.update_one({"_id": material_id}, {"$set": changes}, session=tx)

    async def put_content(
        self, material_id: ObjectId, changes: Document, *, keeps_table: bool, tx: Tx
    ) -> None:
        """Set some fields, and let go of the requirement table where none is shown any more."""
        update: Document = {"$set": changes}
        if not keeps_table:
            update["$unset"] = {"requirement_table_id": ""}
        await self._materials.update_one({"_id": material_id}, update, session=tx)

    async def put_order(
        self, before: Sequence[Document], material_ids: Sequence[ObjectId], *, tx: Tx
    ) -> None:
        """Give materials the places they have in `material_ids`; `before` has them as now."""
        places = {material["_id"]: material["order_index"] for material in before}
        for place, material_id in enumerate(material_ids):
            if places.get(material_id) != place:
                await self.change(material_id, {"order_index": place}, tx=tx)

    async def delete(self, material_id: ObjectId, *, at: datetime, tx: Tx) -> None:
        """Take a material out of its step."""
        await self.change(material_id, {"is_deleted": True, "updated_at": at}, tx=tx)

    async def delete_of_step(self, step_id: ObjectId, *, at: datetime, tx: Tx) -> None:
        """Delete the materials of a step."""
        await self._delete({"step_id": step_id}, at, tx)

    async def delete_of_course(self, course_id: ObjectId, *, at: datetime, tx: Tx) -> None:
        """Delete the materials of a course."""
        await self._delete({"course_id": course_id}, at, tx)

    async def _delete(self, which: Document, at: datetime, tx: Tx) -> None:
        await self._materials.update_many(
            {**which, "is_deleted": False},
            {"$set": {"is_deleted": True, "updated_at": at}},
            session=tx,
        )
