"""Who may do what with roles and permissions (CONTRACT sections 1 and 7).

One idea: nobody gives, takes or changes what they do not have themselves, so that
no way through the role routes leads to more than one had.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from bson import ObjectId

from services.access.actor import AdminPermission, Role

_APPOINTED_BY_SUPERADMINS = frozenset({Role.SUPERADMIN, Role.ADMIN})
_STAFF = frozenset({Role.ADMIN, Role.MANAGER, Role.CUSTOMER_EXPERIENCE})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the default roles, an admin's limits, and what all roles together give.

    `limits` is None for an admin without limits. `granted` leaves out what `admin` and
    `superadmin` give, which is everything.
    """

    roles: frozenset[str]
    limits: frozenset[str] | None
    granted: frozenset[ObjectId]

    @property
    def is_superadmin(self) -> bool:
        """Whether the caller has no limits at all."""
        return Role.SUPERADMIN in self.roles

    @property
    def is_full_admin(self) -> bool:
        """Whether the caller holds every permission."""
        return self.is_superadmin or (Role.ADMIN in self.roles and self.limits is None)

    def holds(self, permission_id: ObjectId) -> bool:
        """Whether the caller has a permission; an admin with limits, by other roles only."""
        return self.is_full_admin or permission_id in self.granted


@dataclass(frozen=True, slots=True)
class RoleInQuestion:
    """The role that something is done with; `default` is None for one that staff made."""

    default: Role | None
    permission_ids: frozenset[ObjectId]


def may_manage_roles(roles: AbstractSet[str], limits: AbstractSet[str] | None) -> bool:
    """Whether the role routes are open at all: to staff, of whom some have limits.

    What an admin is limited to holds whatever other role the admin has.
    """
    if Role.SUPERADMIN in roles:
        return True
    if Role.ADMIN in roles and limits is not None:
        return AdminPermission.MANAGE_ROLES in limits
    return not _STAFF.isdisjoint(roles)


def may_appoint(caller: Caller, role: RoleInQuestion) -> bool:
    """Whether the caller may give a role to an account, take it, change or delete it.

    A role that staff made is worth its permissions: whoever lacks one of them could
    otherwise give it to themselves.
    """
    if role.default in _APPOINTED_BY_SUPERADMINS:
        return caller.is_superadmin
    if caller.is_full_admin or role.default is Role.USER:
        return True
    if role.default is not None:
        return role.default in caller.roles
    return role.permission_ids <= caller.granted


def may_grant(caller: Caller, permission_id: ObjectId, role: RoleInQuestion) -> bool:
    """Whether the caller may let a role's holders hold a permission.

    What `user` holds everybody holds, who registers too: that is for admins to decide.
    """
    if role.default is Role.USER and not caller.is_full_admin:
        return False
    return caller.holds(permission_id)


def may_revoke(caller: Caller, permission_id: ObjectId, role: RoleInQuestion) -> bool:
    """Whether the caller may take a permission from a role's holders.

    Of a default role only who may appoint to it: support does not take from managers.
    """
    if role.default is not None and not may_appoint(caller, role):
        return False
    return may_grant(caller, permission_id, role)


def may_change_permission(caller: Caller, permission_id: ObjectId) -> bool:
    """Whether the caller may edit or delete a permission."""
    return caller.holds(permission_id)
