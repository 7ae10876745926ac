"""Reading the LMS whole, to see whether it fits together."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING

from repositories.lms import (
    courses,
    enrollments,
    exam_attempts,
    exam_papers,
    forms,
    materials,
    requirement_submissions,
    requirement_tables,
    step_progress,
    steps,
)
from repositories.types import Document, Tx

_LIVE = {"is_deleted": False}


class CourseCheckingRepository:
    """Looks up courses with all that is in them."""

    def __init__(self, storage: Any):
        self._courses = storage[courses.COLLECTION]
        self._steps = storage[steps.COLLECTION]
        self._materials = storage[materials.COLLECTION]
        self._tables = storage[requirement_tables.COLLECTION]
        self._forms = storage[forms.COLLECTION]

    async def courses(self, *, tx: Tx = None) -> list[Document]:
        """Every live course: its links, and whether it is the default."""
        shown = {"name": 1, "previous_course_id": 1, "next_course_id": 1, "is_default": 1}
        found = self._courses.find(_LIVE, shown, session=tx)
        return await found.sort([("order_index", ASCENDING), ("_id", ASCENDING)]).to_list(None)

    async def steps_of(self, course_id: ObjectId, *, tx: Tx = None) -> list[Document]:
        """The live steps of a course: `order_index` and `exam_id`."""
        return await self._of_course(self._steps, course_id, ("exam_id",), tx)

    async def materials_of(self, course_id: ObjectId, *, tx: Tx = None) -> list[Document]:
        """The live materials of a course: `step_id`, `order_index`, `requirement_table_id`."""
        fields = ("step_id", "requirement_table_id")
        return await self._of_course(self._materials, course_id, fields, tx)

    async def tables_of(self, course_id: ObjectId, *, tx: Tx = None) -> list[Document]:
        """The live requirement tables of a course: `step_id`."""
        found = self._tables.find({"course_id": course_id, **_LIVE}, {"step_id": 1}, session=tx)
        return await found.to_list(None)

    async def exams(
        self, form_ids: Sequence[ObjectId], *, tx: Tx = None
    ) -> dict[ObjectId, ObjectId | None]:
        """Which step each of some live forms belongs to."""
        query = {"_id": {"$in": list(form_ids)}, **_LIVE}
        found = self._forms.find(query, {"step_id": 1}, session=tx)
        return {form["_id"]: form["step_id"] for form in await found.to_list(None)}

    async def _of_course(
        self, collection: Any, course_id: ObjectId, fields: Sequence[str], tx: Tx
    ) -> list[Document]:
        shown = dict.fromkeys(("order_index", *fields), 1)
        found = collection.find({"course_id": course_id, **_LIVE}, shown, session=tx)
        documents: list[Document] = await found.sort("order_index", ASCENDING).to_list(None)
        return documents


class ParticipationCheckingRepository:
    """Goes through what participants did, and looks single things up."""

    def __init__(self, storage: Any):
        self._enrollments = storage[enrollments.COLLECTION]
        self._progress = storage[step_progress.COLLECTION]
        self._attempts = storage[exam_attempts.COLLECTION]
        self._papers = storage[exam_papers.COLLECTION]
        self._submissions = storage[requirement_submissions.COLLECTION]

    def enrollments(self) -> AsyncIterator[Document]:
        """Every enrollment."""
        order = [("participant_id", ASCENDING), ("course_id", ASCENDING)]
        return aiter(self._enrollments.find({}).sort(order))

    def progress(self) -> AsyncIterator[Document]:
        """All progress in steps."""
        order = [("participant_id", ASCENDING), ("step_id", ASCENDING)]
        return aiter(self._progress.find({}).sort(order))

    def attempts(self) -> AsyncIterator[Document]:
        """Every attempt at an exam, those of one participant at one form together."""
        order = [
            ("participant_id", ASCENDING),
            ("form_id", ASCENDING),
            ("attempt_number", ASCENDING),
        ]
        return aiter(self._attempts.find({}).sort(order))

    async def find_enrollment(
        self, participant_id: ObjectId, course_id: ObjectId, *, tx: Tx = None
    ) -> Document | None:
        """The enrollment of a participant in a course."""
        query = {"participant_id": participant_id, "course_id": course_id}
        found: Document | None = await self._enrollments.find_one(query, session=tx)
        return found

    async def find_progress(self, progress_id: ObjectId, *, tx: Tx = None) -> Document | None:
        """The progress with this id."""
        found: Document | None = await self._progress.find_one({"_id": progress_id}, session=tx)
        return found

    async def find_attempt(self, attempt_id: ObjectId, *, tx: Tx = None) -> Document | None:
        """The attempt with this id."""
        found: Document | None = await self._attempts.find_one({"_id": attempt_id}, session=tx)
        return found

    async def find_paper(self, attempt_id: ObjectId, *, tx: Tx = None) -> Document | None:
        """The paper of an attempt."""
        found: Document | None = await self._papers.find_one({"_id": attempt_id}, session=tx)
        return found

    async def find_submission(
        self, participant_id: ObjectId, table_id: ObjectId, *, tx: Tx = None
    ) -> Document | None:
        """What a participant did in a requirement table."""
        query = {"participant_id": participant_id, "requirement_table_id": table_id}
        found: Document | None = await self._submissions.find_one(query, session=tx)
        return found
