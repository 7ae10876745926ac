"""Forgotten passwords: a mail with a link and a code, either of which sets a new one once."""

from contextlib import AbstractAsyncContextManager, suppress
from datetime import timedelta

from bson import ObjectId

from repositories.accounts.mailed_links import MailedLinkRepository
from repositories.accounts.sessions import SessionRepository
from repositories.accounts.users import UserRepository
from repositories.errors import WriteConflict
from repositories.types import Document, Transaction, Tx
from services.accounts.mailed_links import InvalidLink, LinkPurpose, MailedLinks
from services.accounts.passwords import InvalidPassword, PasswordHasher, is_acceptable, same
from services.accounts.sign_in import SignInService
from services.accounts.standing import is_shut_out
from services.accounts.throttles import ThrottleService, mails_of
from services.accounts.timing import at_least
from services.accounts.tokens import CodeHasher, new_code
from services.clock import Clock
from services.errors import Invalid
from services.limits import Quota
from services.messaging.addresses import parse_email
from services.messaging.outbox import OutboxService

LIFETIME = timedelta(minutes=10)
TRIES = 5
_ANSWER_SECONDS = 0.1
_CONFLICT_TRIES = 5
_TEXT = """Hello,

a new password was asked for, for the Agora account with this email address.
Within 10 minutes you can enter this code where you were asked for it:

{code}

or open this link and choose a new password there:

{link}

Either works once, and a newer mail takes the place of this one. If it was not you, leave it
alone; nothing happens without you.
"""


class InvalidOtp(Invalid):
    """The code is wrong, expired, used, replaced by a newer one or guessed at too often."""

    code = "invalid_otp"

    def __init__(self) -> None:
        super().__init__("Invalid or expired OTP")


class PasswordResetService:
    """Mails links and codes, and takes them back (CONTRACT section 3, "Forgot password")."""

    def __init__(
        self,
        users: UserRepository,
        sessions: SessionRepository,
        link_repository: MailedLinkRepository,
        links: MailedLinks,
        sign_in: SignInService,
        throttles: ThrottleService,
        hasher: PasswordHasher,
        code_hasher: CodeHasher,
        outbox: OutboxService,
        transaction: Transaction,
        clock: Clock,
        *,
        public_url: str,
    ):
        self._users = users
        self._sessions = sessions
        self._link_repository = link_repository
        self._links = links
        self._sign_in = sign_in
        self._throttles = throttles
        self._hasher = hasher
        self._code_hasher = code_hasher
        self._outbox = outbox
        self._transaction = transaction
        self._clock = clock
        self._public_url = public_url

    async def request(self, text: str) -> None:
        """Mail whoever has this address, if an account in use does, within the limit.

        The caller learns nothing of it, not from the time it takes either. Raises
        InvalidEmail.
        """
        email = parse_email(text)
        async with at_least(_ANSWER_SECONDS):
            for _ in range(_CONFLICT_TRIES):
                # Tried again here: only of an account that there is can transactions meet.
                with suppress(WriteConflict):
                    await self._mail_whoever_has(email)
                    break

    async def _mail_whoever_has(self, email: str) -> None:
        async with self.allowance(email) as may_mail, self._transaction() as tx:
            found = await self._users.find_by_email(email)
            user = None if found is None else await self._users.lock(found["_id"], tx=tx)
            if user is None or await is_shut_out(user, self._users, tx=tx):
                return
            if may_mail:
                await self.send(user, tx=tx)

    def allowance(self, email: str) -> AbstractAsyncContextManager[bool]:
        """Whether an address may get one more of these mails; uncounted when the block fails.

        Around the transaction, not in it: a refused attempt must leave its count alone.
        """
        return self._throttles.allowance(mails_of(LinkPurpose.RESET_PASSWORD), email)

    async def quota(self, email: str) -> Quota:
        """How many more of these mails an address may get; not for who asks for their own."""
        return await self._throttles.quota(mails_of(LinkPurpose.RESET_PASSWORD), email)

    async def send(self, user: Document, *, tx: Tx) -> None:
        """Leave a mail with a link and a code to the account's address in the outbox.

        `user` is an account with an email, held by `tx`.
        """
        request_id, code = ObjectId(), new_code()
        token = await self._links.issue(
            LinkPurpose.RESET_PASSWORD,
            user["_id"],
            LIFETIME,
            request_id=request_id,
            code_hash=self._code_hasher.hash(request_id, code),
            tries=0,
            tx=tx,
        )
        await self._outbox.enqueue_mail(
            LinkPurpose.RESET_PASSWORD,
            to=user["email"],
            subject="Choose a new password",
            text=_TEXT.format(code=code, link=f"{self._public_url}/reset-password?token={token}"),
            send_before=self._clock() + LIFETIME,
            tx=tx,
        )

    async def check_link(self, token: str) -> None:
        """Say whether the link would work now, and leave it unused. Raises InvalidLink."""
        await self._links.get(LinkPurpose.RESET_PASSWORD, token)

    async def by_link(self, token: str, password: str, *, address: str) -> None:
        """Set a new password by the link's token; `address` is the network one of who asks.

        Raises InvalidPassword, which spends nothing, InvalidLink or Unavailable.
        """
        if not is_acceptable(password):
            raise InvalidPassword
        link = await self._links.get(LinkPurpose.RESET_PASSWORD, token)
        await self._set(link, await self._hasher.hash(password), address)

    async def by_code(self, text: str, code: str, password: str, *, address: str) -> None:
        """Like `by_link`, by the email address and the code that was mailed to it.

        Raises InvalidEmail, InvalidPassword, which spends nothing, InvalidOtp or Unavailable.
        """
        email = parse_email(text)
        if not is_acceptable(password):
            raise InvalidPassword
        # A guess at a code that was mailed is counted, and so takes longer than any other.
        async with at_least(_ANSWER_SECONDS):
            link = await self._guessed(email, code)
            try:
                await self._set(link, await self._hasher.hash(password), address)
            except InvalidLink:
                raise InvalidOtp from None
            except Exception:
                # The server was too busy, or the transaction lost: the right code was no guess.
                await self._link_repository.give_back_try(link)
                raise

    async def _guessed(self, email: str, code: str) -> Document:
        """The link that came with a code. Raises InvalidOtp, having spent a try."""
        user = await self._users.find_by_email(email)
        if user is None:
            raise InvalidOtp
        link = await self._link_repository.take_try(
            user["_id"], LinkPurpose.RESET_PASSWORD, limit=TRIES, at=self._clock()
        )
        if link is None:
            raise InvalidOtp
        if not same(link["code_hash"], self._code_hasher.hash(link["request_id"], code)):
            raise InvalidOtp
        return link

    async def _set(self, link: Document, password_hash: bytes, address: str) -> None:
        async with self._transaction() as tx:
            user = await self._links.claim(link, tx=tx)
            await self._users.reset_password(user, password_hash, at=self._clock(), tx=tx)
            await self._sessions.delete_of(user["_id"], tx=tx)
        # Who forgot a password has tried many.
        await self._sign_in.forget_failures(user, address=address)
