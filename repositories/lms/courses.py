"""Courses: what is taught, and in which order of courses.

A course is

    _id, name, description    ObjectId and two str
    image_url                 str or None
    previous_course_id, next_course_id    ObjectId or None; each other's mirror
    default_step_id           ObjectId that a manager named, or None for the first step
    order_index               int, the place in lists; not dense, and two may share one
    is_active, is_default     bool; at most one live course is the default
    outline_version           int, one more at each change of steps, materials, exam links
                              or requirement tables
    created_by                ObjectId of the manager
    created_at, updated_at
    is_deleted                bool
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel, ReturnDocument

from repositories.types import Document, Tx

COLLECTION = "courses"
_IN_ORDER = [("order_index", ASCENDING), ("_id", ASCENDING)]
INDEXES = (
    IndexModel([("is_deleted", ASCENDING), *_IN_ORDER], name="is_deleted_order_index"),
    # One default at most, whatever happens.
    IndexModel(
        [("is_default", ASCENDING)],
        name="is_default",
        unique=True,
        partialFilterExpression={"is_default": True},
    ),
)
LISTS_COLLECTION = "course_lists"
_LIST = "courses"


@dataclass(frozen=True, slots=True)
class CourseFilter:
    """Which courses; None asks for all."""

    is_active: bool | None = None
    is_default: bool | None = None


class CourseRepository:
    """Finds and keeps courses; those that are deleted are not there but for `find_any`."""

    def __init__(self, storage: Any):
        self._courses = storage[COLLECTION]
        self._lists = storage[LISTS_COLLECTION]

    async def insert(self, course: Document, *, tx: Tx) -> None:
        """Keep a new course."""
        await self._courses.insert_one(course, session=tx)

    async def find(self, course_id: ObjectId, *, tx: Tx = None) -> Document | None:
        """The course with this id."""
        return await self._courses.find_one({"_id": course_id, "is_deleted": False}, session=tx)

    async def find_any(self, course_ids: Sequence[ObjectId]) -> list[Document]:
        """Those of the courses that there are or were, in no order."""
        return await self._courses.find({"_id": {"$in": list(course_ids)}}).to_list(None)

    async def find_default(self, *, tx: Tx = None) -> Document | None:
        """The default course."""
        return await self._courses.find_one({"is_default": True, "is_deleted": False}, session=tx)

    async def every(self, which: CourseFilter | None = None, *, tx: Tx = None) -> list[Document]:
        """The courses in their order."""
        query: Document = {"is_deleted": False}
        if which is not None and which.is_active is not None:
            query["is_active"] = which.is_active
        if which is not None and which.is_default is not None:
            query["is_default"] = which.is_default
        return await self._courses.find(query, session=tx).sort(_IN_ORDER).to_list(None)

    async def lock_list(self, *, tx: Tx) -> None:
        """Hold the links between all courses, and which is the default, until `tx` ends."""
        await self._lists.update_one(
            {"_id": _LIST}, {"$inc": {"changes": 1}}, upsert=True, session=tx
        )

    async def lock_outline(self, course_id: ObjectId, *, tx: Tx) -> Document | None:
        """The course in a new version of its outline, which nobody else changes until `tx` ends.

        Whatever changes steps, materials, exam links or requirement tables begins here.
        """
        return await self._courses.find_one_and_update(
            {"_id": course_id, "is_deleted": False},
            {"$inc": {"outline_version": 1}},
            return_document=ReturnDocument.AFTER,
            session=tx,
        )

    async def change(self, course_id: ObjectId, changes: Document, *, tx: Tx) -> None:
        """Set some fields of a course."""
        await self._courses.update_one({"_id": course_id}, {"$set": changes}, session=tx)

    async def change_each(self, changes: Mapping[ObjectId, Document], *, tx: Tx) -> None:
        """Set some fields of some courses."""
        for course_id, changed in changes.items():
            await self.change(course_id, changed, tx=tx)
