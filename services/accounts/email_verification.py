"""Proving that an email address is the account's: a mail with a link, and what the link does."""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.accounts.mailed_links import InvalidLink
from services.accounts.sessions import InvalidAccessToken
from services.accounts.throttles import ThrottleService, mails_of
from services.accounts.tokens import BadToken, TokenSigner
from services.clock import Clock
from services.errors import Conflict
from services.messaging.outbox import OutboxService

LINK_LIFETIME = timedelta(hours=24)
_KIND = "verify_email"
_TEXT = """Hello,

an Agora account was made with this email address. To confirm that it is yours, open this
link within 24 hours:

{link}

If it was not you, leave it alone; nothing happens without you.
"""


class NothingToVerify(Conflict):
    """The account has no address, or a verified one."""

    code = "nothing_to_verify"

    def __init__(self) -> None:
        super().__init__("The account has no email address that is still to be verified")


class EmailVerificationService:
    """Sends links and takes them back (CONTRACT section 3).

    A link holds a signed token about one account and one address. It works while that
    address is not verified, and so once.
    """

    def __init__(
        self,
        users: UserRepository,
        signer: TokenSigner,
        throttles: ThrottleService,
        outbox: OutboxService,
        transaction: Transaction,
        clock: Clock,
        *,
        public_url: str,
    ):
        self._users = users
        self._signer = signer
        self._throttles = throttles
        self._outbox = outbox
        self._transaction = transaction
        self._clock = clock
        self._public_url = public_url

    def allowance(self, email: str) -> AbstractAsyncContextManager[bool]:
        """Whether an address may get one more of these mails; uncounted when the block fails.

        Around the transaction, not in it: a refused attempt must leave its count alone.
        """
        return self._throttles.allowance(mails_of(_KIND), email)

    async def send(self, user: Document, *, tx: Tx) -> None:
        """Leave a mail with a link to the account's address in the outbox."""
        email = user["email"]
        token = self._signer.sign(_KIND, user["_id"], LINK_LIFETIME, email=email)
        await self._outbox.enqueue_mail(
            _KIND,
            to=email,
            subject="Confirm your email address",
            # Nothing of what was registered: anybody can register with another's address,
            # and would have a text of their own sent there.
            text=_TEXT.format(link=f"{self._public_url}/verify-email?token={token}"),
            send_before=self._clock() + LINK_LIFETIME,
            tx=tx,
        )

    async def send_again(self, *, actor: Actor) -> None:
        """Send the caller another link, within the limit.

        Raises NothingToVerify, or InvalidAccessToken when the account goes at this moment.
        """
        user = await self._users.find(actor.id)
        if user is None:
            raise InvalidAccessToken
        if user.get("email") is None or user["email_verified"]:
            raise NothingToVerify
        async with self.allowance(user["email"]) as is_allowed:
            if not is_allowed:
                return
            async with self._transaction() as tx:
                # Held: a mail to an account that goes meanwhile would stay.
                held = await self._users.lock(actor.id, tx=tx)
                if held is None:
                    raise InvalidAccessToken
                await self.send(held, tx=tx)

    async def verify(self, token: str) -> None:
        """Do what the link is for. Raises InvalidLink."""
        try:
            claims = self._signer.verify(_KIND, token)
        except BadToken:
            raise InvalidLink from None
        user_id, email = ObjectId(claims["sub"]), claims["email"]
        if not await self._users.claim_email_verification(user_id, email, at=self._clock()):
            raise InvalidLink
