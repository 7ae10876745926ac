"""SMS codes on their way: one document a phone number, replaced by each new code."""

from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel, ReturnDocument

from repositories.errors import unique
from repositories.types import Document, Tx

COLLECTION = "sms_codes"
INDEXES = (
    IndexModel([("phone", ASCENDING)], name="phone", unique=True),
    IndexModel([("request_id", ASCENDING)], name="request_id", unique=True),
    IndexModel([("expires_at", ASCENDING)], name="expires_at", expireAfterSeconds=0),
)


class CodeRepository:
    """Keeps the codes; every use of one is a single atomic update."""

    def __init__(self, storage: Any):
        self._codes = storage[COLLECTION]

    async def find_by_phone(self, phone: str) -> Document | None:
        """The latest code sent to a number."""
        return await self._codes.find_one({"phone": phone})

    async def put(self, phone: str, code: Document, *, not_since: datetime, tx: Tx) -> None:
        """Replace the number's code, unless one was sent after `not_since`.

        Raises Taken("phone") in that case.
        """
        with unique("phone", "request_id"):
            await self._codes.update_one(
                {"phone": phone, "sent_at": {"$lte": not_since}},
                {"$set": code},
                upsert=True,
                session=tx,
            )

    async def take_try(self, request_id: ObjectId, *, limit: int, at: datetime) -> Document | None:
        """Count one guess at a live code; None when it is used, expired or guessed out."""
        return await self._codes.find_one_and_update(
            {
                "request_id": request_id,
                "is_used": False,
                "tries": {"$lt": limit},
                "code_expires_at": {"$gt": at},
            },
            {"$inc": {"tries": 1}},
            return_document=ReturnDocument.AFTER,
        )

    async def give_back_try(self, request_id: ObjectId) -> None:
        """Undo `take_try` after the right code met another obstacle."""
        await self._codes.update_one(
            {"request_id": request_id, "tries": {"$gt": 0}}, {"$inc": {"tries": -1}}
        )

    async def claim(self, request_id: ObjectId, *, tx: Tx) -> bool:
        """Use the code up; one of several callers at once wins."""
        result = await self._codes.update_one(
            {"request_id": request_id, "is_used": False}, {"$set": {"is_used": True}}, session=tx
        )
        return bool(result.modified_count)
