"""What the forum deletes with an account: its posts, replies and likes."""

from collections import Counter

from bson import ObjectId

from repositories.forum.likes import LikeRepository
from repositories.forum.posts import PostRepository
from repositories.forum.replies import ReplyRepository
from repositories.types import Tx
from services.forum.posts import PostService

_SLICE = 500


class ForumEraser:
    """Takes an account out of the forum, and off the counts of others' posts."""

    def __init__(
        self,
        service: PostService,
        posts: PostRepository,
        replies: ReplyRepository,
        likes: LikeRepository,
    ):
        self._service = service
        self._posts = posts
        self._replies = replies
        self._likes = likes

    async def erase(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Delete the account's posts with all that hangs on them, then its replies and likes."""
        while posts := await self._posts.of_author(user_id, _SLICE, tx=tx):
            for post in posts:
                await self._service.delete_whole(post, tx=tx)
        while replies := await self._replies.of_author(user_id, _SLICE, tx=tx):
            for reply in replies:
                await self._replies.delete(reply, tx=tx)
            for postid, count in Counter(reply["postid"] for reply in replies).items():
                await self._posts.uncount(postid, replies=count, tx=tx)
        while likes := await self._likes.of_user(user_id, _SLICE, tx=tx):
            for like in likes:
                await self._likes.take_back(user_id, like["postid"], tx=tx)
                await self._posts.uncount(like["postid"], likes=1, tx=tx)
