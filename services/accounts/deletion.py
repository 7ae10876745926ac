"""Deleting one's account by mail: a link to its address, and what the link does."""

from datetime import timedelta

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.types import Transaction
from services.access.actor import Actor
from services.accounts.erasure import AccountErasure
from services.accounts.mailed_links import LinkPurpose, MailedLinks
from services.accounts.sessions import InvalidAccessToken
from services.accounts.throttles import ThrottleService, mails_of
from services.clock import Clock
from services.errors import Invalid
from services.limits import Quota
from services.messaging.addresses import parse_email
from services.messaging.outbox import OutboxService

LIFETIME = timedelta(minutes=15)
_TEXT = """Hello,

the deletion of the Agora account with this email address was asked for. To delete it for
good, with everything that is yours, open this link within 15 minutes:

{link}

A newer mail takes the place of this one. If it was not you, change your password: somebody
is signed in to your account. Nothing is deleted without this link.
"""


class EmailRequired(Invalid):
    """There is nowhere to send a link to."""

    code = "email_required"

    def __init__(self) -> None:
        super().__init__("The account has no email address to send a link to")


class OtherEmail(Invalid):
    """Who is signed in elsewhere could have the link sent to themselves."""

    code = "other_email"

    def __init__(self) -> None:
        super().__init__("email must be the account's own address, or be left out")


class AccountDeletionService:
    """Mails a link to the account's own address, and takes it back (CONTRACT section 5)."""

    def __init__(
        self,
        users: UserRepository,
        links: MailedLinks,
        erasure: AccountErasure,
        throttles: ThrottleService,
        outbox: OutboxService,
        transaction: Transaction,
        clock: Clock,
        *,
        public_url: str,
    ):
        self._users = users
        self._links = links
        self._erasure = erasure
        self._throttles = throttles
        self._outbox = outbox
        self._transaction = transaction
        self._clock = clock
        self._public_url = public_url

    async def request(self, given: str | None, *, actor: Actor) -> Quota:
        """Mail the caller a link; `given` is what they take for their address, if anything.

        Answers how many more they may have. Raises EmailRequired, InvalidEmail, OtherEmail
        or Throttled.
        """
        user = await self._users.find(actor.id)
        if user is None:
            raise InvalidAccessToken
        email = user.get("email")
        if email is None:
            raise EmailRequired
        if given and parse_email(given) != email:
            raise OtherEmail
        limit = mails_of(LinkPurpose.CONFIRM_DELETION)
        async with (
            self._throttles.within(limit, email),
            self._transaction() as tx,
        ):
            # Held: a link of an account that goes meanwhile would stay.
            if await self._users.lock(actor.id, tx=tx) is None:
                raise InvalidAccessToken
            token = await self._links.issue(
                LinkPurpose.CONFIRM_DELETION, actor.id, LIFETIME, request_id=ObjectId(), tx=tx
            )
            await self._outbox.enqueue_mail(
                LinkPurpose.CONFIRM_DELETION,
                to=email,
                subject="Confirm the deletion of your account",
                text=_TEXT.format(link=f"{self._public_url}/confirm-delete?token={token}"),
                send_before=self._clock() + LIFETIME,
                tx=tx,
            )
        return await self._throttles.quota(limit, email)

    async def check_link(self, token: str) -> None:
        """Say whether the link would work now, and leave it unused. Raises InvalidLink."""
        await self._links.get(LinkPurpose.CONFIRM_DELETION, token)

    async def confirm(self, token: str) -> None:
        """Delete the account that the link was sent to.

        Raises InvalidLink, or LastSuperadmin, which spends nothing.
        """
        link = await self._links.get(LinkPurpose.CONFIRM_DELETION, token)
        async with self._transaction() as tx:
            user = await self._links.claim(link, tx=tx)
            await self._erasure.erase(user["_id"], tx=tx)
