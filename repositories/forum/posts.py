"""Posts: what was written, by whom, and how many like it and reply to it."""

from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument

from repositories.types import SHOWN_ONLY, Document, Tx

COLLECTION = "posts"
INDEXES = (
    IndexModel([("postid", ASCENDING)], name="postid", unique=True),
    IndexModel([("author_id", ASCENDING)], name="author_id"),
    # Numbers do not tell the day: what is imported or seeded is numbered later than it is old.
    IndexModel([("created_at", ASCENDING)], name="created_at"),
)


class PostRepository:
    """Finds and keeps posts."""

    def __init__(self, storage: Any):
        self._storage = storage
        self._posts = storage[COLLECTION]
        self._shown = self._posts.with_options(SHOWN_ONLY)

    async def next_postid(self, *, tx: Tx) -> int:
        """The number of the next post."""
        return int(await self._storage.take_numbers(COLLECTION, tx=tx))

    async def insert(self, post: Document, *, tx: Tx) -> None:
        """Keep a new post."""
        await self._posts.insert_one(post, session=tx)

    async def find(self, postid: int, *, tx: Tx = None) -> Document | None:
        """The post with this number."""
        return await self._posts.find_one({"postid": postid}, session=tx)

    async def feed_before(self, postid: int | None, limit: int) -> list[Document]:
        """The newest posts, or the newest older than `postid`; served by the index on `postid`."""
        older = {} if postid is None else {"postid": {"$lt": postid}}
        found = self._shown.find(older).sort("postid", DESCENDING).limit(limit)
        return await found.to_list(limit)

    async def count_like(self, postid: int, change: int, *, tx: Tx) -> Document | None:
        """Add `change` to the number of likes; the post as it is then, None when it is gone."""
        return await self._posts.find_one_and_update(
            {"postid": postid},
            {"$inc": {"likes": change}},
            return_document=ReturnDocument.AFTER,
            session=tx,
        )

    async def count_reply(self, postid: int, *, tx: Tx) -> Document | None:
        """Count one reply more; the post as it is then, None when it is gone."""
        return await self._posts.find_one_and_update(
            {"postid": postid},
            {"$inc": {"replies": 1}},
            return_document=ReturnDocument.AFTER,
            session=tx,
        )

    async def uncount(self, postid: int, *, likes: int = 0, replies: int = 0, tx: Tx) -> None:
        """Take likes and replies that were deleted off a post's counts."""
        await self._posts.update_one(
            {"postid": postid}, {"$inc": {"likes": -likes, "replies": -replies}}, session=tx
        )

    async def set_counts(self, postid: int, *, likes: int, replies: int, tx: Tx) -> None:
        """Correct a post's counts."""
        await self._posts.update_one(
            {"postid": postid}, {"$set": {"likes": likes, "replies": replies}}, session=tx
        )

    async def delete(self, postid: int, *, tx: Tx) -> bool:
        """Delete a post; tells whether it was there."""
        result = await self._posts.delete_one({"postid": postid}, session=tx)
        return bool(result.deleted_count)

    async def rename_author(self, author_id: ObjectId, name: str, *, tx: Tx) -> None:
        """Give everything an account wrote its new display name."""
        await self._posts.update_many(
            {"author_id": author_id}, {"$set": {"author_name": name}}, session=tx
        )

    async def count_of_author(self, author_id: ObjectId) -> int:
        """How many posts an account wrote."""
        return await self._posts.count_documents({"author_id": author_id})

    async def count_created(self, since: datetime, before: datetime) -> int:
        """How many posts there are that were written from a moment on, and before another."""
        return await self._posts.count_documents({"created_at": {"$gte": since, "$lt": before}})

    async def of_author(self, author_id: ObjectId, limit: int, *, tx: Tx) -> list[Document]:
        """Some posts of an account."""
        found = self._posts.find({"author_id": author_id}, session=tx).limit(limit)
        return await found.to_list(limit)
