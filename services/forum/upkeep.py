"""Counting likes and replies anew, and deleting pictures that nothing shows any more."""

from bson import ObjectId

from repositories.errors import WriteConflict
from repositories.forum.checking import ForumCheckingRepository
from repositories.forum.posts import PostRepository
from repositories.types import Transaction
from services.checking import Progress
from services.forum.checking import ForumCheck, pictures_of
from services.pictures.pictures import PictureService
from services.upkeep import Outcome


class ForumUpkeep:
    """Puts right what `ForumCheck` finds and what can be put right by itself."""

    def __init__(
        self,
        check: ForumCheck,
        checking: ForumCheckingRepository,
        posts: PostRepository,
        pictures: PictureService,
        transaction: Transaction,
    ):
        self._check = check
        self._checking = checking
        self._posts = posts
        self._pictures = pictures
        self._transaction = transaction

    async def run(self, progress: Progress, *, dry_run: bool) -> list[Outcome]:
        """Outcomes for counts and for pictures."""
        counted = [
            await self._recount(postid, dry_run)
            for postid in await self._check.suspicious_posts(progress)
        ]
        deleted = 0
        async for picture in self._checking.pictures():
            used_by = picture["metadata"]["used_by"]
            if used_by is not None and not await self._is_shown(picture["_id"], used_by):
                deleted += await self._delete_if_not_shown(picture["_id"], dry_run)
            progress()
        return [
            Outcome("posts with wrong counts", "corrected", sum(counted)),
            Outcome("pictures that nothing shows", "deleted", deleted),
        ]

    async def _recount(self, postid: int, dry_run: bool) -> bool:
        try:
            async with self._transaction() as tx:
                post = await self._checking.find_post(postid, tx=tx)
                likes, replies = await self._checking.count_of_post(postid, tx=tx)
                if post is None or (post["likes"], post["replies"]) == (likes, replies):
                    return False
                if not dry_run:
                    await self._posts.set_counts(postid, likes=likes, replies=replies, tx=tx)
        except WriteConflict:
            return False  # somebody liked it at this moment: the next run finds it
        return True

    async def _is_shown(
        self, picture_id: ObjectId, used_by: ObjectId, *, tx: object = None
    ) -> bool:
        user = await self._checking.find_user_of_picture(used_by, tx=tx)
        return user is not None and picture_id in pictures_of(user)

    async def _delete_if_not_shown(self, picture_id: ObjectId, dry_run: bool) -> bool:
        async with self._transaction() as tx:
            picture = await self._checking.find_picture(picture_id, tx=tx)
            used_by = None if picture is None else picture["metadata"]["used_by"]
            if used_by is None or await self._is_shown(picture_id, used_by, tx=tx):
                return False
            if not dry_run:
                await self._pictures.delete([picture_id], tx=tx)
        return True
