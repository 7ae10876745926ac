"""Who acts on whose account: what the caller may do at the moment that it is done."""

import msgspec

from repositories.accounts.users import UserRepository
from repositories.types import Document, Tx
from services.access.actor import Actor, AdminPermission, Role
from services.access.errors import InsufficientPermissions
from services.accounts.standing import is_shut_out
from services.errors import Forbidden

ADMIN_ROLES = frozenset({Role.SUPERADMIN, Role.ADMIN})


class OwnAccount(Forbidden):
    """An admin would lock themselves out."""

    code = "own_account"

    def __init__(self) -> None:
        super().__init__("This is your own account; ask another superadmin")


class Authority:
    """Allows what staff do to accounts, by what caller and account are in the transaction.

    The route has let the caller in already, but by now it may have lost its role, or the
    account may have got one: both are read again and held (CONTRACT section 5).
    """

    def __init__(self, users: UserRepository):
        self._users = users

    async def check_superadmin(self, actor: Actor, *, tx: Tx) -> None:
        """Allow what only superadmins do. Raises InsufficientPermissions."""
        if Role.SUPERADMIN not in (await self._as_of_now(actor, tx=tx)).roles:
            raise InsufficientPermissions

    async def check(
        self,
        actor: Actor,
        permission: AdminPermission,
        account: Document,
        *,
        allows_own: bool = False,
        tx: Tx,
    ) -> None:
        """Allow `permission` on an account that `tx` holds.

        Only superadmins act on an admin's account, and nobody on their own, unless it is no way
        to lock oneself out (`allows_own`): it is an admin's account all the same. Raises
        InsufficientPermissions or OwnAccount.
        """
        caller = await self._as_of_now(actor, tx=tx)
        if not caller.may(permission):
            raise InsufficientPermissions
        if account["_id"] == actor.id and not allows_own:
            raise OwnAccount
        if is_admin(account) and Role.SUPERADMIN not in caller.roles:
            raise InsufficientPermissions

    async def _as_of_now(self, actor: Actor, *, tx: Tx) -> Actor:
        user = await self._users.lock(actor.id, tx=tx)
        if user is None or await is_shut_out(user, self._users, tx=tx):
            raise InsufficientPermissions
        limits = user.get("permissions")
        return msgspec.structs.replace(
            actor,
            roles=frozenset(user["roles"]),
            permissions=None if limits is None else frozenset(limits),
        )


def is_admin(account: Document) -> bool:
    """Whether an account is an admin's or a superadmin's."""
    return not ADMIN_ROLES.isdisjoint(account["roles"])
