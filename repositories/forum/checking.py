"""Reading posts, likes, replies and pictures whole, to see whether they fit together."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING

from repositories import pictures
from repositories.accounts import users
from repositories.forum import likes, posts, replies
from repositories.types import Cursor, Document, Tx


class ForumCheckingRepository:
    """Goes through whole collections, in the order of an index, and looks single things up."""

    def __init__(self, storage: Any):
        self._posts = storage[posts.COLLECTION]
        self._likes = storage[likes.COLLECTION]
        self._replies = storage[replies.COLLECTION]
        self._users = storage[users.COLLECTION]
        self._pictures = storage[pictures.COLLECTION]

    def posts(self) -> AsyncIterator[Document]:
        """Every post: `postid`, `likes`, `replies` and `picture_ids`."""
        shown = {"postid": 1, "likes": 1, "replies": 1, "picture_ids": 1}
        return aiter(self._posts.find({}, shown).sort("postid", ASCENDING))

    async def likes_by_post(self) -> Counter[int]:
        """How many likes there are, by post."""
        return await _count(self._likes.find({}, {"postid": 1}).sort("postid", ASCENDING))

    async def replies_by_post(self) -> Counter[int]:
        """How many replies there are, by post."""
        found = self._replies.find({}, {"postid": 1})
        return await _count(found.sort([("postid", ASCENDING), ("reply_id", ASCENDING)]))

    def users(self) -> AsyncIterator[Document]:
        """Every account: `avatar_id`, if it ever had one."""
        return aiter(self._users.find({}, {"avatar_id": 1}).sort("number", ASCENDING))

    def pictures(self) -> AsyncIterator[Document]:
        """Every picture: `metadata`, with what uses it."""
        return aiter(self._pictures.find({}, {"metadata": 1}).sort("filename", ASCENDING))

    async def find_post(self, postid: int, *, tx: Tx) -> Document | None:
        """The post with this number."""
        return await self._posts.find_one({"postid": postid}, session=tx)

    async def count_of_post(self, postid: int, *, tx: Tx) -> tuple[int, int]:
        """How many likes and replies a post has."""
        of_post = {"postid": postid}
        return (
            await self._likes.count_documents(of_post, session=tx),
            await self._replies.count_documents(of_post, session=tx),
        )

    async def find_picture(self, picture_id: ObjectId, *, tx: Tx) -> Document | None:
        """What is known of a picture."""
        return await self._pictures.find_one({"_id": picture_id}, session=tx)

    async def find_user_of_picture(self, used_by: ObjectId, *, tx: Tx) -> Document | None:
        """The post, or the account, that says it shows a picture."""
        by_id = {"_id": used_by}
        post = await self._posts.find_one(by_id, session=tx)
        return post or await self._users.find_one(by_id, session=tx)


async def _count(found: Cursor) -> Counter[int]:
    counts: Counter[int] = Counter()
    async for document in found:
        counts[document["postid"]] += 1
    return counts
