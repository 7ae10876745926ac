"""The routes of the caller's own account."""

from handlers.accounts.user_view import UserView
from handlers.routing import PUBLIC, SIGNED_IN
from handlers.sociox.account import (
    ConfirmDeletion,
    ConfirmDeletionHandler,
    DeleteAccount,
    DeleteAccountHandler,
    UserDetailsHandler,
)
from handlers.sociox.base import served
from services.access.errors import LastSuperadmin
from services.errors import Throttled

ROUTES = (
    served("GET", "/users/details", UserDetailsHandler, SIGNED_IN, answer=UserView),
    served(
        "POST",
        "/users/delete",
        DeleteAccountHandler,
        SIGNED_IN,
        body=DeleteAccount,
        errors=(Throttled,),
    ),
    served(
        "POST",
        "/users/confirm-delete",
        ConfirmDeletionHandler,
        PUBLIC,
        body=ConfirmDeletion,
        errors=(LastSuperadmin,),
    ),
)
