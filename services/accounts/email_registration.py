"""Registering with an email address (SHOP, SOCIOX; CONTRACT section 3)."""

from typing import Any

from repositories.types import Transaction
from services.accounts.email_verification import EmailVerificationService
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
        verification: EmailVerificationService,
        sessions: SessionService,
        hasher: PasswordHasher,
        transaction: Transaction,
    ):
        self._registration = registration
        self._verification = verification
        self._sessions = sessions
        self._hasher = hasher
        self._transaction = transaction

    async def register(self, text: str, password: str, name: Name) -> SignedIn:
        """Make an account, mail it a link to verify its address, and sign it in.

        Raises InvalidEmail, InvalidPassword, EmailTaken or Unavailable.
        """
        email = parse_email(text)
        password_hash = await self._hasher.hash(password)
        return await self.open_account(email, name, password_hash)

    async def open_account(
        self, email: str, name: Name, password_hash: bytes | None, **fields: Any
    ) -> SignedIn:
        """Like `register`, with what was accepted already. Raises EmailTaken."""
        async with self._verification.allowance(email) as may_mail, self._transaction() as tx:
            user = await self._registration.insert_with_email(
                email, name, password_hash, tx=tx, **fields
            )
            if may_mail and not user["email_verified"]:
                await self._verification.send(user, tx=tx)
            return SignedIn(user, await self._sessions.open(user["_id"], tx=tx))
