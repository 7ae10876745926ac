"""The routes of roles, permissions and assignments, for staff."""

from handlers.access import MANAGING_ROLES
from handlers.routing import Route
from handlers.shop.assignments import Assignment, UserRoleHandler, UserRolesHandler
from handlers.shop.permissions import (
    NewPermission,
    PermissionChanges,
    PermissionHandler,
    PermissionsHandler,
)
from handlers.shop.role_views import (
    OnePermission,
    OneRole,
    Permissions,
    RightsChanged,
    RoleNames,
    Roles,
)
from handlers.shop.roles import (
    Grant,
    NewRole,
    RoleChanges,
    RoleHandler,
    RolePermissionHandler,
    RolePermissionsHandler,
    RolesHandler,
)
from services.access.errors import (
    AdminsHoldEverything,
    ChildIsNoAdmin,
    DefaultPermissionFixed,
    DefaultRoleFixed,
    LastSuperadmin,
    PermissionNotFound,
    PermissionTaken,
    RoleNotFound,
    RoleTaken,
    UserRoleStays,
)
from services.accounts.profile import UserNotFound

_ROLES = "/api/v1/admin/roles"
_ROLE = f"{_ROLES}/{{role_id}}"
_GRANTS = f"{_ROLE}/permissions"
_PERMISSIONS = "/api/v1/admin/permissions"
_PERMISSION = f"{_PERMISSIONS}/{{permission_id}}"
_USER_ROLES = "/api/v1/admin/users/{user_id}/roles"

ROUTES = (
    Route("GET", _ROLES, RolesHandler, MANAGING_ROLES, answer=Roles),
    Route(
        "POST",
        _ROLES,
        RolesHandler,
        MANAGING_ROLES,
        NewRole,
        OneRole,
        status=201,
        errors=(RoleTaken,),
    ),
    Route("GET", _ROLE, RoleHandler, MANAGING_ROLES, answer=OneRole, errors=(RoleNotFound,)),
    Route(
        "PUT",
        _ROLE,
        RoleHandler,
        MANAGING_ROLES,
        RoleChanges,
        OneRole,
        errors=(DefaultRoleFixed, RoleNotFound, RoleTaken),
    ),
    Route(
        "DELETE",
        _ROLE,
        RoleHandler,
        MANAGING_ROLES,
        status=204,
        errors=(DefaultRoleFixed, RoleNotFound),
    ),
    Route(
        "GET",
        _GRANTS,
        RolePermissionsHandler,
        MANAGING_ROLES,
        answer=Permissions,
        errors=(RoleNotFound,),
    ),
    Route(
        "POST",
        _GRANTS,
        RolePermissionsHandler,
        MANAGING_ROLES,
        Grant,
        RightsChanged,
        errors=(AdminsHoldEverything, RoleNotFound, PermissionNotFound),
    ),
    Route(
        "DELETE",
        f"{_GRANTS}/{{permission_id}}",
        RolePermissionHandler,
        MANAGING_ROLES,
        status=204,
        errors=(AdminsHoldEverything, RoleNotFound, PermissionNotFound),
    ),
    Route("GET", _PERMISSIONS, PermissionsHandler, MANAGING_ROLES, answer=Permissions),
    Route(
        "POST",
        _PERMISSIONS,
        PermissionsHandler,
        MANAGING_ROLES,
        NewPermission,
        OnePermission,
        status=201,
        errors=(PermissionTaken,),
    ),
    Route(
        "GET",
        _PERMISSION,
        PermissionHandler,
        MANAGING_ROLES,
        answer=OnePermission,
        errors=(PermissionNotFound,),
    ),
    Route(
        "PUT",
        _PERMISSION,
        PermissionHandler,
        MANAGING_ROLES,
        PermissionChanges,
        OnePermission,
        errors=(DefaultPermissionFixed, PermissionNotFound, PermissionTaken),
    ),
    Route(
        "DELETE",
        _PERMISSION,
        PermissionHandler,
        MANAGING_ROLES,
        status=204,
        errors=(DefaultPermissionFixed, PermissionNotFound),
    ),
    Route(
        "GET",
        _USER_ROLES,
        UserRolesHandler,
        MANAGING_ROLES,
        answer=RoleNames,
        errors=(UserNotFound,),
    ),
    Route(
        "POST",
        _USER_ROLES,
        UserRolesHandler,
        MANAGING_ROLES,
        Assignment,
        RightsChanged,
        errors=(ChildIsNoAdmin, UserNotFound, RoleNotFound),
    ),
    Route(
        "DELETE",
        f"{_USER_ROLES}/{{role_id}}",
        UserRoleHandler,
        MANAGING_ROLES,
        status=204,
        errors=(UserRoleStays, LastSuperadmin, UserNotFound, RoleNotFound),
    ),
)
