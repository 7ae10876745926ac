"""Links in mails that can be used once: one document an account and purpose.

A newer mail's replaces the older's, which so stops working.
"""

from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel, ReturnDocument

from repositories.types import Document, Tx

COLLECTION = "mailed_links"
INDEXES = (
    IndexModel(
        [("user_id", ASCENDING), ("purpose", ASCENDING)], name="user_id_purpose", unique=True
    ),
    IndexModel([("token_hash", ASCENDING)], name="token_hash", unique=True),
    IndexModel([("expires_at", ASCENDING)], name="expires_at", expireAfterSeconds=0),
)


class MailedLinkRepository:
    """Keeps the links; every use of one is a single atomic update.

    `request_id` names the mail, so that nothing done for one touches its successor.
    """

    def __init__(self, storage: Any):
        self._links = storage[COLLECTION]

    async def put(self, user_id: ObjectId, purpose: str, link: Document, *, tx: Tx) -> None:
        """Keep a link in place of the account's last one for the purpose."""
        await self._links.update_one(
            {"user_id": user_id, "purpose": purpose}, {"$set": link}, upsert=True, session=tx
        )

    async def find_by_token(
        self, purpose: str, token_hash: bytes, *, at: datetime
    ) -> Document | None:
        """The live link whose token has this hash."""
        return await self._links.find_one(
            {"token_hash": token_hash, "purpose": purpose, "expires_at": {"$gt": at}}
        )

    async def take_try(
        self, user_id: ObjectId, purpose: str, *, limit: int, at: datetime
    ) -> Document | None:
        """Count one guess at the code that came with a live link; None when it is guessed out."""
        return await self._links.find_one_and_update(
            {
                "user_id": user_id,
                "purpose": purpose,
                "tries": {"$lt": limit},
                "expires_at": {"$gt": at},
            },
            {"$inc": {"tries": 1}},
            return_document=ReturnDocument.AFTER,
        )

    async def give_back_try(self, link: Document) -> None:
        """Undo `take_try` after the right code met another obstacle."""
        await self._links.update_one(
            {**_itself(link), "tries": {"$gt": 0}},
            {"$inc": {"tries": -1}},
        )

    async def claim(self, link: Document, *, tx: Tx) -> bool:
        """Use the link up, and its code; one of several callers at once wins."""
        result = await self._links.delete_one(_itself(link), session=tx)
        return bool(result.deleted_count)

    async def delete_of(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Delete every link of an account."""
        await self._links.delete_many({"user_id": user_id}, session=tx)


def _itself(link: Document) -> Document:
    return {"_id": link["_id"], "request_id": link["request_id"]}
