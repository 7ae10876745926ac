"""Registering, signing in, refreshing and logging out with a forum account."""

from handlers.base import SecretAnswer
from handlers.bodies import Body, MissingFields
from handlers.forum.base import ForumHandler, TokenInBodyHandler
from handlers.forum.views import Message, TokenPair
from services.accounts.registration import PhoneTaken
from services.accounts.sessions import (
    InvalidAccessToken,
    InvalidRefreshToken,
)
from services.accounts.sign_in import InvalidCredentials
from services.errors import Invalid

_BOTH_REQUIRED = "Phone number and password are required"


class Credentials(Body, frozen=True, kw_only=True):
    """A forum account's name and password; `phone_number` wins over `username`."""

    password: str
    phone_number: str | None = None
    username: str | None = None

    missing = {"password": _BOTH_REQUIRED}

    @property
    def identifier(self) -> str:
        """What the account is called. Raises MissingFields."""
        identifier = self.phone_number or self.username
        if not identifier:
            raise MissingFields(["phone_number"], _BOTH_REQUIRED)
        return identifier


class RegisterHandler(ForumHandler):
    """Make a forum account."""

    # As documented: both of its errors are 401.
    statuses = {MissingFields: 401, PhoneTaken: 401}

    async def post(self) -> None:
        """FORUM section 1."""
        body = self.parse(Credentials)
        await self.services.accounts.registration.with_phone(body.identifier, body.password)
        self.render(Message(message="Registration successful"), status=201)


class LoginHandler(ForumHandler):
    """Sign in with a phone number and a password."""

    async def post(self) -> None:
        """FORUM section 2, FORUM-OLD section 1."""
        body = self.parse(Credentials)
        # The two documents give the same refusal different statuses.
        self.statuses = {InvalidCredentials: 400 if body.phone_number else 401}
        signed_in = await self.services.accounts.sign_in.with_phone(
            body.identifier, body.password, address=self.request.remote_ip or ""
        )
        self.set_quotas(*signed_in.quotas)
        tokens = signed_in.tokens
        self.render(TokenPair(refresh=tokens.refresh, access=tokens.access))


class Refresh(Body, frozen=True, kw_only=True):
    """A refresh token."""

    refresh: str

    missing = {"refresh": "Invalid or expired refresh token"}


class NewAccess(SecretAnswer, frozen=True, kw_only=True):
    """A new access token."""

    access: str


class RefreshHandler(ForumHandler):
    """Get a new access token for a refresh token."""

    # CONTRACT section 3: a missing refresh token is the documented 401 too.
    statuses = {MissingFields: 401}

    async def post(self) -> None:
        """FORUM section 3."""
        body = self.parse(Refresh)
        self.render(
            NewAccess(access=await self.services.accounts.sessions.renew_access(body.refresh))
        )


class Logout(Body, frozen=True, kw_only=True):
    """FORUM-OLD sends its refresh token to log out; it wins over an access token."""

    refresh: str | None = None


class NothingToLogOut(Invalid):
    """Neither token came with the request."""

    code = "token_required"

    def __init__(self) -> None:
        super().__init__("Refresh token is required.")


class LogoutHandler(TokenInBodyHandler):
    """End the session of an access or a refresh token."""

    statuses = {InvalidAccessToken: 400, InvalidRefreshToken: 400}
    words = {InvalidAccessToken: "Invalid token.", InvalidRefreshToken: "Invalid token."}

    async def post(self) -> None:
        """FORUM section 5, FORUM-OLD section 5."""
        refresh = self.parse(Logout).refresh or None
        access = None if refresh else self.bearer_token()
        if refresh is None and access is None:
            raise NothingToLogOut
        await self.services.accounts.sessions.end(access=access, refresh=refresh)
        self.render(Message(message="Successfully logged out."))
