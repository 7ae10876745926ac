"""The feed, posts and likes."""

from typing import Annotated

import msgspec

from handlers.bodies import Body, Int64
from handlers.forum.base import TokenInBodyHandler, UnauthenticatedWords
from handlers.forum.views import Feed, Liked, Message, PostCreated, PostView

_POSTID_REQUIRED = {"postid": "Postid is required"}


class FeedPage(Body, frozen=True, kw_only=True):
    """Where the page begins: below this post, or with the newest."""

    last_post_id: Int64 | None = None


class FeedHandler(TokenInBodyHandler):
    """Read the forum, ten posts at a time."""

    async def post(self) -> None:
        """FORUM section 6."""
        page = self.parse(FeedPage)
        posts = await self.services.forum.posts.feed(page.last_post_id, actor=self.actor)
        self.render(Feed(posts=[PostView.of(post) for post in posts]))


class CreatePost(Body, frozen=True, kw_only=True):
    """What a new post says and shows."""

    content: str
    picture_count: Int64 | None = None
    picture_names: list[Annotated[str, msgspec.Meta(max_length=200)]] = []

    missing = {"content": "Content is required"}


class CreatePostHandler(TokenInBodyHandler):
    """Publish a post."""

    async def post(self) -> None:
        """FORUM section 8."""
        body = self.parse(CreatePost)
        new = await self.services.forum.posts.create(
            body.content, body.picture_names, body.picture_count, actor=self.actor
        )
        self.render(PostCreated.of(new.postid, new.created_at), status=201)


class LikePost(Body, frozen=True, kw_only=True):
    """Which post."""

    postid: Int64

    missing = _POSTID_REQUIRED


class LikePostHandler(TokenInBodyHandler):
    """Like a post, or take the like back."""

    async def post(self) -> None:
        """FORUM section 10."""
        body = self.parse(LikePost)
        likes = await self.services.forum.posts.toggle_like(body.postid, actor=self.actor)
        self.render(Liked(likes=likes.count, isliked=likes.mine))


class DeletePost(Body, frozen=True, kw_only=True):
    """Which post."""

    postid: Int64

    missing = _POSTID_REQUIRED


class DeletePostHandler(UnauthenticatedWords, TokenInBodyHandler):
    """Delete one's own post, or as an admin anybody's."""

    async def post(self) -> None:
        """FORUM section 12."""
        await self._delete()

    async def delete(self) -> None:
        """The same, for clients that send DELETE (CONTRACT section 4)."""
        await self._delete()

    async def _delete(self) -> None:
        body = self.parse(DeletePost)
        await self.services.forum.posts.delete(body.postid, actor=self.actor)
        self.render(Message(message="Post deleted successfully"))
