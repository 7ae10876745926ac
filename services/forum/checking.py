"""Looking for what does not fit together: counts, and pictures with what shows them."""

from bson import ObjectId

from repositories.forum.checking import ForumCheckingRepository
from repositories.types import Document, Transaction
from services.checking import Progress


class ForumCheck:
    """Finds posts whose counts are wrong, and pictures that are missing or forgotten."""

    def __init__(self, repository: ForumCheckingRepository, transaction: Transaction):
        self._repository = repository
        self._transaction = transaction

    async def find_problems(self, progress: Progress) -> list[str]:
        """One sentence for each problem."""
        shown = await self._pictures_by_user(progress)
        problems = [
            problem
            for postid in await self.suspicious_posts(progress)
            for problem in await self._problems_of_post(postid)
        ]
        for used_by, picture_id in sorted(await self._suspicious_pictures(shown, progress)):
            problems += await self._problems_of_picture(picture_id, used_by)
        return problems

    async def suspicious_posts(self, progress: Progress) -> list[int]:
        """Posts whose counts may be wrong, and numbers of no post that have likes or replies."""
        likes = await self._repository.likes_by_post()
        replies = await self._repository.replies_by_post()
        suspicious = set()
        async for post in self._repository.posts():
            postid = post["postid"]
            counted = (likes.pop(postid, 0), replies.pop(postid, 0))
            if counted != (post["likes"], post["replies"]):
                suspicious.add(postid)
            progress()
        # What is left was counted for posts that were not met.
        return sorted(suspicious | likes.keys() | replies.keys())

    async def _problems_of_post(self, postid: int) -> list[str]:
        async with self._transaction() as tx:
            post = await self._repository.find_post(postid, tx=tx)
            likes, replies = await self._repository.count_of_post(postid, tx=tx)
        counted = {"likes": likes, "replies": replies}
        if post is None:
            return [
                f"posts: {count} {kind} are to post {postid}, which is not there."
                for kind, count in counted.items()
                if count
            ]
        return [
            f"posts: post {postid} says that it has {post[kind]} {kind}; there are {count}."
            for kind, count in counted.items()
            if count != post[kind]
        ]

    async def _pictures_by_user(self, progress: Progress) -> set[tuple[ObjectId, ObjectId]]:
        """What shows which picture, as posts and accounts say."""
        shown = set()
        async for post in self._repository.posts():
            shown |= {(post["_id"], picture_id) for picture_id in pictures_of(post)}
        async for user in self._repository.users():
            shown |= {(user["_id"], picture_id) for picture_id in pictures_of(user)}
            progress()
        return shown

    async def _suspicious_pictures(
        self, shown: set[tuple[ObjectId, ObjectId]], progress: Progress
    ) -> set[tuple[ObjectId, ObjectId]]:
        used = set()
        async for picture in self._repository.pictures():
            used_by = picture["metadata"]["used_by"]
            if used_by is not None:
                used.add((used_by, picture["_id"]))
            progress()
        return shown ^ used

    async def _problems_of_picture(self, picture_id: ObjectId, used_by: ObjectId) -> list[str]:
        async with self._transaction() as tx:
            picture = await self._repository.find_picture(picture_id, tx=tx)
            user = await self._repository.find_user_of_picture(used_by, tx=tx)
        is_shown = user is not None and picture_id in pictures_of(user)
        says = None if picture is None else picture["metadata"]["used_by"]
        if is_shown and picture is None:
            return [f"pictures: picture {picture_id}, which {used_by} shows, is not there."]
        if is_shown and says != used_by:
            return [f"pictures: picture {picture_id}, which {used_by} shows, is kept for {says}."]
        if not is_shown and says == used_by:
            return [
                f"pictures: picture {picture_id} is kept for {used_by}, which does not show it."
            ]
        return []


def pictures_of(document: Document) -> set[ObjectId]:
    """The pictures that a post, or an account, says it shows."""
    avatar_id = document.get("avatar_id")
    return {*document.get("picture_ids", ()), *(() if avatar_id is None else (avatar_id,))}
