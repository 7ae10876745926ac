"""Accounts with an email, shared with SOCIOX: each route under `/api/auth/` too."""

from handlers.accounts.auth import (
    ChangePassword,
    ChangePasswordHandler,
    Done,
    Login,
    LoginHandler,
    LogoutHandler,
    ProfileHandler,
    ProfileView,
    Refresh,
    RefreshHandler,
    Register,
    RegisterHandler,
    SignedInAnswer,
    TokensView,
)
from handlers.accounts.deletion_page import ConfirmDeletionPage
from handlers.accounts.email_verification import (
    ResendVerificationHandler,
    Sent,
    VerifyEmailHandler,
)
from handlers.accounts.google import (
    AuthorizationView,
    BeginQuery,
    CallbackQuery,
    GoogleCallbackHandler,
    GoogleHandler,
)
from handlers.accounts.reset_page import ResetPasswordPage
from handlers.pages import LinkQuery
from handlers.routing import PUBLIC, SIGNED_IN, Route
from services.access.errors import LastSuperadmin
from services.accounts.email_verification import NothingToVerify
from services.accounts.google import OAuthNotConfigured
from services.accounts.google_accounts import EmailNotVerified, OtherIdentity
from services.accounts.google_provider import ProviderFailed
from services.accounts.registration import EmailTaken
from services.accounts.sessions import InvalidRefreshToken
from services.accounts.sign_in import InactiveAccount, InvalidCredentials
from services.errors import Throttled

ROUTES = (
    Route(
        "POST",
        "/api/v1/auth/register",
        RegisterHandler,
        PUBLIC,
        Register,
        SignedInAnswer,
        aliases=("/api/auth/register",),
        status=201,
        errors=(EmailTaken,),
    ),
    Route(
        "POST",
        "/api/v1/auth/login",
        LoginHandler,
        PUBLIC,
        Login,
        SignedInAnswer,
        aliases=("/api/auth/login",),
        errors=(InvalidCredentials, InactiveAccount, Throttled),
    ),
    Route(
        "POST",
        "/api/v1/auth/refresh",
        RefreshHandler,
        PUBLIC,
        Refresh,
        TokensView,
        aliases=("/api/auth/refresh",),
        errors=(InvalidRefreshToken,),
    ),
    Route(
        "GET",
        "/api/v1/auth/profile",
        ProfileHandler,
        SIGNED_IN,
        answer=ProfileView,
        aliases=("/api/auth/profile",),
    ),
    Route(
        "POST",
        "/api/v1/auth/logout",
        LogoutHandler,
        SIGNED_IN,
        aliases=("/api/auth/logout",),
        status=204,
    ),
    Route(
        "POST",
        "/api/v1/auth/change-password",
        ChangePasswordHandler,
        SIGNED_IN,
        ChangePassword,
        Done,
        aliases=("/api/auth/change-password",),
        errors=(Throttled,),
    ),
    Route(
        "POST",
        "/api/v1/auth/resend-verification",
        ResendVerificationHandler,
        SIGNED_IN,
        answer=Sent,
        aliases=("/api/auth/resend-verification",),
        errors=(NothingToVerify,),
    ),
    Route(
        "GET",
        "/api/v1/auth/google",
        GoogleHandler,
        PUBLIC,
        answer=AuthorizationView,
        aliases=("/api/auth/google",),
        query=BeginQuery,
        errors=(OAuthNotConfigured,),
    ),
    Route(
        "GET",
        "/api/v1/auth/google/callback",
        GoogleCallbackHandler,
        PUBLIC,
        answer=SignedInAnswer,
        aliases=("/api/auth/google/callback",),
        query=CallbackQuery,
        errors=(
            InactiveAccount,
            EmailNotVerified,
            EmailTaken,
            OtherIdentity,
            ProviderFailed,
            OAuthNotConfigured,
        ),
        has_head=False,
    ),
    *(
        Route(
            method,
            path,
            page,
            PUBLIC,
            query=LinkQuery,
            media_types=("text/html",),
            errors=errors,
        )
        for path, page, errors in (
            ("/verify-email", VerifyEmailHandler, ()),
            ("/reset-password", ResetPasswordPage, ()),
            ("/confirm-delete", ConfirmDeletionPage, (LastSuperadmin,)),
        )
        for method in ("GET", "POST")
    ),
)
