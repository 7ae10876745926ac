"""The routes of forgotten passwords, for who can't sign in."""

from handlers.routing import PUBLIC
from handlers.sociox.base import served
from handlers.sociox.password_reset import (
    ForgotPassword,
    ForgotPasswordHandler,
    ResetByCode,
    ResetByCodeHandler,
    ResetByLink,
    ResetByLinkHandler,
)

ROUTES = (
    served("POST", "/auth/forgot-password", ForgotPasswordHandler, PUBLIC, body=ForgotPassword),
    served("POST", "/auth/reset-password", ResetByCodeHandler, PUBLIC, body=ResetByCode),
    served("POST", "/admin/users/reset-password", ResetByLinkHandler, PUBLIC, body=ResetByLink),
)
