"""Roles and permissions: shared by all families."""

from config.families.shared import Shared
from repositories.access.roles import RoleRepository
from services.access.rights import Rights
from services.services import AccessServices


def join(shared: Shared) -> AccessServices:
    """The services of roles and permissions."""
    roles = RoleRepository(shared.storage)
    return AccessServices(rights=Rights(roles))
