"""Who asks: the account behind a request, as it is at this moment."""

from enum import StrEnum

import msgspec
from bson import ObjectId


class Role(StrEnum):
    """The default roles (CONTRACT section 1); every account has `user`."""

    SUPERADMIN = "superadmin"
    ADMIN = "admin"
    MANAGER = "manager"
    CUSTOMER_EXPERIENCE = "customer_experience"
    USER = "user"


class AdminPermission(StrEnum):
    """What an admin may be limited to (CONTRACT section 1)."""

    MANAGE_USERS = "manage_users"
    VIEW_USER_DETAILS = "view_user_details"
    MANAGE_SUBSCRIPTIONS = "manage_subscriptions"
    MANAGE_CONTENT = "manage_content"
    MANAGE_ROLES = "manage_roles"


class Actor(msgspec.Struct, frozen=True):
    """The caller, read from the store at each request, never from the token.

    `permissions` is None for an admin without limits.
    """

    id: ObjectId
    number: int
    username: str
    session_id: ObjectId
    roles: frozenset[str]
    permissions: frozenset[str] | None = None

    def may(self, permission: AdminPermission) -> bool:
        """Whether the caller is an admin whose limits, if any, include `permission`."""
        if Role.SUPERADMIN in self.roles:
            return True
        if Role.ADMIN not in self.roles:
            return False
        return self.permissions is None or permission in self.permissions
