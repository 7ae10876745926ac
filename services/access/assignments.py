"""Assignments: which roles an account has."""

from bson import ObjectId

from repositories.access.assignments import AssignmentRepository
from repositories.access.roles import RoleRepository
from repositories.accounts.users import UserRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor, Role
from services.access.audit import AuditAction, AuditLog
from services.access.defaults import ADMIN_ROLE_IDS
from services.access.errors import (
    ChildIsNoAdmin,
    InsufficientPermissions,
    RoleNotFound,
    RoleRequired,
    RolesDisagree,
    UserRoleStays,
)
from services.access.last_superadmin import LastSuperadminRule
from services.access.policies import may_appoint
from services.access.rights import Rights
from services.access.roles import in_question
from services.access.texts import name_key, parse_id
from services.accounts.profile import UserNotFound
from services.clock import Clock


class AssignmentService:
    """Gives roles to accounts and takes them (CONTRACT section 7).

    Every change holds the role and the account as they are until it is done.
    """

    def __init__(
        self,
        assignments: AssignmentRepository,
        roles: RoleRepository,
        users: UserRepository,
        rights: Rights,
        last_superadmin: LastSuperadminRule,
        audit: AuditLog,
        transaction: Transaction,
        clock: Clock,
    ):
        self._assignments = assignments
        self._roles = roles
        self._users = users
        self._rights = rights
        self._last_superadmin = last_superadmin
        self._audit = audit
        self._transaction = transaction
        self._clock = clock

    async def names_of(self, user_id: str) -> list[str]:
        """The names of an account's roles, sorted. Raises UserNotFound."""
        parsed = parse_id(user_id)
        user = None if parsed is None else await self._users.find(parsed)
        if user is None:
            raise UserNotFound
        return await self.names_in(user)

    async def names_in(self, user: Document) -> list[str]:
        """The names of the roles that an account's document holds, sorted."""
        role_ids = user.get("role_ids", ())
        others = await self._roles.find_many(role_ids) if role_ids else []
        return sorted([*user["roles"], *(role["name"] for role in others)])

    async def assign(
        self, user_id: str, *, role_id: str | None, role_name: str | None, actor: Actor
    ) -> None:
        """Give a role to an account; repeating it changes nothing.

        Raises RoleRequired, RolesDisagree, RoleNotFound, UserNotFound,
        InsufficientPermissions or ChildIsNoAdmin.
        """
        async with self._transaction() as tx:
            role = await self._named_role(role_id, role_name, tx)
            user = await self._lock_user(user_id, tx)
            await self._check_appointing(role, actor, tx)
            if role["_id"] in ADMIN_ROLE_IDS and user.get("parent_id") is not None:
                raise ChildIsNoAdmin
            if _has(user, role):
                return
            default, at = in_question(role).default, self._clock()
            if default is None:
                await self._assignments.add(user["_id"], role["_id"], at=at, tx=tx)
            else:
                await self._assignments.add_default(user["_id"], default, at=at, tx=tx)
            await self._record(AuditAction.ASSIGN_ROLE, user, role, actor, tx)

    async def remove(self, user_id: str, role_id: str, *, actor: Actor) -> None:
        """Take a role from an account, if it has it.

        Raises RoleNotFound, UserNotFound, UserRoleStays, InsufficientPermissions or
        LastSuperadmin.
        """
        async with self._transaction() as tx:
            role = await self._lock_role(parse_id(role_id), tx)
            user = await self._lock_user(user_id, tx)
            default, at = in_question(role).default, self._clock()
            if default is Role.USER:
                raise UserRoleStays
            await self._check_appointing(role, actor, tx)
            if not _has(user, role):
                return
            if default is Role.SUPERADMIN:
                await self._last_superadmin.check(user, tx=tx)
            if default is None:
                await self._assignments.remove(user["_id"], role["_id"], at=at, tx=tx)
            else:
                await self._assignments.remove_default(user["_id"], default, at=at, tx=tx)
            await self._record(AuditAction.REMOVE_ROLE, user, role, actor, tx)

    async def _record(
        self, action: AuditAction, user: Document, role: Document, actor: Actor, tx: Tx
    ) -> None:
        details = {"role": role["name"]}
        await self._audit.record(action, user["_id"], actor=actor, tx=tx, details=details)

    async def _check_appointing(self, role: Document, actor: Actor, tx: Tx) -> None:
        caller = await self._rights.get_caller(actor, tx=tx)
        if not may_appoint(caller, in_question(role)):
            raise InsufficientPermissions

    async def _named_role(self, role_id: str | None, role_name: str | None, tx: Tx) -> Document:
        if role_id:
            role = await self._lock_role(parse_id(role_id), tx)
            if role_name and name_key(role_name.strip()) != role["name_key"]:
                raise RolesDisagree
            return role
        if not role_name:
            raise RoleRequired
        found = await self._roles.find_by_name(name_key(role_name.strip()), tx=tx)
        return await self._lock_role(None if found is None else found["_id"], tx)

    async def _lock_role(self, role_id: ObjectId | None, tx: Tx) -> Document:
        role = None if role_id is None else await self._roles.lock(role_id, tx=tx)
        if role is None:
            raise RoleNotFound
        return role

    async def _lock_user(self, user_id: str, tx: Tx) -> Document:
        parsed = parse_id(user_id)
        user = None if parsed is None else await self._users.lock(parsed, tx=tx)
        if user is None:
            raise UserNotFound
        return user


def _has(user: Document, role: Document) -> bool:
    return role["name"] in user["roles"] or role["_id"] in user.get("role_ids", ())
