"""Posts and likes: who may do what to which post (CONTRACT section 4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from bson import ObjectId

from repositories.errors import Taken
from repositories.forum.likes import LikeRepository
from repositories.forum.posts import PostRepository
from repositories.forum.replies import ReplyRepository
from repositories.types import Document, Download, Transaction, Tx
from services.access.actor import Actor, AdminPermission
from services.access.audit import AuditAction, AuditLog
from services.clock import Clock
from services.errors import Forbidden, Invalid, NotFound
from services.forum.authors import Authors
from services.forum.errors import PostNotFound
from services.forum.replies import Reply, as_reply
from services.pictures.pictures import PictureService

FEED_LENGTH = 10
_CONTENT_LENGTH = 10_000
_MAX_PICTURES = 9


class ContentRequired(Invalid):
    """A post says something."""

    code = "content_required"

    def __init__(self) -> None:
        super().__init__("Content is required")


class ContentTooLong(Invalid):
    """A post has at most 10,000 characters."""

    code = "content_too_long"

    def __init__(self) -> None:
        super().__init__(f"Content must be at most {_CONTENT_LENGTH} characters")


class TooManyPictures(Invalid):
    """A post shows at most nine pictures."""

    code = "too_many_pictures"

    def __init__(self) -> None:
        super().__init__(f"A post can have at most {_MAX_PICTURES} pictures")


class PictureCountMismatch(Invalid):
    """`picture_count` says another number than there are `picture_names`."""

    code = "picture_count_mismatch"

    def __init__(self, named: int):
        super().__init__(f"picture_count must equal the number of picture_names ({named})")


class PictureNotFound(NotFound):
    """There is no such post, or it has no picture with this index."""

    code = "picture_not_found"

    def __init__(self) -> None:
        super().__init__("Picture not found")


class NotYourPost(Forbidden):
    """Only the author, or an admin who manages content, deletes a post."""

    code = "not_your_post"

    def __init__(self) -> None:
        super().__init__("You do not have permission to delete this post")


class FeedPost(NamedTuple):
    """A post as the caller sees it in the feed."""

    document: Document
    replies: list[Reply]
    is_liked: bool


@dataclass(frozen=True, slots=True)
class Likes:
    """How many like a post now, and whether the caller is one of them."""

    count: int
    mine: bool


@dataclass(frozen=True, slots=True)
class NewPost:
    """The number and the time of a post that was just made."""

    postid: int
    created_at: datetime


class PostService:
    """Makes, shows, likes and deletes posts."""

    def __init__(
        self,
        posts: PostRepository,
        replies: ReplyRepository,
        likes: LikeRepository,
        pictures: PictureService,
        authors: Authors,
        audit: AuditLog,
        transaction: Transaction,
        clock: Clock,
    ):
        self._posts = posts
        self._replies = replies
        self._likes = likes
        self._pictures = pictures
        self._authors = authors
        self._audit = audit
        self._transaction = transaction
        self._clock = clock

    async def feed(self, before: int | None, *, actor: Actor) -> list[FeedPost]:
        """The ten newest posts, or the ten newest older than post number `before`."""
        posts = await self._posts.feed_before(before, FEED_LENGTH)
        if not posts:
            return []
        # The page has every post between its first and its last number, so ranges will do.
        first, last = posts[-1]["postid"], posts[0]["postid"]
        replies = await self._replies.between(first, last)
        liked = await self._likes.liked_between(actor.id, first, last)
        replies_of: dict[int, list[Reply]] = {post["postid"]: [] for post in posts}
        for reply in replies:
            # One to a post made or deleted a moment ago has no place on this page.
            if reply["postid"] in replies_of:
                replies_of[reply["postid"]].append(as_reply(reply))
        return [
            FeedPost(post, replies_of[post["postid"]], post["postid"] in liked) for post in posts
        ]

    async def create(
        self, content: str, picture_names: Sequence[str], picture_count: int | None, *, actor: Actor
    ) -> NewPost:
        """Publish a post with pictures that were uploaded before.

        Raises ContentRequired, ContentTooLong, TooManyPictures, PictureCountMismatch
        or UnknownPicture; then nothing is published and the pictures stay unused.
        """
        if not content.strip():
            raise ContentRequired
        if len(content) > _CONTENT_LENGTH:
            raise ContentTooLong
        if picture_count is not None and picture_count != len(picture_names):
            raise PictureCountMismatch(len(picture_names))
        if len(picture_names) > _MAX_PICTURES:
            raise TooManyPictures
        post_id, created_at = ObjectId(), self._clock().replace(microsecond=0)
        async with self._transaction() as tx:
            name = await self._authors.lock(actor, tx=tx)
            picture_ids = await self._pictures.claim(
                picture_names, used_by=post_id, actor=actor, tx=tx
            )
            postid = await self._posts.next_postid(tx=tx)
            await self._posts.insert(
                {
                    "_id": post_id,
                    "postid": postid,
                    "author_id": actor.id,
                    "author_name": name,
                    "content": content,
                    "picture_ids": picture_ids,
                    "likes": 0,
                    "replies": 0,
                    "created_at": created_at,
                },
                tx=tx,
            )
        return NewPost(postid, created_at)

    async def picture(self, postid: int, index: int) -> Download:
        """A picture of a post, counted from 0.

        Raises PictureNotFound, for an unknown post too: FORUM section 7 knows no other.
        """
        post = await self._posts.find(postid)
        if post is None or not 0 <= index < len(post["picture_ids"]):
            raise PictureNotFound
        picture = await self._pictures.find_download(post["picture_ids"][index])
        if picture is None:
            raise PictureNotFound
        return picture

    async def toggle_like(self, postid: int, *, actor: Actor) -> Likes:
        """Like a post, or take the like back. Raises PostNotFound."""
        async with self._transaction() as tx:
            await self._authors.lock(actor, tx=tx)
            if await self._likes.take_back(actor.id, postid, tx=tx):
                return await self._count_like(postid, -1, tx=tx)
            try:
                await self._likes.claim(actor.id, postid, tx=tx)
            except Taken:
                # Without transactions, a second like of the same caller came in between:
                # the two together leave the post liked once.
                return await self._count_like(postid, 0, tx=tx)
            return await self._count_like(postid, 1, tx=tx)

    async def _count_like(self, postid: int, change: int, *, tx: Tx) -> Likes:
        post = await self._posts.count_like(postid, change, tx=tx)
        if post is None:
            raise PostNotFound
        return Likes(post["likes"], mine=change >= 0)

    async def delete(self, postid: int, *, actor: Actor) -> None:
        """Delete a post with its pictures, replies and likes.

        Raises PostNotFound or NotYourPost.
        """
        async with self._transaction() as tx:
            post = await self._posts.find(postid, tx=tx)
            if post is None:
                raise PostNotFound
            if post["author_id"] != actor.id and not actor.may(AdminPermission.MANAGE_CONTENT):
                raise NotYourPost
            await self.delete_whole(post, tx=tx)
            if post["author_id"] != actor.id:
                details = {"author_id": str(post["author_id"])}
                await self._audit.record(
                    AuditAction.DELETE_POST, str(postid), actor=actor, tx=tx, details=details
                )

    async def delete_whole(self, post: Document, *, tx: Tx) -> None:
        """Delete a post and all that hangs on it."""
        if not await self._posts.delete(post["postid"], tx=tx):
            raise PostNotFound
        await self._pictures.delete(post["picture_ids"], tx=tx)
        await self._replies.delete_of_post(post["postid"], tx=tx)
        await self._likes.delete_of_post(post["postid"], tx=tx)
