"""Who fills a cart and orders: that the account still exists."""

from repositories.accounts.users import UserRepository
from repositories.types import Document, Tx
from services.access.actor import Actor
from services.accounts.sessions import InvalidAccessToken


class Customers:
    """The accounts behind carts and orders."""

    def __init__(self, users: UserRepository):
        self._users = users

    async def lock(self, actor: Actor, *, tx: Tx) -> Document:
        """The caller's account, which does not go before `tx` ends.

        What is kept after the account's own things were erased would stay for ever.
        Raises InvalidAccessToken when it is gone.
        """
        user = await self._users.lock(actor.id, tx=tx)
        if user is None:
            raise InvalidAccessToken
        return user
