"""Accounts with an email: registering, signing in, refreshing, logging out.

SOCIOX shares these routes (CONTRACT section 3): it finds `message` and `token` at the
top of an answer, SHOP its own under `data`.
"""

from datetime import datetime

from handlers.accounts.user_view import UserView
from handlers.base import Answer, SecretAnswer, WholeAnswer
from handlers.bodies import Body, MissingFields
from handlers.data import DataHandler
from repositories.types import Document
from services.accounts.names import Name, joined_name, split_name
from services.accounts.sessions import Tokens
from services.accounts.sign_in import SignedIn


class TokensView(SecretAnswer, frozen=True, kw_only=True):
    """The tokens of a session; `expires_at` is the access token's end."""

    access_token: str
    refresh_token: str
    expires_at: datetime

    @classmethod
    def of(cls, tokens: Tokens) -> "TokensView":
        """Tokens as SHOP names them."""
        return cls(
            access_token=tokens.access,
            refresh_token=tokens.refresh,
            expires_at=tokens.expires_at,
        )


class SignedInView(TokensView, frozen=True, kw_only=True):
    """Who signed in, and the tokens of the session."""

    user: UserView


class SignedInAnswer(WholeAnswer, SecretAnswer, frozen=True, kw_only=True):
    """SHOP's `data`; `message` and `token`, the access token, for SOCIOX."""

    data: SignedInView
    message: str
    token: str


class AccountHandler(DataHandler):
    """A route that answers with an account."""

    async def view(self, user: Document) -> UserView:
        """An account as its owner sees it."""
        return UserView.of(user, await self.services.access.assignments.names_in(user))

    async def render_signed_in(
        self, signed_in: SignedIn, message: str, *, status: int = 200
    ) -> None:
        """Answer a sign-in as both documents read it."""
        tokens = signed_in.tokens
        data = SignedInView(
            user=await self.view(signed_in.user),
            access_token=tokens.access,
            refresh_token=tokens.refresh,
            expires_at=tokens.expires_at,
        )
        answer = SignedInAnswer(data=data, message=message, token=tokens.access)
        self.render(answer, status=status)


class Register(Body, frozen=True, kw_only=True):
    """A new account: `name`, which wins, or `first_name` with `last_name`."""

    email: str
    password: str
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None

    def read_name(self) -> Name:
        """The person's name. Raises MissingFields or InvalidName."""
        if self.name:
            return split_name(self.name)
        if not self.first_name and not self.last_name:
            raise MissingFields(["name"], "name, or first_name with last_name, is required")
        if not self.first_name:
            raise MissingFields(["first_name"], "first_name is required")
        if not self.last_name:
            raise MissingFields(["last_name"], "last_name is required")
        return joined_name(self.first_name, self.last_name)


class RegisterHandler(AccountHandler):
    """Make an account with an email and sign it in."""

    async def post(self) -> None:
        """SHOP "POST /api/v1/auth/register", SOCIOX "Register parent email"."""
        body = self.parse(Register)
        signed_in = await self.services.accounts.email_registration.register(
            body.email, body.password, body.read_name()
        )
        await self.render_signed_in(signed_in, "User registered successfully", status=201)


class Login(Body, frozen=True, kw_only=True):
    """An email and its account's password."""

    email: str
    password: str


class LoginHandler(AccountHandler):
    """Sign in with an email and a password."""

    async def post(self) -> None:
        """SHOP "POST /api/v1/auth/login", SOCIOX "Login email"."""
        body = self.parse(Login)
        signed_in = await self.services.accounts.sign_in.with_email(
            body.email, body.password, address=self.request.remote_ip or ""
        )
        self.set_quotas(*signed_in.quotas)
        await self.render_signed_in(signed_in, "Login successful")


class Refresh(Body, frozen=True, kw_only=True):
    """A refresh token."""

    refresh_token: str


class RefreshHandler(DataHandler):
    """Exchange a refresh token for new tokens; it is used up by that."""

    async def post(self) -> None:
        """SHOP "POST /api/v1/auth/refresh"."""
        body = self.parse(Refresh)
        tokens = await self.services.accounts.sessions.rotate(body.refresh_token)
        self.render_data(TokensView.of(tokens))


class ProfileView(Answer, frozen=True, kw_only=True):
    """The caller's account and its roles, those that staff made too."""

    user: UserView
    roles: list[str]


class ProfileHandler(AccountHandler):
    """See the caller's own account."""

    async def get(self) -> None:
        """SHOP "GET /api/v1/auth/profile"."""
        user = await self.services.accounts.profile.get_user(actor=self.actor)
        shown = await self.view(user)
        self.render_data(ProfileView(user=shown, roles=shown.roles))


class LogoutHandler(DataHandler):
    """End every session of the caller."""

    async def post(self) -> None:
        """SHOP "POST /api/v1/auth/logout"."""
        await self.services.accounts.sessions.end_all(actor=self.actor)
        self.render_nothing()


class ChangePassword(Body, frozen=True, kw_only=True):
    """The password that is, and the one to be."""

    current_password: str
    new_password: str


class Done(Answer, frozen=True, kw_only=True):
    """That it is done."""

    message: str


class ChangePasswordHandler(DataHandler):
    """Change the caller's password, and end their other sessions."""

    async def post(self) -> None:
        """CONTRACT section 3, "Passwords"; the session that asks goes on."""
        body = self.parse(ChangePassword)
        quotas = await self.services.accounts.password_change.change(
            body.current_password,
            body.new_password,
            address=self.request.remote_ip or "",
            actor=self.actor,
        )
        self.set_quotas(*quotas)
        self.render_data(Done(message="Password changed successfully"))
