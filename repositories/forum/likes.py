"""Likes: one document for an account and a post it likes."""

from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel

from repositories.errors import unique
from repositories.types import Document, Tx

COLLECTION = "likes"
INDEXES = (
    IndexModel([("user_id", ASCENDING), ("postid", ASCENDING)], name="user_id_postid", unique=True),
    IndexModel([("postid", ASCENDING)], name="postid"),
)


class LikeRepository:
    """Finds and keeps likes; an account likes a post once or not at all."""

    def __init__(self, storage: Any):
        self._likes = storage[COLLECTION]

    async def claim(self, user_id: ObjectId, postid: int, *, tx: Tx) -> None:
        """Like a post. Raises Taken when the account likes it already."""
        with unique("user_id"):
            await self._likes.insert_one({"user_id": user_id, "postid": postid}, session=tx)

    async def take_back(self, user_id: ObjectId, postid: int, *, tx: Tx) -> bool:
        """Take a like back; tells whether there was one."""
        result = await self._likes.delete_one({"user_id": user_id, "postid": postid}, session=tx)
        return bool(result.deleted_count)

    async def liked_between(
        self, user_id: ObjectId, first_postid: int, last_postid: int
    ) -> set[int]:
        """Which posts from one number to another the account likes."""
        found = self._likes.find(
            {"user_id": user_id, "postid": {"$gte": first_postid, "$lte": last_postid}}
        )
        return {like["postid"] for like in await found.to_list(None)}

    async def delete_of_post(self, postid: int, *, tx: Tx) -> None:
        """Delete every like of a post."""
        await self._likes.delete_many({"postid": postid}, session=tx)

    async def count_of_user(self, user_id: ObjectId) -> int:
        """How many posts an account likes."""
        return await self._likes.count_documents({"user_id": user_id})

    async def of_user(self, user_id: ObjectId, limit: int, *, tx: Tx) -> list[Document]:
        """Some likes of an account."""
        found = self._likes.find({"user_id": user_id}, session=tx).limit(limit)
        return await found.to_list(limit)
