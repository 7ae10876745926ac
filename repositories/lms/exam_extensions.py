"""Extensions: time and attempts that one participant has beyond what a form gives.

An extension is

    _id, form_id, participant_id    ObjectId; one a form and participant
    extra_minutes, extra_attempts   int, from 0
    reason                          str
    granted_by                      ObjectId of the manager
    created_at, updated_at
"""

from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel

from repositories.types import Document, Tx

COLLECTION = "exam_extensions"
INDEXES = (
    IndexModel(
        [("participant_id", ASCENDING), ("form_id", ASCENDING)],
        name="participant_id_form_id",
        unique=True,
    ),
)


class ExamExtensionRepository:
    """Finds and keeps extensions; whoever changes one holds the participant's account."""

    def __init__(self, storage: Any):
        self._extensions = storage[COLLECTION]

    async def find(self, participant_id: ObjectId, form_id: ObjectId, *, tx: Tx) -> Document | None:
        """What a participant was granted at a form."""
        return await self._extensions.find_one(
            {"participant_id": participant_id, "form_id": form_id}, session=tx
        )

    async def insert(self, extension: Document, *, tx: Tx) -> None:
        """Keep a first extension of a participant at a form."""
        await self._extensions.insert_one(extension, session=tx)

    async def change(self, extension_id: ObjectId, changes: Document, *, tx: Tx) -> None:
        """Set some fields of an extension."""
        await self._extensions.update_one({"_id": extension_id}, {"$set": changes}, session=tx)

    async def delete_of(self, participant_id: ObjectId, *, tx: Tx) -> None:
        """Delete what an account was granted."""
        await self._extensions.delete_many({"participant_id": participant_id}, session=tx)
