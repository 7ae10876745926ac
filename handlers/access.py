"""Who may call a route, beyond everybody and everybody who is signed in."""

from handlers.routing import Access
from services.access.actor import Permission

STAFF = Access("staff", lambda actor: actor.is_staff)


def holding(permission: Permission) -> Access:
    """Whoever holds `permission` by any role, at the moment of the request."""
    return Access(
        f"holding {permission}", lambda actor: actor.holds(permission), reads_granted=True
    )
