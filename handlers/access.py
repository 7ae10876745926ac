"""Who may call a route, beyond everybody and everybody who is signed in."""

from handlers.routing import Access
from services.access.actor import Permission
from services.access.policies import may_manage_roles

MANAGING_ROLES = Access(
    "staff, and an admin with limits by manage_roles",
    lambda actor: may_manage_roles(actor.roles, actor.permissions),
)


def holding(permission: Permission) -> Access:
    """Whoever holds `permission` by any role, at the moment of the request."""
    return Access(
        f"holding {permission}", lambda actor: actor.holds(permission), reads_granted=True
    )
