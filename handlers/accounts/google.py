"""Signing in by Google (SHOP; CONTRACT section 3)."""

from handlers.accounts.auth import AccountHandler
from handlers.base import SecretAnswer
from handlers.data import DataHandler
from handlers.parameters import Query
from services.accounts.google_provider import ProviderFailed


class BeginQuery(Query, frozen=True, kw_only=True):
    """A state of the caller's own to come back with; without one it is made."""

    state: str = ""


class CallbackQuery(Query, frozen=True, kw_only=True):
    """What Google sends the browser back with: a `code`, or the `error` why there is none."""

    code: str = ""
    state: str = ""
    error: str = ""


class AuthorizationView(SecretAnswer, frozen=True, kw_only=True):
    """Where to send the browser, and the state that it comes back with."""

    url: str
    state: str


class GoogleHandler(DataHandler):
    """Tell where somebody agrees to sign in by Google."""

    async def get(self) -> None:
        """SHOP "GET /api/v1/auth/google"."""
        state = self.read_query(BeginQuery).state
        authorization = await self.services.accounts.google.begin(state)
        self.render_data(AuthorizationView(url=authorization.url, state=authorization.state))


class GoogleCallbackHandler(AccountHandler):
    """Sign in who comes back from Google."""

    statuses = {ProviderFailed: 502}

    async def get(self) -> None:
        """SHOP "GET /api/v1/auth/google/callback"."""
        query = self.read_query(CallbackQuery)
        signed_in = await self.services.accounts.google.finish(
            code=query.code, state=query.state, error=query.error
        )
        await self.render_signed_in(signed_in, "Login successful")
