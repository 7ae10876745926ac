"""The routes of user management."""

from handlers.access import admins_who
from handlers.accounts.user_view import UserView
from handlers.sociox.base import served
from handlers.sociox.user_details import UserDetailsHandler, UserDetailsView
from handlers.sociox.users import (
    DeactivateHandler,
    ReactivateHandler,
    ResetLink,
    SendResetLinkHandler,
    UserHandler,
    UsersHandler,
    UsersQuery,
)
from services.access.actor import AdminPermission
from services.access.authority import OwnAccount
from services.sociox.errors import UnknownUser
from services.sociox.users import TooManyResetMails

_USERS = "/admin/users"
_MANAGE = admins_who(AdminPermission.MANAGE_USERS)

ROUTES = (
    served(
        "GET",
        f"{_USERS}/{{user_id}}/details",
        UserDetailsHandler,
        admins_who(AdminPermission.VIEW_USER_DETAILS),
        answer=UserDetailsView,
        errors=(UnknownUser,),
    ),
    served("GET", _USERS, UsersHandler, _MANAGE, answer=list[UserView], query=UsersQuery),
    *(
        served(
            method,
            f"{_USERS}/{{user_id}}/{action}",
            handler,
            _MANAGE,
            answer=UserView,
            errors=(OwnAccount, UnknownUser),
            has_head=False,
        )
        for action, handler in (
            ("deactivate", DeactivateHandler),
            ("reactivate", ReactivateHandler),
        )
        for method in ("GET", "POST")
    ),
    served(
        "DELETE", f"{_USERS}/{{user_id}}", UserHandler, _MANAGE, errors=(OwnAccount, UnknownUser)
    ),
    served(
        "POST",
        f"{_USERS}/sendPasswordResetLink",
        SendResetLinkHandler,
        _MANAGE,
        body=ResetLink,
        errors=(UnknownUser, TooManyResetMails),
    ),
)
