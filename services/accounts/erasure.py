"""The end of an account: everything that is theirs goes with it."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from bson import ObjectId

from repositories.accounts.erasures import ErasureRepository
from repositories.accounts.mailed_links import MailedLinkRepository
from repositories.accounts.sessions import SessionRepository
from repositories.accounts.users import UserRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Role
from services.access.last_superadmin import LastSuperadminRule
from services.housekeeping import do_each

# A transaction holds up all who write, and an account takes 2 ms of work.
_ERASED_TOGETHER = 20


class Eraser(Protocol):
    """What a part of the product does when an account is deleted."""

    async def erase(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Delete what it keeps of the account."""
        ...


class AccountErasure:
    """Deletes accounts: the one way, whoever asks for it (CONTRACT sections 4 and 5).

    A child whose parent is gone is shut out (`services/accounts/standing.py`), so that the
    first transaction ends what all children can do. Those whom it does not erase follow in
    transactions of their own; `wake` says that there is such work.
    """

    def __init__(
        self,
        users: UserRepository,
        sessions: SessionRepository,
        links: MailedLinkRepository,
        erasures: ErasureRepository,
        erasers: Sequence[Eraser],
        last_superadmin: LastSuperadminRule,
        transaction: Transaction,
        wake: Callable[[], None],
    ):
        self._users = users
        self._sessions = sessions
        self._links = links
        self._erasures = erasures
        self._erasers = erasers
        self._last_superadmin = last_superadmin
        self._transaction = transaction
        self._wake = wake

    async def erase(self, user_id: ObjectId, *, tx: Tx) -> bool:
        """Delete an account with everything that is theirs, and its children.

        Tells whether there was such an account. Raises LastSuperadmin, also when a child
        is the last; then the transaction must not be kept.
        """
        # Whoever makes a child holds its parent's document: from here on there are no more.
        user = await self._users.lock(user_id, tx=tx)
        if user is None:
            return False
        await self._last_superadmin.check(user, tx=tx)
        await self._erase_one(user, tx)
        # While all can still be undone: the others' erasure needs no leave.
        for child in await self._users.children_with_role(user_id, Role.SUPERADMIN, tx=tx):
            await self._last_superadmin.check(child, tx=tx)
            await self._erase_one(child, tx)
        if await self._erase_some_children(user_id, tx):
            await self._erasures.insert(user_id, tx=tx)
            self._wake()
        return True

    async def go_on(self) -> None:
        """Erase the children whom deletions have left, also those before a restart.

        A chore of housekeeping, in as many processes as there are. A family that another
        process is about, or that fails, is left to the next time.
        """
        await do_each("erasures", self._unfinished, self._erase_more)

    async def _unfinished(self, left: Collection[ObjectId]) -> list[ObjectId]:
        """The oldest of the accounts with children to erase, but for some."""
        # Read in a transaction: where writers take turns, a deletion that has just woken us
        # is done by then.
        async with self._transaction() as tx:
            parent_id = await self._erasures.find_oldest(but=left, tx=tx)
        return [] if parent_id is None else [parent_id]

    async def _erase_more(self, parent_id: ObjectId) -> bool:
        """Erase some children of an account, and the work itself with the last of them."""
        async with self._transaction() as tx:
            if not await self._erase_some_children(parent_id, tx):
                await self._erasures.delete(parent_id, tx=tx)
        return True

    async def _erase_some_children(self, parent_id: ObjectId, tx: Tx) -> bool:
        """Erase the oldest children; tells whether there are more."""
        ids = await self._users.ids_of_children(parent_id, _ERASED_TOGETHER + 1, tx=tx)
        for child_id in ids[:_ERASED_TOGETHER]:
            child = await self._users.lock(child_id, tx=tx)
            if child is not None:
                await self._erase_one(child, tx)
        return len(ids) > _ERASED_TOGETHER

    async def _erase_one(self, user: Document, tx: Tx) -> None:
        for eraser in self._erasers:
            await eraser.erase(user["_id"], tx=tx)
        await self._sessions.delete_of(user["_id"], tx=tx)
        await self._links.delete_of(user["_id"], tx=tx)
        await self._users.delete(user["_id"], tx=tx)
        # Nothing above has to wait: no request would be answered until all are gone.
        await asyncio.sleep(0)
