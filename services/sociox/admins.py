"""Admins: who they are, and what superadmins make of them (CONTRACT sections 1 and 5)."""

from collections.abc import Sequence

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor, AdminPermission, Role
from services.access.audit import AuditAction, AuditLog
from services.access.authority import ADMIN_ROLES, Authority, OwnAccount, is_admin
from services.access.texts import parse_id
from services.accounts.erasure import AccountErasure
from services.accounts.names import Name
from services.accounts.passwords import PasswordHasher
from services.accounts.registration import RegistrationService
from services.clock import Clock
from services.errors import Invalid, NotFound
from services.messaging.addresses import parse_email


class AdminNotFound(NotFound):
    """The id is of no admin; an ordinary user's is none here."""

    def __init__(self) -> None:
        super().__init__("Admin not found")


class UnknownPermission(Invalid):
    """An admin can't be limited to what does not exist."""

    code = "unknown_permission"

    def __init__(self, name: str):
        known = ", ".join(AdminPermission)
        super().__init__(f"permissions: {name[:64]!r} is not one of {known}")


class SuperadminHasNoLimits(Invalid):
    """What an admin is limited to means nothing for a superadmin."""

    code = "superadmin_has_no_limits"

    def __init__(self) -> None:
        super().__init__("A superadmin has no limits; take the role superadmin away first")


class AdminService:
    """Makes, shows, limits and deletes admins.

    Each change reads caller and admin again in its transaction, so that of two superadmins
    who delete each other at once the second is refused.
    """

    def __init__(
        self,
        users: UserRepository,
        registration: RegistrationService,
        hasher: PasswordHasher,
        authority: Authority,
        erasure: AccountErasure,
        audit: AuditLog,
        transaction: Transaction,
        clock: Clock,
    ):
        self._users = users
        self._registration = registration
        self._hasher = hasher
        self._authority = authority
        self._erasure = erasure
        self._audit = audit
        self._transaction = transaction
        self._clock = clock

    async def all(self) -> list[Document]:
        """Every admin and superadmin, oldest account first."""
        return await self._users.with_any_role(sorted(ADMIN_ROLES))

    async def get(self, admin_id: str) -> Document:
        """An admin's account. Raises AdminNotFound."""
        parsed = parse_id(admin_id)
        user = None if parsed is None else await self._users.find(parsed)
        if user is None or not is_admin(user):
            raise AdminNotFound
        return user

    async def create(
        self,
        email: str,
        password: str,
        name: Name,
        permissions: Sequence[str] | None,
        *,
        actor: Actor,
    ) -> Document:
        """Make an admin: with full access, or limited to `permissions`, which may be none.

        Raises UnknownPermission, InvalidEmail, InvalidPassword, EmailTaken,
        InsufficientPermissions or Unavailable.
        """
        limits = None if permissions is None else _accepted(permissions)
        address = parse_email(email)
        password_hash = await self._hasher.hash(password)
        fields = {} if limits is None else {"permissions": limits}
        async with self._transaction() as tx:
            await self._authority.check_superadmin(actor, tx=tx)
            admin = await self._registration.insert_with_email(
                address, name, password_hash, roles=[Role.ADMIN], tx=tx, **fields
            )
            await self._record(AuditAction.CREATE_ADMIN, admin["_id"], limits, actor, tx)
        return admin

    async def limit(self, admin_id: str, permissions: Sequence[str], *, actor: Actor) -> Document:
        """Limit an admin to `permissions`, which may be none, and answer the account then.

        Raises UnknownPermission, AdminNotFound, InsufficientPermissions, OwnAccount or
        SuperadminHasNoLimits.
        """
        limits = _accepted(permissions)
        async with self._transaction() as tx:
            admin = await self._admin_to_change(admin_id, actor, tx)
            if Role.SUPERADMIN in admin["roles"]:
                raise SuperadminHasNoLimits
            changes = {"permissions": limits}
            changed = await self._users.update(admin["_id"], changes, at=self._clock(), tx=tx)
            if changed is None:
                raise AdminNotFound
            await self._record(AuditAction.LIMIT_ADMIN, admin["_id"], limits, actor, tx)
        return changed

    async def delete(self, admin_id: str, *, actor: Actor) -> None:
        """Delete an admin's account with all that is theirs.

        Raises AdminNotFound, InsufficientPermissions, OwnAccount or LastSuperadmin.
        """
        async with self._transaction() as tx:
            admin = await self._admin_to_change(admin_id, actor, tx)
            await self._erasure.erase(admin["_id"], tx=tx)
            await self._audit.record(AuditAction.DELETE_ADMIN, admin["_id"], actor=actor, tx=tx)

    async def _admin_to_change(self, admin_id: str, actor: Actor, tx: Tx) -> Document:
        """The admin, who stays as they are meanwhile, and is not the caller."""
        await self._authority.check_superadmin(actor, tx=tx)
        parsed = parse_id(admin_id)
        admin = None if parsed is None else await self._users.lock(parsed, tx=tx)
        if admin is None or not is_admin(admin):
            raise AdminNotFound
        if admin["_id"] == actor.id:
            raise OwnAccount
        return admin

    async def _record(
        self,
        action: AuditAction,
        admin_id: ObjectId,
        limits: list[str] | None,
        actor: Actor,
        tx: Tx,
    ) -> None:
        details = {"permissions": limits}
        await self._audit.record(action, admin_id, actor=actor, tx=tx, details=details)


def _accepted(permissions: Sequence[str]) -> list[str]:
    """The permissions, each once. Raises UnknownPermission."""
    known = frozenset(AdminPermission)
    for name in permissions:
        if name not in known:
            raise UnknownPermission(name)
    return list(dict.fromkeys(permissions))
