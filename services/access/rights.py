"""What an account's roles give it at this moment."""

from collections.abc import Collection, Iterable

import msgspec
from bson import ObjectId

from repositories.access.roles import RoleRepository
from repositories.types import Tx
from services.access.actor import Actor
from services.access.defaults import ADMIN_ROLE_IDS, PERMISSION_IDS, ROLE_IDS

_PERMISSION_OF = {permission_id: permission for permission, permission_id in PERMISSION_IDS.items()}


class Rights:
    """Reads what roles give; one query, by id."""

    def __init__(self, roles: RoleRepository):
        self._roles = roles

    async def with_granted(self, actor: Actor) -> Actor:
        """The caller with the permissions that the roles of this moment give."""
        if actor.is_full_admin:
            return actor  # holds every one
        permission_ids = await self.granted_ids(actor.roles, actor.role_ids)
        granted = frozenset(_PERMISSION_OF[each] for each in permission_ids & _PERMISSION_OF.keys())
        return msgspec.structs.replace(actor, granted=granted)

    async def granted_ids(
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
