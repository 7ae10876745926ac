"""Who may call what: the one table, written by hand from the documents and CONTRACT.

A key is a route as the table of routes writes it, `METHOD path`. A row without a thing is tried
with ids that nothing has: whoever is let in gets any answer but a refusal. A row with a thing is
tried on one that belongs to the user (`things.py`): whoever is let in succeeds. The others are
told 401 without a valid token, 403 if the route's first row does not let them in, else `told`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from scripts.prove.p10_access.callers import (
    ADMIN,
    CALLERS,
    CHILD,
    CUSTOMER_EXPERIENCE,
    LIMITED,
    MANAGER,
    NONE,
    RUBBISH,
    SUPERADMIN,
    USER,
)
from services.access.actor import AdminPermission

Kinds = frozenset[str]
EVERYBODY = frozenset(CALLERS)
SIGNED_IN = EVERYBODY - {NONE, RUBBISH}
PARENTS = SIGNED_IN - {CHILD}
SUPERADMINS = frozenset({SUPERADMIN})
FULL_ADMINS = SUPERADMINS | {ADMIN}
#: Who manages in the LMS; no limit of an admin is about courses.
MANAGERS = FULL_ADMINS | {MANAGER}
#: Who holds what `manager` and `customer_experience` give (CONTRACT section 7).
SHOP_STAFF = MANAGERS
ORDER_VIEWERS = SHOP_STAFF | {CUSTOMER_EXPERIENCE}
OWNER = frozenset({USER})


def admins_who(permission: AdminPermission) -> Kinds:
    """Admins without limits, and the one who is limited to `permission`."""
    return FULL_ADMINS | {LIMITED[permission]}


ROLE_STAFF = admins_who(AdminPermission.MANAGE_ROLES) | {MANAGER, CUSTOMER_EXPERIENCE}
_USERS = admins_who(AdminPermission.MANAGE_USERS)
_DETAILS = admins_who(AdminPermission.VIEW_USER_DETAILS)
_SUBSCRIPTIONS = admins_who(AdminPermission.MANAGE_SUBSCRIPTIONS)
_CONTENT = admins_who(AdminPermission.MANAGE_CONTENT)


@dataclass(frozen=True)
class Row:
    """Who is let in, and what the others are told.

    `thing` names what belongs to the user and is tried on, and `body` what is sent with it, where
    "{...}" stands for an id of `things.py`. `query` is sent along.
    """

    let_in: Kinds
    thing: str = ""
    told: int = 403
    body: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    query: str = ""


def rows(let_in: Kinds, *more: Row) -> tuple[Row, ...]:
    """Who may call a route at all, and what more is to be tried there."""
    return (Row(let_in), *more)


def _own(thing: str, told: int, *others: str, **body: Any) -> Row:
    return Row(OWNER | set(others), thing, told, body)


#: Asking or acting for the user: for itself and for managers.
_FOR_USER = Row(OWNER | MANAGERS, "participant", query="?participant_id={user}")
#: A reviewer is who calls: nobody else can be named, not even by a manager.
_AS_USER = Row(frozenset(), "participant", query="?manager_id={user}")
_AUTH = "/api/v1/auth"
_CATALOG, _STAFF_CATALOG = "/api/v1/catalog", "/api/v1/admin/catalog"
_ORDER, _STAFF_ORDER = "/api/v1/orders/{order_id}", "/api/v1/admin/orders/{order_id}"
_ROLES, _PERMISSIONS = "/api/v1/admin/roles", "/api/v1/admin/permissions"
_USER_ROLES = "/api/v1/admin/users/{user_id}/roles"
_USER, _CHILDREN = "/api/v1/admin/users/{user_id}", "/api/v1/users/child-users"
_ADMIN_DETAILS = "/api/v1/admin/get-admin-details/{admin_id}"
_ADMIN_PERMISSIONS = "/api/v1/admin/update-admin-permissions/{admin_id}"
_PLANS, _STAFF_PLAN = (
    "/api/v1/admin/subscription/plans",
    "/api/v1/subscription/admin/plans/{plan_id}",
)
_SITTING, _REVIEW = "/forms/submissions/{submission_id}", "/form-submissions/{submission_id}"
_TABLE_SUBMISSION = "/requirement-tables/submissions/{submission_id}"

_OPS = {
    "GET /health": rows(EVERYBODY),
    "GET /ready": rows(EVERYBODY),
    "GET /openapi.json": rows(EVERYBODY),
    "GET /": rows(EVERYBODY),
    "GET /home.css": rows(EVERYBODY),
    "GET /docs": rows(EVERYBODY),
    "GET /docs/{name}": rows(EVERYBODY),
    # Metrics and what is for developers answer by where a request comes from, not by who asks.
    "GET /metrics": rows(EVERYBODY),
    "GET /dev/outbox": rows(EVERYBODY),
    "GET /dev/clock": rows(EVERYBODY),
    "POST /dev/clock": rows(EVERYBODY),
    "GET /console": rows(EVERYBODY),
    "GET /console/{name}": rows(EVERYBODY),
    "GET /console/data": rows(FULL_ADMINS),
    "POST /console/data/dead-letters/retry": rows(FULL_ADMINS),
    "POST /console/data/dead-letters/{message_id}/retry": rows(FULL_ADMINS),
}
_ACCOUNTS = {
    f"POST {_AUTH}/register": rows(EVERYBODY),
    f"POST {_AUTH}/login": rows(EVERYBODY),
    f"POST {_AUTH}/refresh": rows(EVERYBODY),
    f"GET {_AUTH}/profile": rows(SIGNED_IN),
    f"POST {_AUTH}/logout": rows(SIGNED_IN),
    f"POST {_AUTH}/change-password": rows(SIGNED_IN),
    f"POST {_AUTH}/resend-verification": rows(SIGNED_IN),
    f"GET {_AUTH}/google": rows(EVERYBODY),
    f"GET {_AUTH}/google/callback": rows(EVERYBODY),
    f"POST {_AUTH}/forgot-password": rows(EVERYBODY),
    f"POST {_AUTH}/reset-password": rows(EVERYBODY),
    "POST /api/v1/admin/users/reset-password": rows(EVERYBODY),
    "GET /verify-email": rows(EVERYBODY),
    "POST /verify-email": rows(EVERYBODY),
    "GET /reset-password": rows(EVERYBODY),
    "POST /reset-password": rows(EVERYBODY),
    "GET /confirm-delete": rows(EVERYBODY),
    "POST /confirm-delete": rows(EVERYBODY),
}
_FORUM = {
    # Registering here answers 401 to what is missing: it is no refusal of a caller.
    "POST /api/register/": rows(EVERYBODY),
    "POST /api/login/": rows(EVERYBODY),
    "POST /api/token/refresh/": rows(EVERYBODY),
    "POST /api/send_verification_code/": rows(EVERYBODY),
    "POST /api/verify-code/": rows(EVERYBODY),
    "POST /api/logout/": rows(EVERYBODY),
    "GET /api/user/": rows(SIGNED_IN),
    "PUT /api/user/": rows(SIGNED_IN),
    "DELETE /api/user/": rows(SIGNED_IN),
    "POST /api/forum/posts/": rows(SIGNED_IN),
    "POST /api/forum/get_picture/": rows(SIGNED_IN),
    "POST /api/forum/post_pictures/{postid}/{picture_index}/": rows(SIGNED_IN),
    "GET /api/forum/post_pictures/{postid}/{picture_index}/": rows(SIGNED_IN),
    "POST /api/forum/create_post/": rows(
        SIGNED_IN,
        _own("upload", 400, content="Another's picture", picture_names=["{upload}"]),
    ),
    "POST /api/forum/create_picture/": rows(SIGNED_IN),
    "POST /api/forum/like_post/": rows(SIGNED_IN),
    "POST /api/forum/reply_post/": rows(SIGNED_IN),
    "POST /api/forum/delete_post/": rows(SIGNED_IN, _own("post", 403, *_CONTENT, postid="{post}")),
    "DELETE /api/forum/delete_post/": rows(
        SIGNED_IN, _own("post", 403, *_CONTENT, postid="{post}")
    ),
    "GET /api/sleep-records/": rows(SIGNED_IN),
    "POST /api/sleep-records/": rows(SIGNED_IN),
    "DELETE /api/sleep-records/": rows(SIGNED_IN, _own("record", 404, id="{record}")),
}
_LMS = {
    "GET /courses": rows(SIGNED_IN),
    "POST /courses": rows(MANAGERS),
    "GET /courses/{course_id}": rows(SIGNED_IN),
    "PUT /courses/{course_id}": rows(MANAGERS),
    "DELETE /courses/{course_id}": rows(MANAGERS),
    "PUT /courses/{course_id}/set-default": rows(MANAGERS),
    "POST /courses/enroll-default": rows(SIGNED_IN, _FOR_USER),
    "POST /courses/{course_id}/enroll": rows(SIGNED_IN, _FOR_USER),
    "POST /courses/{course_id}/steps/reorder": rows(MANAGERS),
    "GET /courses/{course_id}/participants": rows(MANAGERS),
    "GET /courses/{course_id}/results.csv": rows(MANAGERS),
    "POST /steps": rows(MANAGERS),
    "GET /steps/{step_id}": rows(SIGNED_IN, _FOR_USER),
    "PUT /steps/{step_id}": rows(MANAGERS),
    "DELETE /steps/{step_id}": rows(MANAGERS),
    "PUT /steps/{step_id}/exam": rows(MANAGERS),
    "POST /steps/{step_id}/exam/start": rows(SIGNED_IN, _FOR_USER),
    "POST /steps/{step_id}/materials-complete": rows(SIGNED_IN, _FOR_USER),
    "POST /steps/{step_id}/materials": rows(MANAGERS),
    "PUT /materials/{material_id}": rows(MANAGERS),
    "DELETE /materials/{material_id}": rows(MANAGERS),
    "POST /materials/{material_id}/complete": rows(SIGNED_IN, _FOR_USER),
    "GET /forms": rows(SIGNED_IN),
    "POST /forms": rows(MANAGERS),
    "GET /forms/{form_id}": rows(SIGNED_IN),
    "PUT /forms/{form_id}": rows(MANAGERS),
    "DELETE /forms/{form_id}": rows(MANAGERS),
    "PUT /forms/{form_id}/extensions/{participant_id}": rows(MANAGERS),
    "POST /forms/{form_id}/regrade": rows(MANAGERS),
    "GET /forms/{form_id}/statistics": rows(MANAGERS),
    f"PATCH {_SITTING}/answers": rows(SIGNED_IN, _own("sitting", 403)),
    f"POST {_SITTING}/submit": rows(SIGNED_IN, _own("sitting", 403)),
    "GET /form-submissions/pending": rows(MANAGERS),
    f"GET {_REVIEW}": rows(SIGNED_IN, _own("sitting", 403, *MANAGERS)),
    # The id that nothing has is that of somebody else, too.
    "GET /form-submissions/participant/{participant_id}": (Row(OWNER | MANAGERS, "participant"),),
    f"POST {_REVIEW}/grade": rows(MANAGERS, _AS_USER),
    f"POST {_REVIEW}/approve": rows(MANAGERS, _AS_USER),
    f"POST {_REVIEW}/reject": rows(MANAGERS, _AS_USER),
    f"POST {_REVIEW}/request-retake": rows(MANAGERS, _AS_USER),
    "GET /requirement-tables": rows(SIGNED_IN),
    "POST /requirement-tables": rows(MANAGERS),
    "GET /requirement-tables/{table_id}": rows(SIGNED_IN),
    "PUT /requirement-tables/{table_id}": rows(MANAGERS),
    "DELETE /requirement-tables/{table_id}": rows(MANAGERS),
    "GET /requirement-tables/{table_id}/my-submission": rows(SIGNED_IN, _FOR_USER),
    f"POST {_TABLE_SUBMISSION}/rows": rows(
        SIGNED_IN, _own("table", 403, serial_number=1, completed=True)
    ),
    f"POST {_TABLE_SUBMISSION}/submit": rows(SIGNED_IN, _own("table", 403)),
    "GET /requirement-tables/submissions/pending": rows(MANAGERS),
    f"POST {_TABLE_SUBMISSION}/rows/{{serial_number}}/approve": rows(MANAGERS, _AS_USER),
    f"POST {_TABLE_SUBMISSION}/approve": rows(MANAGERS, _AS_USER),
    "GET /participants/me/courses": rows(SIGNED_IN, _FOR_USER),
    "GET /participants/me/progress/{course_id}": rows(SIGNED_IN, _FOR_USER),
    "GET /participants/me/step/{step_id}/progress": rows(SIGNED_IN, _FOR_USER),
}
_SHOP = {
    f"GET {_CATALOG}/products": rows(EVERYBODY),
    f"GET {_CATALOG}/products/{{id}}": rows(EVERYBODY),
    f"GET {_CATALOG}/products/category/{{id}}": rows(EVERYBODY),
    f"GET {_CATALOG}/categories": rows(EVERYBODY),
    f"GET {_CATALOG}/brands": rows(EVERYBODY),
    f"POST {_STAFF_CATALOG}/products": rows(SHOP_STAFF),
    f"GET {_STAFF_CATALOG}/products/{{id}}": rows(SHOP_STAFF),
    f"PATCH {_STAFF_CATALOG}/products/{{id}}": rows(SHOP_STAFF),
    f"DELETE {_STAFF_CATALOG}/products/{{id}}": rows(SHOP_STAFF),
    f"PUT {_STAFF_CATALOG}/products/{{id}}/stock": rows(SHOP_STAFF),
    f"POST {_STAFF_CATALOG}/categories": rows(SHOP_STAFF),
    f"PATCH {_STAFF_CATALOG}/categories/{{id}}": rows(SHOP_STAFF),
    f"DELETE {_STAFF_CATALOG}/categories/{{id}}": rows(SHOP_STAFF),
    f"POST {_STAFF_CATALOG}/brands": rows(SHOP_STAFF),
    f"PATCH {_STAFF_CATALOG}/brands/{{id}}": rows(SHOP_STAFF),
    f"DELETE {_STAFF_CATALOG}/brands/{{id}}": rows(SHOP_STAFF),
    "GET /api/v1/cart": rows(SIGNED_IN),
    "DELETE /api/v1/cart": rows(SIGNED_IN),
    "POST /api/v1/cart/items": rows(SIGNED_IN),
    "PATCH /api/v1/cart/items/{item_id}": rows(SIGNED_IN, _own("line", 404, quantity=2)),
    "DELETE /api/v1/cart/items/{item_id}": rows(SIGNED_IN, _own("line", 404)),
    # Without an id: the documented 400.
    "PATCH /api/v1/cart/items": rows(SIGNED_IN),
    "DELETE /api/v1/cart/items": rows(SIGNED_IN),
    "POST /api/v1/orders": rows(SIGNED_IN),
    "GET /api/v1/orders": rows(SIGNED_IN),
    "POST /api/v1/orders/quote": rows(SIGNED_IN),
    f"GET {_ORDER}": rows(SIGNED_IN, _own("order", 403, *ORDER_VIEWERS)),
    f"POST {_ORDER}/cancel": rows(SIGNED_IN, _own("order", 403)),
    "GET /api/v1/admin/orders": rows(ORDER_VIEWERS),
    f"PATCH {_STAFF_ORDER}/status": rows(
        SHOP_STAFF, Row(SHOP_STAFF, "order", body={"status": "paid"})
    ),
    "GET /api/v1/admin/promotions": rows(SHOP_STAFF),
    "POST /api/v1/admin/promotions": rows(SHOP_STAFF),
    "GET /api/v1/admin/promotions/{promotion_id}": rows(SHOP_STAFF),
    "PUT /api/v1/admin/promotions/{promotion_id}": rows(SHOP_STAFF),
    "DELETE /api/v1/admin/promotions/{promotion_id}": rows(SHOP_STAFF),
}
_SUPPORT = FULL_ADMINS | {CUSTOMER_EXPERIENCE}
_ROLE_ROUTES = {
    f"GET {_ROLES}": rows(ROLE_STAFF),
    f"POST {_ROLES}": rows(ROLE_STAFF),
    f"GET {_ROLES}/{{role_id}}": rows(ROLE_STAFF),
    f"PUT {_ROLES}/{{role_id}}": rows(
        ROLE_STAFF,
        Row(FULL_ADMINS, "role with a permission", body={"name": "helpers of {role_id}"}),
    ),
    f"DELETE {_ROLES}/{{role_id}}": rows(ROLE_STAFF, Row(FULL_ADMINS, "role with a permission")),
    f"GET {_ROLES}/{{role_id}}/permissions": rows(ROLE_STAFF),
    # Nobody gives what they lack: only managers and full admins hold manage_products.
    f"POST {_ROLES}/{{role_id}}/permissions": rows(
        ROLE_STAFF,
        Row(MANAGERS, "empty role", body={"permission_id": "{manage_products}"}),
    ),
    f"DELETE {_ROLES}/{{role_id}}/permissions/{{permission_id}}": rows(ROLE_STAFF),
    f"GET {_PERMISSIONS}": rows(ROLE_STAFF),
    f"POST {_PERMISSIONS}": rows(ROLE_STAFF),
    f"GET {_PERMISSIONS}/{{permission_id}}": rows(ROLE_STAFF),
    f"PUT {_PERMISSIONS}/{{permission_id}}": rows(
        ROLE_STAFF, Row(FULL_ADMINS, "permission of admins", body={"description": "New"})
    ),
    f"DELETE {_PERMISSIONS}/{{permission_id}}": rows(
        ROLE_STAFF, Row(FULL_ADMINS, "permission of admins")
    ),
    f"GET {_USER_ROLES}": rows(ROLE_STAFF),
    f"POST {_USER_ROLES}": rows(
        ROLE_STAFF,
        Row(SUPERADMINS, "somebody", body={"role_name": "superadmin"}),
        Row(SUPERADMINS, "somebody", body={"role_name": "admin"}),
        Row(MANAGERS, "somebody", body={"role_name": "manager"}),
        Row(
            FULL_ADMINS | {CUSTOMER_EXPERIENCE},
            "somebody",
            body={"role_name": "customer_experience"},
        ),
        # To oneself it is no different.
        Row(SUPERADMINS, "caller", body={"role_name": "admin"}),
    ),
    f"DELETE {_USER_ROLES}/{{role_id}}": rows(ROLE_STAFF, Row(SUPERADMINS, "an admin's role")),
}
_SOCIOX = {
    "GET /api/v1/users/details": rows(SIGNED_IN),
    "POST /api/v1/users/delete": rows(SIGNED_IN),
    "POST /api/v1/users/confirm-delete": rows(EVERYBODY),
    f"GET {_CHILDREN}": rows(PARENTS),
    f"POST {_CHILDREN}": rows(PARENTS),
    f"PATCH {_CHILDREN}/{{child_id}}": rows(PARENTS, _own("child account", 400, name="New Name")),
    f"DELETE {_CHILDREN}/{{child_id}}": rows(PARENTS, _own("child account", 400)),
    "GET /api/v1/users/subscription": rows(SIGNED_IN),
    "GET /api/v1/users/subscription/ledger": rows(SIGNED_IN),
    "POST /api/v1/users/subscription/preview": rows(PARENTS),
    "POST /api/v1/users/subscribe": rows(PARENTS),
    "PUT /api/v1/users/subscription/update": rows(PARENTS),
    "POST /api/v1/users/cancel-subscription": rows(PARENTS),
    "POST /api/v1/admin/login": rows(EVERYBODY),
    "POST /api/v1/admin/create-admin": rows(SUPERADMINS),
    "GET /api/v1/admin/get-all-admins": rows(FULL_ADMINS),
    f"GET {_ADMIN_DETAILS}": rows(FULL_ADMINS, Row(FULL_ADMINS, "an admin")),
    f"PUT {_ADMIN_DETAILS}": rows(
        SUPERADMINS, Row(SUPERADMINS, "an admin", body={"permissions": ["manage_users"]})
    ),
    f"PATCH {_ADMIN_DETAILS}": rows(SUPERADMINS),
    f"PUT {_ADMIN_PERMISSIONS}": rows(
        SUPERADMINS, Row(SUPERADMINS, "an admin", body={"permissions": ["manage_users"]})
    ),
    f"PATCH {_ADMIN_PERMISSIONS}": rows(SUPERADMINS),
    "DELETE /api/v1/admin/delete-admin/{admin_id}": rows(SUPERADMINS, Row(SUPERADMINS, "an admin")),
    "GET /api/v1/admin/audit-log": rows(FULL_ADMINS),
    "GET /api/v1/admin/users": rows(_USERS),
    f"GET {_USER}/deactivate": rows(_USERS, Row(SUPERADMINS, "an admin's account")),
    f"POST {_USER}/deactivate": rows(_USERS, Row(SUPERADMINS, "an admin's account")),
    f"GET {_USER}/reactivate": rows(_USERS, Row(SUPERADMINS, "an admin's account")),
    f"POST {_USER}/reactivate": rows(_USERS, Row(_USERS, "somebody")),
    f"DELETE {_USER}": rows(
        _USERS, Row(_USERS, "somebody"), Row(SUPERADMINS, "an admin's account")
    ),
    "POST /api/v1/admin/users/sendPasswordResetLink": rows(
        _USERS,
        Row(_USERS, "somebody", body={"email": "{email}"}),
        Row(SUPERADMINS, "an admin's account", body={"email": "{email}"}),
    ),
    f"GET {_USER}/details": rows(_DETAILS, Row(_DETAILS, "somebody")),
    f"GET {_USER}/subscription": rows(_SUBSCRIPTIONS),
    f"POST {_USER}/subscription": rows(_SUBSCRIPTIONS),
    f"POST {_USER}/subscription/cancel": rows(_SUBSCRIPTIONS),
    f"POST {_USER}/subscription/update": rows(_SUBSCRIPTIONS),
    f"GET {_USER}/subscription/ledger": rows(_SUBSCRIPTIONS),
    f"GET {_PLANS}": rows(SIGNED_IN),
    f"POST {_PLANS}": rows(_SUBSCRIPTIONS),
    f"GET {_PLANS}/{{plan_id}}": rows(EVERYBODY),
    f"PUT {_PLANS}/{{plan_id}}": rows(_SUBSCRIPTIONS),
    f"GET {_PLANS}/category/{{category}}": rows(EVERYBODY),
    f"PATCH {_PLANS}/{{plan_id}}/features": rows(_SUBSCRIPTIONS),
    "PUT /api/v1/subscriptions/plan-features/{plan_id}": rows(_SUBSCRIPTIONS),
    f"POST {_STAFF_PLAN}/status": rows(_SUBSCRIPTIONS),
    f"DELETE {_STAFF_PLAN}": rows(_SUBSCRIPTIONS),
}
EXPECTED: Mapping[str, tuple[Row, ...]] = {
    **_OPS,
    **_ACCOUNTS,
    **_FORUM,
    **_LMS,
    **_SHOP,
    **_ROLE_ROUTES,
    **_SOCIOX,
}
