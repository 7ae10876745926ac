"""Who writes in the forum: that the account still exists, and what it is called."""

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.forum.posts import PostRepository
from repositories.forum.replies import ReplyRepository
from repositories.types import Tx
from services.access.actor import Actor
from services.accounts.sessions import InvalidAccessToken


class Authors:
    """The accounts behind posts and replies.

    Each post and reply carries its author's display name, because a feed page has
    up to ten authors and more repliers; a new name is written to all of them in
    the transaction that changes it, so that they always show the current one.
    """

    def __init__(self, users: UserRepository, posts: PostRepository, replies: ReplyRepository):
        self._users = users
        self._posts = posts
        self._replies = replies

    async def lock(self, actor: Actor, *, tx: Tx) -> str:
        """The caller's display name; neither it nor the account goes before `tx` ends.

        What is written after the account's own things were erased, or renamed, would
        stay as it is for ever. Raises InvalidAccessToken when the account is gone.
        """
        user = await self._users.lock(actor.id, tx=tx)
        if user is None:
            raise InvalidAccessToken
        return str(user["username"])

    async def rename(self, user_id: ObjectId, name: str, *, tx: Tx) -> None:
        """Show a new display name everywhere."""
        await self._posts.rename_author(user_id, name, tx=tx)
        await self._replies.rename_author(user_id, name, tx=tx)
