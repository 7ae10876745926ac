"""Registering with an email address (SHOP, SOCIOX; CONTRACT section 3)."""

from repositories.types import Transaction
from services.accounts.names import Name
from services.accounts.passwords import PasswordHasher
from services.accounts.registration import RegistrationService
from services.accounts.sessions import SessionService
from services.accounts.sign_in import SignedIn
from services.messaging.addresses import parse_email


class EmailRegistrationService:
    """Makes accounts with an email and signs them in."""

    def __init__(
        self,
        registration: RegistrationService,
        sessions: SessionService,
        hasher: PasswordHasher,
        transaction: Transaction,
    ):
        self._registration = registration
        self._sessions = sessions
        self._hasher = hasher
        self._transaction = transaction

    async def register(self, text: str, password: str, name: Name) -> SignedIn:
        """Make an account and sign it in.

        Raises InvalidEmail, InvalidPassword, EmailTaken or Unavailable.
        """
        email = parse_email(text)
        password_hash = await self._hasher.hash(password)
        async with self._transaction() as tx:
            user = await self._registration.insert_with_email(email, name, password_hash, tx=tx)
            return SignedIn(user, await self._sessions.open(user["_id"], tx=tx))
