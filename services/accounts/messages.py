"""What becomes of the messages to an account when it goes."""

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.types import Tx
from services.messaging.outbox import OutboxService


class MessageEraser:
    """Takes an account's messages out of the outbox: they have its address, and tell of it.

    Those that wait too, which may be for as long as there is no sender. Nothing is lost by
    that: a code or a link of an account that is gone does nothing, and its orders are nobody's.
    """

    def __init__(self, users: UserRepository, outbox: OutboxService):
        self._users = users
        self._outbox = outbox

    async def erase(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Delete every message to the account's address and number, sent or not."""
        user = await self._users.find(user_id, tx=tx)
        if user is None:
            return
        if (email := user.get("email")) is not None:
            await self._outbox.forget("mail", email, tx=tx)
        if (number := user.get("phone_identifier")) is not None:
            await self._outbox.forget("sms", number, tx=tx)
