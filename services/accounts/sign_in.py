"""Signing in with a password, against guessing."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from repositories.accounts.users import UserRepository
from repositories.types import Document, Transaction
from services.access.authority import is_admin
from services.access.errors import InsufficientPermissions
from services.accounts.identifiers import as_identifier
from services.accounts.passwords import PasswordHasher
from services.accounts.sessions import SessionService, Tokens
from services.accounts.standing import is_shut_out
from services.accounts.throttles import (
    LOGIN_FAILURES_OF_ACCOUNT,
    LOGIN_FAILURES_OF_ADDRESS,
    ThrottleService,
    network_of,
)
from services.errors import DomainError, Forbidden, Unauthenticated
from services.limits import Quota
from services.messaging.addresses import parse_email


class InvalidCredentials(Unauthenticated):
    """No account has this name with this password; which of the two is not told."""

    code = "invalid_credentials"

    def __init__(self) -> None:
        super().__init__("Invalid credentials")


class InactiveAccount(Forbidden):
    """The account, or a child's parent, was deactivated; told only to who has the password."""

    code = "account_inactive"

    def __init__(self) -> None:
        super().__init__("Account is inactive")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An account that just signed in, the tokens of its session, what is left to guess at it."""

    user: Document
    tokens: Tokens
    quotas: tuple[Quota, ...] = ()


class SignInService:
    """Checks passwords and opens sessions (CONTRACT section 3).

    Answers and refusals have the same `quotas` for the same attempts, whether the account is
    known, active, or neither: an account can't be told by them.
    """

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

    async def with_phone(self, text: str, password: str, *, address: str) -> SignedIn:
        """Sign in with a phone number or other forum identifier.

        `address` is the network address of who asks. Raises InvalidCredentials,
        InactiveAccount, Throttled or Unavailable.
        """
        identifier = as_identifier(text)
        user = await self._users.find_by_phone_identifier(identifier)
        return await self._open(user, _by_phone(identifier), password, address)

    async def with_email(self, text: str, password: str, *, address: str) -> SignedIn:
        """Sign in with an email address.

        `address` is the network address of who asks. Raises InvalidEmail,
        InvalidCredentials, InactiveAccount, Throttled or Unavailable.
        """
        email = parse_email(text)
        user = await self._users.find_by_email(email)
        return await self._open(user, _by_email(email), password, address)

    async def admin_with_email(self, text: str, password: str, *, address: str) -> SignedIn:
        """Like `with_email`, for admins and superadmins only.

        Raises InsufficientPermissions too, told only to the right password.
        """
        email = parse_email(text)
        user = await self._users.find_by_email(email)
        return await self._open(user, _by_email(email), password, address, allows=is_admin)

    async def check_password(
        self, user: Document, password: str, *, address: str
    ) -> tuple[Quota, ...]:
        """Check the password of who is signed in, by the same counters as signing in.

        Answers what is left of them. Raises InvalidCredentials, Throttled or Unavailable.
        """
        name = _name_of(user)
        async with self._telling_quotas(name, address):
            await self._check(user, name, password, address)
        return await self._quotas(name, address)

    async def forget_failures(self, user: Document, *, address: str) -> None:
        """Let an account sign in again from `address` at once, its owner being proven."""
        await self._throttles.clear(LOGIN_FAILURES_OF_ACCOUNT, _name_of(user), network_of(address))

    @asynccontextmanager
    async def _telling_quotas(self, name: str, address: str) -> AsyncIterator[None]:
        try:
            yield
        except DomainError as refusal:
            refusal.quotas = await self._quotas(name, address)
            raise

    async def _quotas(self, name: str, address: str) -> tuple[Quota, ...]:
        """What is left of the failures of an account from an address, and of the address."""
        network = network_of(address)
        return (
            await self._throttles.quota(LOGIN_FAILURES_OF_ACCOUNT, name, network),
            await self._throttles.quota(LOGIN_FAILURES_OF_ADDRESS, network),
        )

    async def _check(
        self, user: Document | None, name: str, password: str, address: str
    ) -> Document:
        """The account, whose password it is. Raises InvalidCredentials."""
        network = network_of(address)
        # An account that came by Google has no password, so none is right.
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
        return user

    async def _open(
        self,
        user: Document | None,
        name: str,
        password: str,
        address: str,
        *,
        allows: Callable[[Document], bool] = lambda _user: True,
    ) -> SignedIn:
        async with self._telling_quotas(name, address):
            checked = await self._check(user, name, password, address)
            async with self._transaction() as tx:
                # Read again: hashing takes long enough for the account or its password to go.
                current = await self._users.lock(checked["_id"], tx=tx)
                if current is None or current["password_hash"] != checked["password_hash"]:
                    raise InvalidCredentials
                if await is_shut_out(current, self._users, tx=tx):
                    raise InactiveAccount
                if not allows(current):
                    raise InsufficientPermissions
                tokens = await self._sessions.open(current["_id"], tx=tx)
        return SignedIn(current, tokens, await self._quotas(name, address))


def _name_of(user: Document) -> str:
    email = user.get("email")
    return _by_email(email) if email else _by_phone(user["phone_identifier"])


def _by_phone(identifier: str) -> str:
    """The name under which failures of an account are counted."""
    return f"phone:{identifier}"


def _by_email(email: str) -> str:
    return f"email:{email}"
