"""Every route of SOCIOX for every kind of caller (CONTRACT sections 1 and 5).

The rows are written by hand, the columns are the kinds of `people.py`: a route without a row,
and a row without a route, fail.
"""

from typing import Any

import pytest

from handlers.routing import Route
from handlers.sociox.routes import ROUTES
from services.access.actor import AdminPermission
from tests.factories import stored
from tests.handlers.support import filled
from tests.harness import Api
from tests.sociox.people import KINDS, join_as

ANYBODY = {None, *KINDS}
SIGNED_IN = set(KINDS)
PARENTS = SIGNED_IN - {"child"}
SUPERADMINS = {"superadmin"}
FULL_ADMINS = {"superadmin", "admin"}


def admins_who(permission: AdminPermission) -> set[str]:
    """Admins without limits, and the one who is limited to `permission`."""
    return {*FULL_ADMINS, f"admin with {permission}"}


USERS, DETAILS = AdminPermission.MANAGE_USERS, AdminPermission.VIEW_USER_DETAILS
SUBSCRIPTIONS = AdminPermission.MANAGE_SUBSCRIPTIONS
ROWS: dict[str, set[Any]] = {
    "POST /auth/forgot-password": ANYBODY,
    "POST /auth/reset-password": ANYBODY,
    "GET /users/details": SIGNED_IN,
    "POST /users/delete": SIGNED_IN,
    "POST /users/confirm-delete": ANYBODY,
    "GET /users/child-users": PARENTS,
    "POST /users/child-users": PARENTS,
    "PATCH /users/child-users/{child_id}": PARENTS,
    "DELETE /users/child-users/{child_id}": PARENTS,
    "GET /users/subscription": SIGNED_IN,
    "GET /users/subscription/ledger": SIGNED_IN,
    "POST /users/subscription/preview": PARENTS,
    "POST /users/subscribe": PARENTS,
    "PUT /users/subscription/update": PARENTS,
    "POST /users/cancel-subscription": PARENTS,
    "POST /admin/login": ANYBODY,
    "POST /admin/create-admin": SUPERADMINS,
    "GET /admin/get-all-admins": FULL_ADMINS,
    "GET /admin/get-admin-details/{admin_id}": FULL_ADMINS,
    "PUT /admin/get-admin-details/{admin_id}": SUPERADMINS,
    "PATCH /admin/get-admin-details/{admin_id}": SUPERADMINS,
    "PUT /admin/update-admin-permissions/{admin_id}": SUPERADMINS,
    "PATCH /admin/update-admin-permissions/{admin_id}": SUPERADMINS,
    "DELETE /admin/delete-admin/{admin_id}": SUPERADMINS,
    "GET /admin/audit-log": FULL_ADMINS,
    "GET /admin/users": admins_who(USERS),
    "DELETE /admin/users/{user_id}": admins_who(USERS),
    "GET /admin/users/{user_id}/deactivate": admins_who(USERS),
    "POST /admin/users/{user_id}/deactivate": admins_who(USERS),
    "GET /admin/users/{user_id}/reactivate": admins_who(USERS),
    "POST /admin/users/{user_id}/reactivate": admins_who(USERS),
    "POST /admin/users/sendPasswordResetLink": admins_who(USERS),
    "POST /admin/users/reset-password": ANYBODY,
    "GET /admin/users/{user_id}/details": admins_who(DETAILS),
    "GET /admin/users/{user_id}/subscription": admins_who(SUBSCRIPTIONS),
    "POST /admin/users/{user_id}/subscription": admins_who(SUBSCRIPTIONS),
    "POST /admin/users/{user_id}/subscription/cancel": admins_who(SUBSCRIPTIONS),
    "POST /admin/users/{user_id}/subscription/update": admins_who(SUBSCRIPTIONS),
    "GET /admin/users/{user_id}/subscription/ledger": admins_who(SUBSCRIPTIONS),
    "GET /admin/subscription/plans": SIGNED_IN,
    "POST /admin/subscription/plans": admins_who(SUBSCRIPTIONS),
    "GET /admin/subscription/plans/{plan_id}": ANYBODY,
    "PUT /admin/subscription/plans/{plan_id}": admins_who(SUBSCRIPTIONS),
    "GET /admin/subscription/plans/category/{category}": ANYBODY,
    "PATCH /admin/subscription/plans/{plan_id}/features": admins_who(SUBSCRIPTIONS),
    "PUT /subscriptions/plan-features/{plan_id}": admins_who(SUBSCRIPTIONS),
    "POST /subscription/admin/plans/{plan_id}/status": admins_who(SUBSCRIPTIONS),
    "DELETE /subscription/admin/plans/{plan_id}": admins_who(SUBSCRIPTIONS),
}
COLLECTIONS = ("users", "audit_entries", "outbox", "plans", "subscriptions")


def row_of(route: Route) -> str:
    """The row of a route, which is served under both prefixes."""
    assert route.path.startswith("/api/v1/")
    assert route.aliases == (route.path.replace("/api/v1", "/api", 1),)
    return f"{route.method} {route.path.removeprefix('/api/v1')}"


def test_every_route_has_a_row_and_every_row_a_route():
    assert sorted(map(row_of, ROUTES)) == sorted(ROWS)


def test_the_columns_are_all_kinds_and_every_permission_is_one():
    permissions = {f"admin with {permission}" for permission in AdminPermission}
    others = {"user", "child", "customer_experience", "manager", "admin with nothing"}
    assert set(KINDS) == permissions | others | FULL_ADMINS


@pytest.mark.parametrize("kind", [None, *KINDS])
async def test_who_may_call_what(api: Api, kind: str | None):
    """Ids that nobody has and bodies without a field: what is allowed goes no further."""
    token = None if kind is None else (await join_as(api, kind)).token
    before = [await stored(api, name) for name in COLLECTIONS]
    wrong = []
    for route in ROUTES:
        for path in route.paths:
            body = None if route.method == "GET" else b"{}"
            reply = await api.call(route.method, filled(path), body, token=token)
            if kind in ROWS[row_of(route)]:
                is_right = reply.status not in (401, 403, 404, 405, 500) or _is_no_plan(reply.body)
            else:
                is_right = (reply.status, reply.body) == _REFUSED[kind is None]
            if not is_right:
                wrong.append((route.method, path, reply.status, reply.body))
            if row_of(route) == "POST /users/delete" and kind is not None:  # it sends a mail
                before[COLLECTIONS.index("outbox")] = await stored(api, "outbox")
    assert wrong == []
    assert [await stored(api, name) for name in COLLECTIONS] == before


def _is_no_plan(body: object) -> bool:
    """Deleting a plan that there is not is the one 404 of SOCIOX."""
    return body == {"error": {"code": "not_found", "message": "Plan not found"}}


_REFUSED = {
    True: (
        401,
        {"error": {"code": "authentication_required", "message": "Authentication required"}},
    ),
    False: (403, {"error": {"code": "forbidden", "message": "Insufficient permissions"}}),
}
