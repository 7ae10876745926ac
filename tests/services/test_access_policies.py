"""Who may do what with roles and permissions (CONTRACT sections 1 and 7), as tables."""

import pytest
from bson import ObjectId

from services.access.actor import Role
from services.access.policies import (
    Caller,
    RoleInQuestion,
    may_appoint,
    may_change_permission,
    may_grant,
    may_manage_roles,
    may_revoke,
)

HELD, LACKED = ObjectId(), ObjectId()


def caller(*roles: str, limits: set[str] | None = None) -> Caller:
    """Somebody whose roles give `HELD`, if they give anything."""
    return Caller(
        roles=frozenset({"user", *roles}),
        limits=None if limits is None else frozenset(limits),
        granted=frozenset({HELD}),
    )


SUPPORT = caller("customer_experience")
MANAGER = caller("manager")
LIMITED = caller("admin", limits={"manage_roles"})
ADMIN = caller("admin")
SUPERADMIN = caller("superadmin")
# Limits are an admin's; a superadmin has none, whatever the account carries.
LIMITED_SUPERADMIN = caller("superadmin", limits=set())
CALLERS = (SUPPORT, MANAGER, LIMITED, ADMIN, SUPERADMIN, LIMITED_SUPERADMIN)


def default(role: Role, *permission_ids: ObjectId) -> RoleInQuestion:
    return RoleInQuestion(role, frozenset(permission_ids))


def custom(*permission_ids: ObjectId) -> RoleInQuestion:
    return RoleInQuestion(None, frozenset(permission_ids))


@pytest.mark.parametrize(
    ("roles", "limits", "allowed"),
    [
        ({"user"}, None, False),
        ({"user"}, {"manage_roles"}, False),
        (set(), None, False),
        ({"customer_experience"}, None, True),
        ({"manager"}, None, True),
        ({"manager"}, set(), True),
        ({"admin"}, None, True),
        ({"admin"}, set(), False),
        ({"admin"}, {"manage_users"}, False),
        ({"admin"}, {"manage_users", "manage_roles"}, True),
        ({"admin", "manager"}, set(), False),
        ({"superadmin"}, None, True),
        ({"superadmin", "admin"}, set(), True),
    ],
)
def test_who_gets_to_the_role_routes(roles: set[str], limits: set[str] | None, allowed: bool):
    assert may_manage_roles(roles, limits) is allowed


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (default(Role.SUPERADMIN), {SUPERADMIN, LIMITED_SUPERADMIN}),
        (default(Role.ADMIN), {SUPERADMIN, LIMITED_SUPERADMIN}),
        (default(Role.MANAGER, HELD), {MANAGER, ADMIN, SUPERADMIN, LIMITED_SUPERADMIN}),
        (default(Role.MANAGER, LACKED), {MANAGER, ADMIN, SUPERADMIN, LIMITED_SUPERADMIN}),
        (
            default(Role.CUSTOMER_EXPERIENCE, HELD),
            {SUPPORT, ADMIN, SUPERADMIN, LIMITED_SUPERADMIN},
        ),
        (default(Role.USER, LACKED), set(CALLERS)),
        (custom(), set(CALLERS)),
        (custom(HELD), set(CALLERS)),
        (custom(HELD, LACKED), {ADMIN, SUPERADMIN, LIMITED_SUPERADMIN}),
    ],
)
def test_who_gives_takes_and_changes_a_role(role: RoleInQuestion, allowed: set[Caller]):
    assert {each for each in CALLERS if may_appoint(each, role)} == allowed


@pytest.mark.parametrize(
    ("permission_id", "role", "allowed"),
    [
        (HELD, custom(), set(CALLERS)),
        (HELD, custom(LACKED), set(CALLERS)),
        (HELD, default(Role.MANAGER), set(CALLERS)),
        (HELD, default(Role.USER), {ADMIN, SUPERADMIN, LIMITED_SUPERADMIN}),
        (LACKED, custom(LACKED), {ADMIN, SUPERADMIN, LIMITED_SUPERADMIN}),
        (LACKED, default(Role.ADMIN), {ADMIN, SUPERADMIN, LIMITED_SUPERADMIN}),
    ],
)
def test_who_grants_a_permission(
    permission_id: ObjectId, role: RoleInQuestion, allowed: set[Caller]
):
    assert {each for each in CALLERS if may_grant(each, permission_id, role)} == allowed


@pytest.mark.parametrize(
    ("permission_id", "role", "allowed"),
    [
        (HELD, custom(HELD, LACKED), set(CALLERS)),
        (LACKED, custom(LACKED), {ADMIN, SUPERADMIN, LIMITED_SUPERADMIN}),
        (HELD, default(Role.MANAGER), {MANAGER, ADMIN, SUPERADMIN, LIMITED_SUPERADMIN}),
        (HELD, default(Role.USER), {ADMIN, SUPERADMIN, LIMITED_SUPERADMIN}),
        (HELD, default(Role.ADMIN), {SUPERADMIN, LIMITED_SUPERADMIN}),
    ],
)
def test_who_revokes_a_permission(
    permission_id: ObjectId, role: RoleInQuestion, allowed: set[Caller]
):
    assert {each for each in CALLERS if may_revoke(each, permission_id, role)} == allowed


@pytest.mark.parametrize(
    ("permission_id", "allowed"),
    [(HELD, set(CALLERS)), (LACKED, {ADMIN, SUPERADMIN, LIMITED_SUPERADMIN})],
)
def test_who_changes_a_permission(permission_id: ObjectId, allowed: set[Caller]):
    assert {each for each in CALLERS if may_change_permission(each, permission_id)} == allowed
