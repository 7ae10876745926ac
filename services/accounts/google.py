"""Signing in by Google: from the address that people are sent to, to their way back."""

from dataclasses import dataclass
from datetime import timedelta

from repositories.accounts.oauth_states import OAuthStateRepository
from repositories.errors import Taken
from services.accounts.google_accounts import GoogleAccounts
from services.accounts.google_provider import GoogleProvider
from services.accounts.sign_in import SignedIn
from services.accounts.tokens import new_opaque, opaque_hash
from services.clock import Clock
from services.errors import Invalid, Unavailable

STATE_LIFETIME = timedelta(minutes=10)
_STATE_LENGTH = 255


class OAuthNotConfigured(Unavailable):
    """This server is not known to Google."""

    code = "oauth_not_configured"

    def __init__(self) -> None:
        super().__init__(
            "Sign-in by Google is not set up here: it needs --google-client-id",
            retry_after_seconds=3600,
        )


class InvalidState(Invalid):
    """The `state` can't be used: too long, live already, or, coming back, unknown."""

    code = "invalid_state"


class MissingCode(Invalid):
    """There is no authorization code."""

    code = "missing_code"

    def __init__(self) -> None:
        super().__init__("Missing authorization code")


class OAuthRefused(Invalid):
    """Google, or who was asked there, refused."""

    code = "oauth_error"

    def __init__(self) -> None:
        super().__init__("The sign-in was refused at Google")


@dataclass(frozen=True, slots=True)
class Authorization:
    """Where to go, and the `state` to come back with."""

    url: str
    state: str


class GoogleSignInService:
    """The two ends of a sign-in by Google (CONTRACT section 3).

    `provider` is None where it is not set up.
    """

    def __init__(
        self,
        provider: GoogleProvider | None,
        states: OAuthStateRepository,
        accounts: GoogleAccounts,
        clock: Clock,
    ):
        self._provider = provider
        self._states = states
        self._accounts = accounts
        self._clock = clock

    async def begin(self, state: str) -> Authorization:
        """Start a sign-in, with the caller's `state` or, for '', one of ours.

        Raises OAuthNotConfigured or InvalidState.
        """
        provider = self._get_provider()
        state = state or new_opaque()
        if len(state) > _STATE_LENGTH:
            raise InvalidState(f"state must be at most {_STATE_LENGTH} characters")
        now = self._clock()
        try:
            await self._states.put(opaque_hash(state), expires_at=now + STATE_LIFETIME, at=now)
        except Taken:
            raise InvalidState("state is in use; choose another, or none") from None
        return Authorization(provider.authorization_url(state), state)

    async def finish(self, *, code: str, state: str, error: str) -> SignedIn:
        """Sign in who comes back from Google; what is missing is ''.

        The state is spent whatever comes of it. Raises OAuthNotConfigured, OAuthRefused,
        MissingCode, InvalidState, CodeRefused, ProviderFailed, or what
        `GoogleAccounts.sign_in` raises.
        """
        provider = self._get_provider()
        is_ours = await self._states.take(opaque_hash(state), at=self._clock())
        if error:
            raise OAuthRefused
        if not code:
            raise MissingCode
        if not is_ours:
            raise InvalidState("state is missing, unknown, used or too old; start again")
        return await self._accounts.sign_in(await provider.identify(code))

    def _get_provider(self) -> GoogleProvider:
        if self._provider is None:
            raise OAuthNotConfigured
        return self._provider
