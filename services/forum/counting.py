"""How much an account has in the forum."""

from bson import ObjectId

from repositories.forum.likes import LikeRepository
from repositories.forum.posts import PostRepository
from repositories.forum.replies import ReplyRepository
from repositories.forum.sleep_records import SleepRecordRepository


class ForumCounter:
    """Counts posts, replies, likes and sleep records."""

    def __init__(
        self,
        posts: PostRepository,
        replies: ReplyRepository,
        likes: LikeRepository,
        sleep_records: SleepRecordRepository,
    ):
        self._posts = posts
        self._replies = replies
        self._likes = likes
        self._sleep_records = sleep_records

    async def counts_of(self, user_id: ObjectId) -> dict[str, int]:
        """What the account wrote, likes and recorded."""
        return {
            "posts": await self._posts.count_of_author(user_id),
            "replies": await self._replies.count_of_author(user_id),
            "likes": await self._likes.count_of_user(user_id),
            "sleep_records": await self._sleep_records.count_of_user(user_id),
        }
