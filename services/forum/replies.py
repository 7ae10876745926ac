"""Replies to posts (CONTRACT section 4)."""

from typing import NamedTuple

from repositories.forum.posts import PostRepository
from repositories.forum.replies import ReplyRepository
from repositories.types import Document, Transaction
from services.access.actor import Actor
from services.clock import Clock
from services.errors import Invalid
from services.forum.authors import Authors
from services.forum.errors import PostNotFound

_REPLY_LENGTH = 2_000


class ReplyRequired(Invalid):
    """A reply says something."""

    code = "reply_required"

    def __init__(self) -> None:
        super().__init__("Reply content is required")


class ReplyTooLong(Invalid):
    """A reply has at most 2,000 characters."""

    code = "reply_too_long"

    def __init__(self) -> None:
        super().__init__(f"Reply content must be at most {_REPLY_LENGTH} characters")


class Reply(NamedTuple):
    """A reply under its post."""

    reply_id: int
    username: str
    content: str


def as_reply(document: Document) -> Reply:
    """A stored reply as it is shown."""
    return Reply(document["reply_id"], document["author_name"], document["content"])


class ReplyService:
    """Adds replies to posts."""

    def __init__(
        self,
        posts: PostRepository,
        replies: ReplyRepository,
        authors: Authors,
        transaction: Transaction,
        clock: Clock,
    ):
        self._posts = posts
        self._replies = replies
        self._authors = authors
        self._transaction = transaction
        self._clock = clock

    async def add(self, postid: int, content: str, *, actor: Actor) -> list[Reply]:
        """Reply to a post; answers all its replies, oldest first.

        Raises ReplyRequired, ReplyTooLong or PostNotFound.
        """
        if not content.strip():
            raise ReplyRequired
        if len(content) > _REPLY_LENGTH:
            raise ReplyTooLong
        async with self._transaction() as tx:
            name = await self._authors.lock(actor, tx=tx)
            if await self._posts.count_reply(postid, tx=tx) is None:
                raise PostNotFound
            await self._replies.insert(
                {
                    "postid": postid,
                    "author_id": actor.id,
                    "author_name": name,
                    "content": content,
                    "created_at": self._clock(),
                },
                tx=tx,
            )
            replies = await self._replies.of_post(postid, tx=tx)
        return [as_reply(reply) for reply in replies]
