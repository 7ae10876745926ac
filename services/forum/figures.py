"""How much is posted each day."""

from collections.abc import Sequence
from datetime import datetime

from repositories.forum.posts import PostRepository
from services.console.days import count_by_day


class ForumFigures:
    """Counts posts."""

    def __init__(self, posts: PostRepository):
        self._posts = posts

    async def posts_by_day(self, days: Sequence[datetime]) -> tuple[int, ...]:
        """The posts of each day that are still there."""
        return await count_by_day(self._posts.count_created, days)
