"""Roles, permissions and the audit log: shared by all families."""

from config.families.shared import Shared
from repositories.access.assignments import AssignmentRepository
from repositories.access.audit_entries import AuditEntryRepository
from repositories.access.permissions import PermissionRepository
from repositories.access.roles import RoleRepository
from services.access.assignments import AssignmentService
from services.access.audit_reading import AuditReader
from services.access.permissions import PermissionService
from services.access.rights import Rights
from services.access.roles import RoleService
from services.services import AccessServices


def join(shared: Shared) -> AccessServices:
    """The services of roles, permissions and assignments, and of the audit log."""
    storage, users, clock = shared.storage, shared.users, shared.clock
    roles, permissions = RoleRepository(storage), PermissionRepository(storage)
    assignments = AssignmentRepository(storage)
    rights = Rights(roles, users)
    return AccessServices(
        rights=rights,
        roles=RoleService(
            roles, permissions, assignments, rights, shared.audit, storage.transaction, clock
        ),
        permissions=PermissionService(
            permissions, roles, rights, shared.audit, storage.transaction
        ),
        assignments=AssignmentService(
            assignments,
            roles,
            users,
            rights,
            shared.last_superadmin,
            shared.audit,
            storage.transaction,
            clock,
        ),
        audit=AuditReader(AuditEntryRepository(storage), users),
    )
