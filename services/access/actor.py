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


class Permission(StrEnum):
    """What the product itself asks of an account's roles (CONTRACT section 7)."""

    MANAGE_PRODUCTS = "manage_products"
    MANAGE_ORDERS = "manage_orders"
    MANAGE_PROMOTIONS = "manage_promotions"
    VIEW_ORDERS = "view_orders"


_BUSINESS_ROLES = frozenset({Role.MANAGER, Role.CUSTOMER_EXPERIENCE})


class Actor(msgspec.Struct, frozen=True):
    """The caller, read from the store at each request, never from the token.

    `permissions` is None for an admin without limits. `role_ids` are the roles that
    are not default ones. `granted` is what the roles give; it is read only for routes
    whose access asks for it (`handlers.access.holding`) and is empty elsewhere. `address`
    is the network address of the caller, '' where there is none. `parent_id` is the account
    that a child hangs on, None for everybody else.
    """

    id: ObjectId
    number: int
    username: str
    session_id: ObjectId
    roles: frozenset[str]
    permissions: frozenset[str] | None = None
    role_ids: tuple[ObjectId, ...] = ()
    granted: frozenset[Permission] = frozenset()
    address: str = ""
    parent_id: ObjectId | None = None

    @property
    def is_admin(self) -> bool:
        """Whether the caller is a superadmin, or an admin with or without limits."""
        return Role.SUPERADMIN in self.roles or Role.ADMIN in self.roles

    @property
    def is_full_admin(self) -> bool:
        """Whether the caller is a superadmin, or an admin without limits."""
        return Role.SUPERADMIN in self.roles or (
            Role.ADMIN in self.roles and self.permissions is None
        )

    @property
    def is_staff(self) -> bool:
        """Whether the caller is an admin without limits, a manager or in customer experience."""
        return self.is_full_admin or not _BUSINESS_ROLES.isdisjoint(self.roles)

    @property
    def is_manager(self) -> bool:
        """Whether the caller is a manager as LMS means it: one, or an admin without limits."""
        return self.is_full_admin or Role.MANAGER in self.roles

    def may(self, permission: AdminPermission) -> bool:
        """Whether the caller is an admin whose limits, if any, include `permission`."""
        if Role.SUPERADMIN in self.roles:
            return True
        if Role.ADMIN not in self.roles:
            return False
        return self.permissions is None or permission in self.permissions

    def holds(self, permission: Permission) -> bool:
        """Whether the caller's roles give `permission`.

        Admins hold every one; one with limits only what its other roles give.
        """
        return self.is_full_admin or permission in self.granted
