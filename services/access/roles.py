"""Roles: making, changing and deleting them, and what each lets its holders do."""

from bson import ObjectId

from repositories.access.assignments import AssignmentRepository
from repositories.access.permissions import PermissionRepository
from repositories.access.roles import RoleRepository
from repositories.errors import Taken
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor, Role
from services.access.audit import AuditAction, AuditLog
from services.access.defaults import ADMIN_ROLE_IDS, DEFAULT_ROLE_IDS
from services.access.errors import (
    AdminsHoldEverything,
    DefaultRoleFixed,
    InsufficientPermissions,
    NothingToChange,
    PermissionNotFound,
    RoleNotFound,
    RoleTaken,
)
from services.access.policies import RoleInQuestion, may_appoint, may_grant, may_revoke
from services.access.rights import Rights
from services.access.texts import accepted_description, accepted_name, name_key, parse_id
from services.clock import Clock


class RoleService:
    """Keeps roles and what is granted to them (CONTRACT section 7)."""

    def __init__(
        self,
        roles: RoleRepository,
        permissions: PermissionRepository,
        assignments: AssignmentRepository,
        rights: Rights,
        audit: AuditLog,
        transaction: Transaction,
        clock: Clock,
    ):
        self._roles = roles
        self._permissions = permissions
        self._assignments = assignments
        self._rights = rights
        self._audit = audit
        self._transaction = transaction
        self._clock = clock

    async def all(self) -> list[Document]:
        """Every role, by name."""
        return await self._roles.all()

    async def get(self, role_id: str) -> Document:
        """A role. Raises RoleNotFound."""
        parsed = parse_id(role_id)
        role = None if parsed is None else await self._roles.find(parsed)
        if role is None:
            raise RoleNotFound
        return role

    async def create(self, name: str, description: str, *, actor: Actor) -> Document:
        """Make a role that grants nothing yet. Raises UnusableText or RoleTaken."""
        accepted = accepted_name(name)
        role: Document = {
            "_id": ObjectId(),
            "name": accepted,
            "name_key": name_key(accepted),
            "description": accepted_description(description),
            "permission_ids": [],
        }
        async with self._transaction() as tx:
            await self._rights.get_caller(actor, tx=tx)
            try:
                await self._roles.insert(role, tx=tx)
            except Taken:
                raise RoleTaken from None
            await self._record(AuditAction.CREATE_ROLE, role, actor, tx)
        return role

    async def change(
        self, role_id: str, name: str | None, description: str | None, *, actor: Actor
    ) -> Document:
        """Change what is given and answer the role as it is then.

        Raises UnusableText, NothingToChange, RoleNotFound, InsufficientPermissions,
        DefaultRoleFixed or RoleTaken.
        """
        changes: Document = {}
        if name is not None:
            changes["name"] = accepted_name(name)
            changes["name_key"] = name_key(changes["name"])
        if description is not None:
            changes["description"] = accepted_description(description)
        if not changes:
            raise NothingToChange("name, description")
        async with self._transaction() as tx:
            role = await self._role_to_change(role_id, actor, tx)
            if (
                role["_id"] in DEFAULT_ROLE_IDS
                and changes.get("name", role["name"]) != role["name"]
            ):
                raise DefaultRoleFixed(role["name"])
            try:
                changed = await self._roles.update(role["_id"], changes, tx=tx)
            except Taken:
                raise RoleTaken from None
            if changed is None:
                raise RoleNotFound
            await self._record(AuditAction.UPDATE_ROLE, changed, actor, tx)
        return changed

    async def delete(self, role_id: str, *, actor: Actor) -> None:
        """Delete a role and take it from all who have it.

        Raises RoleNotFound, InsufficientPermissions or DefaultRoleFixed.
        """
        async with self._transaction() as tx:
            role = await self._role_to_change(role_id, actor, tx)
            if role["_id"] in DEFAULT_ROLE_IDS:
                raise DefaultRoleFixed(role["name"])
            await self._roles.delete(role["_id"], tx=tx)
            await self._assignments.remove_from_all(role["_id"], at=self._clock(), tx=tx)
            await self._record(AuditAction.DELETE_ROLE, role, actor, tx)

    async def permissions_of(self, role_id: str) -> list[Document]:
        """What a role lets its holders do, by name; `admin` and `superadmin` everything.

        Raises RoleNotFound.
        """
        role = await self.get(role_id)
        if role["_id"] in ADMIN_ROLE_IDS:
            return await self._permissions.all()
        found = await self._permissions.find_many(role["permission_ids"])
        return sorted(found, key=lambda permission: permission["name_key"])

    async def grant(self, role_id: str, permission_id: str, *, actor: Actor) -> None:
        """Let a role's holders hold a permission; repeating it changes nothing.

        Raises RoleNotFound, PermissionNotFound or InsufficientPermissions.
        """
        async with self._transaction() as tx:
            role = await self._lock(role_id, tx)
            permission = await self._lock_permission(permission_id, tx)
            caller = await self._rights.get_caller(actor, tx=tx)
            if not may_grant(caller, permission, in_question(role)):
                raise InsufficientPermissions
            # The admins' roles hold everything as it is. Kept there, it would reach the admins
            # whose limits leave it out.
            if role["_id"] in ADMIN_ROLE_IDS or permission in role["permission_ids"]:
                return
            await self._roles.add_permission(role["_id"], permission, tx=tx)
            await self._record(AuditAction.GRANT_PERMISSION, role, actor, tx, permission)

    async def revoke(self, role_id: str, permission_id: str, *, actor: Actor) -> None:
        """Take a permission from a role's holders, if they hold it by that.

        Raises RoleNotFound, PermissionNotFound, InsufficientPermissions or
        AdminsHoldEverything.
        """
        async with self._transaction() as tx:
            role = await self._lock(role_id, tx)
            permission = await self._lock_permission(permission_id, tx)
            caller = await self._rights.get_caller(actor, tx=tx)
            if not may_revoke(caller, permission, in_question(role)):
                raise InsufficientPermissions
            if role["_id"] in ADMIN_ROLE_IDS:
                raise AdminsHoldEverything(role["name"])
            if permission not in role["permission_ids"]:
                return
            await self._roles.remove_permission(role["_id"], permission, tx=tx)
            await self._record(AuditAction.REVOKE_PERMISSION, role, actor, tx, permission)

    async def _record(
        self,
        action: AuditAction,
        role: Document,
        actor: Actor,
        tx: Tx,
        permission_id: ObjectId | None = None,
    ) -> None:
        details = {"name": role["name"]}
        if permission_id is not None:
            details["permission_id"] = str(permission_id)
        await self._audit.record(action, role["_id"], actor=actor, tx=tx, details=details)

    async def _role_to_change(self, role_id: str, actor: Actor, tx: Tx) -> Document:
        """The role, which the caller may change and which stays as it is meanwhile."""
        role = await self._lock(role_id, tx)
        caller = await self._rights.get_caller(actor, tx=tx)
        if not may_appoint(caller, in_question(role)):
            raise InsufficientPermissions
        return role

    async def _lock(self, role_id: str, tx: Tx) -> Document:
        parsed = parse_id(role_id)
        role = None if parsed is None else await self._roles.lock(parsed, tx=tx)
        if role is None:
            raise RoleNotFound
        return role

    async def _lock_permission(self, permission_id: str, tx: Tx) -> ObjectId:
        parsed = parse_id(permission_id)
        if parsed is None or await self._permissions.lock(parsed, tx=tx) is None:
            raise PermissionNotFound
        return parsed


def in_question(role: Document) -> RoleInQuestion:
    """A stored role as the policies see it."""
    return RoleInQuestion(
        default=Role(role["name"]) if role["_id"] in DEFAULT_ROLE_IDS else None,
        permission_ids=frozenset(role["permission_ids"]),
    )
