"""What an account's roles give it at this moment."""

from collections.abc import Collection, Iterable

import msgspec
from bson import ObjectId

from repositories.access.roles import RoleRepository
from repositories.accounts.users import UserRepository
from repositories.types import Tx
from services.access.actor import Actor
from services.access.defaults import ADMIN_ROLE_IDS, PERMISSION_IDS, ROLE_IDS
from services.access.errors import InsufficientPermissions
from services.access.policies import Caller, may_manage_roles
from services.accounts.standing import is_shut_out

_PERMISSION_OF = {permission_id: permission for permission, permission_id in PERMISSION_IDS.items()}


class Rights:
    """Reads what roles give; one query, by id."""

    def __init__(self, roles: RoleRepository, users: UserRepository):
        self._roles = roles
        self._users = users

    async def with_granted(self, actor: Actor) -> Actor:
        """The caller with the permissions that the roles of this moment give."""
        if actor.is_full_admin:
            return actor  # holds every one
        permission_ids = await self._granted(actor.roles, actor.role_ids)
        granted = frozenset(_PERMISSION_OF[each] for each in permission_ids & _PERMISSION_OF.keys())
        return msgspec.structs.replace(actor, granted=granted)

    async def get_caller(self, actor: Actor, *, tx: Tx) -> Caller:
        """Who asks to change roles, as it stays until the transaction ends.

        Read anew: the caller may have lost a role since the request came in. Raises
        InsufficientPermissions when the role routes are closed to it by now.
        """
        user = await self._users.lock(actor.id, tx=tx)
        if user is None or await is_shut_out(user, self._users, tx=tx):
            raise InsufficientPermissions
        roles, limits = frozenset(user["roles"]), user.get("permissions")
        if not may_manage_roles(roles, limits):
            raise InsufficientPermissions
        return Caller(
            roles=roles,
            limits=None if limits is None else frozenset(limits),
            granted=await self._granted(roles, user.get("role_ids", ()), tx=tx),
        )

    async def _granted(
        self, roles: Collection[str], role_ids: Iterable[ObjectId], *, tx: Tx = None
    ) -> frozenset[ObjectId]:
        """The ids of the permissions that roles give, the default ones by name.

        `admin` and `superadmin` give all by what they are, so nothing is read of them:
        an admin with limits gets nothing here that the limits leave out.
        """
        default_ids = [role_id for role, role_id in ROLE_IDS.items() if role in roles]
        wanted = [each for each in (*default_ids, *role_ids) if each not in ADMIN_ROLE_IDS]
        found = await self._roles.find_many(wanted, tx=tx)
        return frozenset(each for role in found for each in role["permission_ids"])
