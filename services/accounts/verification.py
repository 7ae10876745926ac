"""Registering by SMS code: six digits to a phone, and a token that goes with them."""

import math
from dataclasses import dataclass
from datetime import timedelta

from bson import ObjectId

from repositories.accounts.codes import CodeRepository
from repositories.accounts.users import UserRepository
from repositories.errors import Taken
from repositories.types import Transaction
from services.accounts.identifiers import get_phone
from services.accounts.passwords import InvalidPassword, PasswordHasher, is_acceptable, same
from services.accounts.registration import PhoneTaken, RegistrationService
from services.accounts.sessions import SessionService, Tokens
from services.accounts.tokens import BadToken, CodeHasher, ExpiredToken, TokenSigner, new_code
from services.clock import Clock
from services.errors import Conflict, Invalid, Throttled
from services.limits import Limit, Quota
from services.messaging.outbox import OutboxService

CODE_LIFETIME = timedelta(minutes=5)
TOKEN_LIFETIME = timedelta(minutes=10)
CODES_OF_NUMBER = Limit("sms-code", 1, timedelta(seconds=60))
TRIES = 5
_PURPOSE = "verify_phone"


@dataclass(frozen=True, slots=True)
class SentCode:
    """The token that goes with a code, and when the next may be asked for."""

    token: str
    quota: Quota


class UserExists(Conflict):
    """The number has an account already; codes are for new ones."""

    code = "user_exists"

    def __init__(self) -> None:
        super().__init__("User with this phone number already exists.")


class InvalidVerificationToken(Invalid):
    """The token did not come from asking for a code."""

    code = "invalid_token"

    def __init__(self) -> None:
        super().__init__("Invalid token.")


class ExpiredVerificationToken(Invalid):
    """The token's ten minutes are over: ask for a new code."""

    code = "token_expired"

    def __init__(self) -> None:
        super().__init__("The token has expired.")


class InvalidCode(Invalid):
    """The code is wrong, expired, used, replaced by a newer one or guessed at too often."""

    code = "invalid_code"

    def __init__(self) -> None:
        super().__init__("Invalid or expired verification code.")


class VerificationService:
    """Sends codes and turns a right one into an account (CONTRACT section 3)."""

    def __init__(
        self,
        codes: CodeRepository,
        users: UserRepository,
        registration: RegistrationService,
        sessions: SessionService,
        hasher: PasswordHasher,
        signer: TokenSigner,
        code_hasher: CodeHasher,
        outbox: OutboxService,
        transaction: Transaction,
        clock: Clock,
    ):
        self._codes = codes
        self._users = users
        self._registration = registration
        self._sessions = sessions
        self._hasher = hasher
        self._signer = signer
        self._code_hasher = code_hasher
        self._outbox = outbox
        self._transaction = transaction
        self._clock = clock

    async def send_code(self, text: str) -> SentCode:
        """Send a code by SMS.

        Raises InvalidPhoneNumber, UserExists, or Throttled within 60 s of the last.
        """
        phone = get_phone(text)
        if await self._users.find_by_phone_identifier(phone) is not None:
            raise UserExists
        now = self._clock()
        request_id, code = ObjectId(), new_code()
        document = {
            "request_id": request_id,
            "code_hash": self._code_hasher.hash(request_id, code),
            "code_expires_at": now + CODE_LIFETIME,
            "tries": 0,
            "is_used": False,
            "sent_at": now,
            "expires_at": now + TOKEN_LIFETIME,
        }
        try:
            async with self._transaction() as tx:
                await self._codes.put(
                    phone, document, not_since=now - CODES_OF_NUMBER.window, tx=tx
                )
                await self._outbox.enqueue_sms(
                    "verification_code",
                    to=phone,
                    body=f"Your Agora code is {code}. It is good for 5 minutes.",
                    send_before=now + CODE_LIFETIME,
                    tx=tx,
                )
        except Taken:
            raise Throttled(
                "Please wait before requesting another code.", await self._quota(phone)
            ) from None
        token = self._signer.sign(_PURPOSE, request_id, TOKEN_LIFETIME, phone=phone)
        return SentCode(token, await self._quota(phone))

    async def _quota(self, phone: str) -> Quota:
        """What is left of the codes of a number that was just sent one."""
        last = await self._codes.find_by_phone(phone)
        sent_at = last["sent_at"] if last else self._clock()
        until_next = sent_at + CODES_OF_NUMBER.window - self._clock()
        return Quota(CODES_OF_NUMBER, 0, max(0, math.ceil(until_next.total_seconds())))

    async def register(self, token: str, code: str, password: str) -> Tokens:
        """Make the account of the phone number that the code was sent to, and sign it in.

        Raises InvalidPassword (which spends nothing), ExpiredVerificationToken,
        InvalidVerificationToken, InvalidCode, or UserExists.
        """
        request_id, phone = self._read_token(token)
        if not is_acceptable(password):
            raise InvalidPassword
        await self._check_code(request_id, code)
        if await self._users.find_by_phone_identifier(phone) is not None:
            raise UserExists
        try:
            return await self._open_account(request_id, phone, password)
        except PhoneTaken:
            raise UserExists from None
        except InvalidCode:
            raise
        except Exception:
            # The server was too busy, or the transaction lost: the right code was no guess.
            await self._codes.give_back_try(request_id)
            raise

    async def _open_account(self, request_id: ObjectId, phone: str, password: str) -> Tokens:
        password_hash = await self._hasher.hash(password)
        async with self._transaction() as tx:
            if not await self._codes.claim(request_id, tx=tx):
                raise InvalidCode
            user = await self._registration.insert_with_phone(phone, password_hash, tx=tx)
            return await self._sessions.open(user["_id"], tx=tx)

    def _read_token(self, token: str) -> tuple[ObjectId, str]:
        try:
            claims = self._signer.verify(_PURPOSE, token)
        except ExpiredToken:
            raise ExpiredVerificationToken from None
        except BadToken:
            raise InvalidVerificationToken from None
        return ObjectId(claims["sub"]), claims["phone"]

    async def _check_code(self, request_id: ObjectId, code: str) -> None:
        """Spend a try at the code. Raises InvalidCode."""
        sent = await self._codes.take_try(request_id, limit=TRIES, at=self._clock())
        if sent is None or not same(sent["code_hash"], self._code_hasher.hash(request_id, code)):
            raise InvalidCode
