"""Replies to posts."""

from handlers.bodies import Body, Int64
from handlers.forum.base import TokenInBodyHandler
from handlers.forum.views import Replies, ReplyView


class ReplyToPost(Body, frozen=True, kw_only=True):
    """Which post, and what to say to it."""

    postid: Int64
    reply_content: str

    missing = {
        "postid": "Postid is required",
        "reply_content": "Reply content is required",
    }


class ReplyHandler(TokenInBodyHandler):
    """Reply to a post."""

    async def post(self) -> None:
        """FORUM section 11; its examples and its field table name the list differently."""
        body = self.parse(ReplyToPost)
        replies = await self.services.forum.replies.add(
            body.postid, body.reply_content, actor=self.actor
        )
        views = [ReplyView.of(reply) for reply in replies]
        self.render(Replies(replies=views, reply_content=views, reply_count=len(views)))
