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
from services.access.authority import OwnAccount
from services.access.errors import InsufficientPermissions
from services.accounts.registration import EmailTaken
from services.accounts.sign_in import InactiveAccount, InvalidCredentials
from services.errors import Throttled
from services.sociox.admins import AdminNotFound

_DETAILS = "/admin/get-admin-details/{admin_id}"
_PERMISSIONS = "/admin/update-admin-permissions/{admin_id}"

ROUTES = (
    served(
        "POST",
        "/admin/login",
        AdminLoginHandler,
        PUBLIC,
        body=Login,
        answer=SignedInAnswer,
        errors=(InvalidCredentials, InactiveAccount, InsufficientPermissions, Throttled),
    ),
    served(
        "POST",
        "/admin/create-admin",
        CreateAdminHandler,
        SUPERADMINS,
        body=NewAdmin,
        answer=UserView,
        status=201,
        errors=(EmailTaken,),
    ),
    served("GET", "/admin/get-all-admins", AdminsHandler, FULL_ADMINS, answer=list[UserView]),
    served(
        "GET", _DETAILS, AdminDetailsHandler, FULL_ADMINS, answer=UserView, errors=(AdminNotFound,)
    ),
    *(
        served(
            method,
            path,
            AdminDetailsHandler,
            SUPERADMINS,
            body=AdminPermissions,
            answer=UserView,
            errors=(AdminNotFound,),
        )
        for path in (_DETAILS, _PERMISSIONS)
        for method in ("PUT", "PATCH")
    ),
    served(
        "DELETE",
        "/admin/delete-admin/{admin_id}",
        DeleteAdminHandler,
        SUPERADMINS,
        errors=(OwnAccount, AdminNotFound),
    ),
)
