"""Signing in with a password, against guessing."""

from repositories.accounts.users import UserRepository
from repositories.types import Document, Transaction
from services.accounts.identifiers import as_identifier
from services.accounts.passwords import PasswordHasher
from services.accounts.sessions import SessionService, Tokens
from services.accounts.throttles import (
    LOGIN_FAILURES_OF_ACCOUNT,
    LOGIN_FAILURES_OF_ADDRESS,
    ThrottleService,
    network_of,
)
from services.errors import Forbidden, Unauthenticated


class InvalidCredentials(Unauthenticated):
    """No account has this name with this password; which of the two is not told."""

    code = "invalid_credentials"

    def __init__(self) -> None:
        super().__init__("Invalid credentials")


class InactiveAccount(Forbidden):
    """The account was deactivated; told only to who has its password."""

    code = "account_inactive"

    def __init__(self) -> None:
        super().__init__("Account is inactive")


class SignInService:
    """Checks passwords and opens sessions (CONTRACT section 3)."""

    def __init__(
        self,
        users: UserRepository,
        sessions: SessionService,
        hasher: PasswordHasher,
        throttles: ThrottleService,
        transaction: Transaction,
    ):
        self._users = users
        self._sessions = sessions
        self._hasher = hasher
        self._throttles = throttles
        self._transaction = transaction

    async def with_phone(self, text: str, password: str, *, address: str) -> Tokens:
        """Sign in with a phone number or other forum identifier.

        `address` is the network address of who asks. Raises InvalidCredentials,
        InactiveAccount, Throttled or Unavailable.
        """
        identifier = as_identifier(text)
        user = await self._users.find_by_phone_identifier(identifier)
        return await self._open(user, f"phone:{identifier}", password, address)

    async def _open(self, user: Document | None, name: str, password: str, address: str) -> Tokens:
        network = network_of(address)
        password_hash = user["password_hash"] if user else None
        async with (
            self._throttles.attempt(LOGIN_FAILURES_OF_ADDRESS, network, counts=InvalidCredentials),
            self._throttles.attempt(
                LOGIN_FAILURES_OF_ACCOUNT, name, network, counts=InvalidCredentials
            ),
        ):
            if not await self._hasher.check(password, password_hash) or user is None:
                raise InvalidCredentials
        await self._throttles.clear(LOGIN_FAILURES_OF_ACCOUNT, name, network)
        async with self._transaction() as tx:
            # Read again: hashing takes long enough for the account or its password to go.
            current = await self._users.lock(user["_id"], tx=tx)
            if current is None or current["password_hash"] != password_hash:
                raise InvalidCredentials
            if not current["is_active"]:
                raise InactiveAccount
            return await self._sessions.open(user["_id"], tx=tx)
