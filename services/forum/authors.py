"""Who wrote what: names as they are now, and that a writer's account still exists."""

from collections.abc import Iterable

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.types import Document, Tx
from services.access.actor import Actor
from services.accounts.sessions import InvalidAccessToken


class Authors:
    """The accounts behind posts and replies."""

    def __init__(self, users: UserRepository):
        self._users = users

    async def names_of(self, *written: Iterable[Document]) -> dict[ObjectId, str]:
        """The current display name of everyone who wrote one of these."""
        return await self._users.names_of(
            list({document["author_id"] for documents in written for document in documents})
        )

    async def check(self, actor: Actor, *, tx: Tx) -> None:
        """Make sure that the caller's account was not deleted since the request came in.

        What is written after the account's own things were erased would stay for ever.
        Raises InvalidAccessToken.
        """
        if not await self._users.exists(actor.id, tx=tx):
            raise InvalidAccessToken
