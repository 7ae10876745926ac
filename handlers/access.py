"""Who may call a route, beyond everybody and everybody who is signed in."""

from handlers.routing import Access
from services.access.actor import AdminPermission, Permission, Role
from services.access.policies import may_manage_roles

MANAGING_ROLES = Access(
    "staff, and an admin with limits by manage_roles",
    lambda actor: may_manage_roles(actor.roles, actor.permissions),
)
# A child's account is its parent's to run (CONTRACT section 5).
PARENTS = Access("signed in, and no child", lambda actor: actor.parent_id is None)
ADMINS = Access("admins", lambda actor: actor.is_admin)
FULL_ADMINS = Access("admins without limits", lambda actor: actor.is_full_admin)
MANAGERS = Access(
    "managers, and admins without limits",
    lambda actor: actor.is_manager,
    refusal="Manager access required",
)
SUPERADMINS = Access("superadmins", lambda actor: Role.SUPERADMIN in actor.roles)


def admins_who(permission: AdminPermission) -> Access:
    """Admins without limits, and those whose limits include `permission` (CONTRACT section 1)."""
    return Access(f"admins who {permission}", lambda actor: actor.may(permission))


def holding(permission: Permission) -> Access:
    """Whoever holds `permission` by any role, at the moment of the request."""
    return Access(
        f"holding {permission}", lambda actor: actor.holds(permission), reads_granted=True
    )
