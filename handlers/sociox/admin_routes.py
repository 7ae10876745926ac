"""The routes of admins."""

from handlers.access import FULL_ADMINS, SUPERADMINS
from handlers.accounts.auth import Login, SignedInAnswer
from handlers.accounts.user_view import UserView
from handlers.routing import PUBLIC
from handlers.sociox.admins import (
    AdminDetailsHandler,
    AdminLoginHandler,
    AdminPermissions,
    AdminsHandler,
    CreateAdminHandler,
    DeleteAdminHandler,
    NewAdmin,
)
from handlers.sociox.base import served

_DETAILS = "/admin/get-admin-details/{admin_id}"
_PERMISSIONS = "/admin/update-admin-permissions/{admin_id}"

ROUTES = (
    served("POST", "/admin/login", AdminLoginHandler, PUBLIC, body=Login, answer=SignedInAnswer),
    served(
        "POST",
        "/admin/create-admin",
        CreateAdminHandler,
        SUPERADMINS,
        body=NewAdmin,
        answer=UserView,
        status=201,
    ),
    served("GET", "/admin/get-all-admins", AdminsHandler, FULL_ADMINS, answer=list[UserView]),
    served("GET", _DETAILS, AdminDetailsHandler, FULL_ADMINS, answer=UserView),
    *(
        served(
            method, path, AdminDetailsHandler, SUPERADMINS, body=AdminPermissions, answer=UserView
        )
        for path in (_DETAILS, _PERMISSIONS)
        for method in ("PUT", "PATCH")
    ),
    served("DELETE", "/admin/delete-admin/{admin_id}", DeleteAdminHandler, SUPERADMINS),
)
