"""Permissions: making, changing and deleting them."""

from dataclasses import dataclass

from bson import ObjectId

from repositories.access.permissions import PermissionRepository
from repositories.access.roles import RoleRepository
from repositories.errors import Taken
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.access.audit import AuditAction, AuditLog
from services.access.defaults import DEFAULT_PERMISSION_IDS
from services.access.errors import (
    DefaultPermissionFixed,
    InsufficientPermissions,
    NothingToChange,
    PermissionNotFound,
    PermissionTaken,
)
from services.access.policies import may_change_permission
from services.access.rights import Rights
from services.access.texts import accepted_description, accepted_name, name_key, parse_id


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionFields:
    """What a permission says of itself; None leaves a field as it is."""

    name: str | None = None
    resource: str | None = None
    action: str | None = None
    description: str | None = None

    def accepted(self) -> Document:
        """The given fields as they are kept. Raises UnusableText."""
        kept: Document = {}
        for field in ("name", "resource", "action"):
            text = getattr(self, field)
            if text is not None:
                kept[field] = accepted_name(text, field)
        if "name" in kept:
            kept["name_key"] = name_key(kept["name"])
        if self.description is not None:
            kept["description"] = accepted_description(self.description)
        return kept


class PermissionService:
    """Keeps permissions (CONTRACT section 7)."""

    def __init__(
        self,
        permissions: PermissionRepository,
        roles: RoleRepository,
        rights: Rights,
        audit: AuditLog,
        transaction: Transaction,
    ):
        self._permissions = permissions
        self._roles = roles
        self._rights = rights
        self._audit = audit
        self._transaction = transaction

    async def all(self) -> list[Document]:
        """Every permission, by name."""
        return await self._permissions.all()

    async def get(self, permission_id: str) -> Document:
        """A permission. Raises PermissionNotFound."""
        parsed = parse_id(permission_id)
        permission = None if parsed is None else await self._permissions.find(parsed)
        if permission is None:
            raise PermissionNotFound
        return permission

    async def create(self, fields: PermissionFields, *, actor: Actor) -> Document:
        """Make a permission, which only admins hold until one of them grants it.

        `fields` has all. Raises UnusableText or PermissionTaken.
        """
        permission = {"_id": ObjectId(), **fields.accepted()}
        async with self._transaction() as tx:
            await self._rights.get_caller(actor, tx=tx)
            try:
                await self._permissions.insert(permission, tx=tx)
            except Taken:
                raise PermissionTaken from None
            await self._record(AuditAction.CREATE_PERMISSION, permission, actor, tx)
        return permission

    async def change(
        self, permission_id: str, fields: PermissionFields, *, actor: Actor
    ) -> Document:
        """Change what is given and answer the permission as it is then.

        Raises UnusableText, NothingToChange, PermissionNotFound, InsufficientPermissions,
        DefaultPermissionFixed or PermissionTaken.
        """
        changes = fields.accepted()
        if not changes:
            raise NothingToChange("name, resource, action, description")
        async with self._transaction() as tx:
            before = await self._permission_to_change(permission_id, actor, tx)
            is_default = before["_id"] in DEFAULT_PERMISSION_IDS
            if is_default and changes.get("name", before["name"]) != before["name"]:
                raise DefaultPermissionFixed(before["name"])
            try:
                changed = await self._permissions.update(before["_id"], changes, tx=tx)
            except Taken:
                raise PermissionTaken from None
            if changed is None:
                raise PermissionNotFound
            await self._record(AuditAction.UPDATE_PERMISSION, changed, actor, tx)
        return changed

    async def delete(self, permission_id: str, *, actor: Actor) -> None:
        """Delete a permission and take it from every role.

        Raises PermissionNotFound, InsufficientPermissions or DefaultPermissionFixed.
        """
        async with self._transaction() as tx:
            permission = await self._permission_to_change(permission_id, actor, tx)
            if permission["_id"] in DEFAULT_PERMISSION_IDS:
                raise DefaultPermissionFixed(permission["name"])
            await self._permissions.delete(permission["_id"], tx=tx)
            await self._roles.remove_permission_from_all(permission["_id"], tx=tx)
            await self._record(AuditAction.DELETE_PERMISSION, permission, actor, tx)

    async def _record(
        self, action: AuditAction, permission: Document, actor: Actor, tx: Tx
    ) -> None:
        details = {"name": permission["name"]}
        await self._audit.record(action, permission["_id"], actor=actor, tx=tx, details=details)

    async def _permission_to_change(self, permission_id: str, actor: Actor, tx: Tx) -> Document:
        """The permission, which the caller holds and which stays as it is meanwhile."""
        parsed = parse_id(permission_id)
        permission = None if parsed is None else await self._permissions.lock(parsed, tx=tx)
        if permission is None:
            raise PermissionNotFound
        caller = await self._rights.get_caller(actor, tx=tx)
        if not may_change_permission(caller, permission["_id"]):
            raise InsufficientPermissions
        return permission
