"""The end of an account: everything that is theirs goes with it."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from bson import ObjectId

from repositories.accounts.mailed_links import MailedLinkRepository
from repositories.accounts.sessions import SessionRepository
from repositories.accounts.users import UserRepository
from repositories.types import Document, Tx
from services.access.last_superadmin import LastSuperadminRule

# About 3 ms of work. At every turn the loop answers all who wait, as the transaction's time
# goes by.
_ERASED_AT_ONCE = 3


class Eraser(Protocol):
    """What a part of the product does when an account is deleted."""

    async def erase(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Delete what it keeps of the account."""
        ...


class AccountErasure:
    """Deletes accounts: the one way, whoever asks for it (CONTRACT sections 4 and 5)."""

    def __init__(
        self,
        users: UserRepository,
        sessions: SessionRepository,
        links: MailedLinkRepository,
        erasers: Sequence[Eraser],
        last_superadmin: LastSuperadminRule,
    ):
        self._users = users
        self._sessions = sessions
        self._links = links
        self._erasers = erasers
        self._last_superadmin = last_superadmin

    async def erase(self, user_id: ObjectId, *, tx: Tx) -> bool:
        """Delete an account, its children and everything that is theirs.

        Tells whether there was such an account. Raises LastSuperadmin, also when a child
        is the last; then the transaction must not be kept.
        """
        # Whoever makes a child holds its parent's document: from here on there are no more.
        user = await self._users.lock(user_id, tx=tx)
        if user is None:
            return False
        await self._erase_one(user, tx)
        child_ids = await self._users.ids_of_children(user_id, tx=tx)
        for count, child_id in enumerate(child_ids, 1):
            child = await self._users.lock(child_id, tx=tx)
            if child is not None:
                await self._erase_one(child, tx)
            # Nothing above has to wait: no request would be answered until all are gone.
            if count % _ERASED_AT_ONCE == 0:
                await asyncio.sleep(0)
        return True

    async def _erase_one(self, user: Document, tx: Tx) -> None:
        await self._last_superadmin.check(user, tx=tx)
        for eraser in self._erasers:
            await eraser.erase(user["_id"], tx=tx)
        await self._sessions.delete_of(user["_id"], tx=tx)
        await self._links.delete_of(user["_id"], tx=tx)
        await self._users.delete(user["_id"], tx=tx)
