"""The default roles and permissions: what they are, and that they are there."""

from dataclasses import dataclass

from bson import ObjectId

from repositories.access.permissions import PermissionRepository
from repositories.access.roles import RoleRepository
from repositories.errors import Taken
from repositories.seeding import seed_id
from repositories.types import Document
from services.access.actor import Permission, Role

ROLE_IDS = {role: seed_id(f"role {role}") for role in Role}
"""Known beforehand, so that an account's roles are found by id, in one query."""

PERMISSION_IDS = {permission: seed_id(f"permission {permission}") for permission in Permission}

DEFAULT_ROLE_IDS = frozenset(ROLE_IDS.values())
DEFAULT_PERMISSION_IDS = frozenset(PERMISSION_IDS.values())
ADMIN_ROLE_IDS = frozenset({ROLE_IDS[Role.SUPERADMIN], ROLE_IDS[Role.ADMIN]})


@dataclass(frozen=True, slots=True)
class _DefaultRole:
    description: str
    permissions: tuple[Permission, ...] = ()


@dataclass(frozen=True, slots=True)
class _DefaultPermission:
    resource: str
    action: str
    description: str


# Admins hold every permission by what they are, those made later too: none is granted to them.
_ROLES = {
    Role.SUPERADMIN: _DefaultRole("Full system access, and the only one to appoint admins"),
    Role.ADMIN: _DefaultRole("Full system access"),
    Role.MANAGER: _DefaultRole(
        "Administrative access for business operations",
        (
            Permission.MANAGE_PRODUCTS,
            Permission.MANAGE_ORDERS,
            Permission.MANAGE_PROMOTIONS,
            Permission.VIEW_ORDERS,
        ),
    ),
    Role.CUSTOMER_EXPERIENCE: _DefaultRole("Customer support access", (Permission.VIEW_ORDERS,)),
    Role.USER: _DefaultRole("Standard authenticated user"),
}
_PERMISSIONS = {
    Permission.MANAGE_PRODUCTS: _DefaultPermission("products", "manage", "Full access to products"),
    Permission.MANAGE_ORDERS: _DefaultPermission("orders", "manage", "Full access to orders"),
    Permission.MANAGE_PROMOTIONS: _DefaultPermission(
        "promotions", "manage", "Full access to promotions"
    ),
    Permission.VIEW_ORDERS: _DefaultPermission("orders", "view", "See the orders of everybody"),
}


async def ensure_defaults(roles: RoleRepository, permissions: PermissionRepository) -> None:
    """Make the default permissions and roles that are not there yet.

    A role that is there keeps what was granted to it and taken from it since.
    """
    found = await permissions.find_many(list(DEFAULT_PERMISSION_IDS))
    for document in _missing([_permission(each) for each in Permission], found):
        await _insert(permissions, document)
    found = await roles.find_many(list(DEFAULT_ROLE_IDS))
    for document in _missing([_role(each) for each in Role], found):
        await _insert(roles, document)


def _missing(wanted: list[Document], found: list[Document]) -> list[Document]:
    known: set[ObjectId] = {document["_id"] for document in found}
    return [document for document in wanted if document["_id"] not in known]


async def _insert(repository: RoleRepository | PermissionRepository, document: Document) -> None:
    try:
        await repository.insert(document)
    except Taken:
        return  # Another process, which starts at this moment, made it.


def _permission(permission: Permission) -> Document:
    default = _PERMISSIONS[permission]
    return {
        "_id": PERMISSION_IDS[permission],
        "name": permission.value,
        "name_key": permission.value,
        "resource": default.resource,
        "action": default.action,
        "description": default.description,
    }


def _role(role: Role) -> Document:
    default = _ROLES[role]
    return {
        "_id": ROLE_IDS[role],
        "name": role.value,
        "name_key": role.value,
        "description": default.description,
        "permission_ids": [PERMISSION_IDS[permission] for permission in default.permissions],
    }
