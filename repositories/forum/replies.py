"""Replies to posts, oldest first."""

from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel

from repositories.types import SHOWN_ONLY, Document, Tx

COLLECTION = "replies"
INDEXES = (
    IndexModel(
        [("postid", ASCENDING), ("reply_id", ASCENDING)], name="postid_reply_id", unique=True
    ),
    IndexModel([("author_id", ASCENDING)], name="author_id"),
)


class ReplyRepository:
    """Finds and keeps replies."""

    def __init__(self, storage: Any):
        self._storage = storage
        self._replies = storage[COLLECTION]
        self._shown = self._replies.with_options(SHOWN_ONLY)

    async def insert(self, reply: Document, *, tx: Tx) -> None:
        """Keep a new reply, giving it the next `reply_id`."""
        reply["reply_id"] = await self._storage.take_numbers(COLLECTION, tx=tx)
        await self._replies.insert_one(reply, session=tx)

    async def between(self, first_postid: int, last_postid: int) -> list[Document]:
        """All replies to the posts from one number to another, by post, oldest first."""
        found = self._shown.find({"postid": {"$gte": first_postid, "$lte": last_postid}})
        return await found.sort([("postid", ASCENDING), ("reply_id", ASCENDING)]).to_list(None)

    async def of_post(self, postid: int, *, tx: Tx = None) -> list[Document]:
        """All replies to a post, oldest first."""
        found = self._replies.find({"postid": postid}, session=tx)
        return await found.sort([("postid", ASCENDING), ("reply_id", ASCENDING)]).to_list(None)

    async def delete_of_post(self, postid: int, *, tx: Tx) -> None:
        """Delete every reply to a post."""
        await self._replies.delete_many({"postid": postid}, session=tx)

    async def rename_author(self, author_id: ObjectId, name: str, *, tx: Tx) -> None:
        """Give everything an account wrote its new display name."""
        await self._replies.update_many(
            {"author_id": author_id}, {"$set": {"author_name": name}}, session=tx
        )

    async def count_of_author(self, author_id: ObjectId) -> int:
        """How many replies an account wrote."""
        return await self._replies.count_documents({"author_id": author_id})

    async def of_author(self, author_id: ObjectId, limit: int, *, tx: Tx) -> list[Document]:
        """Some replies of an account."""
        found = self._replies.find({"author_id": author_id}, session=tx).limit(limit)
        return await found.to_list(limit)

    async def delete(self, reply: Document, *, tx: Tx) -> None:
        """Delete one reply."""
        await self._replies.delete_one({"_id": reply["_id"]}, session=tx)
