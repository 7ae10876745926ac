"""Shutting accounts out, and letting them in again."""

from repositories.accounts.sessions import SessionRepository
from repositories.accounts.users import UserRepository
from repositories.types import Document, Tx
from services.access.last_superadmin import LastSuperadminRule
from services.clock import Clock


class Deactivation:
    """Deactivates and reactivates accounts; what they have stays as it is.

    Each request looks the account up, so that it is refused at the very next one, by every
    server process (CONTRACT section 1). The children of an account are shut out with it.
    """

    def __init__(
        self,
        users: UserRepository,
        sessions: SessionRepository,
        last_superadmin: LastSuperadminRule,
        clock: Clock,
    ):
        self._users = users
        self._sessions = sessions
        self._last_superadmin = last_superadmin
        self._clock = clock

    async def deactivate(self, user: Document, *, tx: Tx) -> Document:
        """Shut out an account that `tx` holds, ending its sessions; the account as it is then.

        Raises LastSuperadmin.
        """
        await self._last_superadmin.check(user, tx=tx)
        await self._sessions.delete_of(user["_id"], tx=tx)
        return await self._users.set_active(user, False, at=self._clock(), tx=tx)

    async def reactivate(self, user: Document, *, tx: Tx) -> Document:
        """Let an account that `tx` holds in again; the account as it is then."""
        return await self._users.set_active(user, True, at=self._clock(), tx=tx)
