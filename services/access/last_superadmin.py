"""That a superadmin is left, whoever goes: the rule of every way to lose one."""

from repositories.access.assignments import AssignmentRepository
from repositories.access.roles import RoleRepository
from repositories.types import Document, Tx
from services.access.actor import Role
from services.access.defaults import ROLE_IDS
from services.access.errors import LastSuperadmin


class LastSuperadminRule:
    """Refuses what would leave no active superadmin (CONTRACT section 5).

    For whatever takes the role from an account, or the account: removing the role,
    deactivating, deleting.
    """

    def __init__(self, assignments: AssignmentRepository, roles: RoleRepository):
        self._assignments = assignments
        self._roles = roles

    async def check(self, user: Document, *, tx: Tx) -> None:
        """Allow that `user`, an account's document held by `tx`, goes in that transaction.

        Raises LastSuperadmin.
        """
        if Role.SUPERADMIN not in user["roles"]:
            return
        # Two who go at once both hold the role's document: one comes second.
        await self._roles.lock(ROLE_IDS[Role.SUPERADMIN], tx=tx)
        if not await self._assignments.has_other_active(Role.SUPERADMIN, user["_id"], tx=tx):
            raise LastSuperadmin
