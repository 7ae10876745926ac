"""Links in mails whose token proves that the address is read: made, looked at, used once."""

from datetime import timedelta
from enum import StrEnum
from typing import Any

from bson import ObjectId

from repositories.accounts.mailed_links import MailedLinkRepository
from repositories.accounts.users import UserRepository
from repositories.types import Document, Tx
from services.accounts.standing import is_shut_out
from services.accounts.tokens import new_opaque, opaque_hash
from services.clock import Clock
from services.errors import Invalid


class LinkPurpose(StrEnum):
    """What a link is for; it does nothing else."""

    RESET_PASSWORD = "reset_password"  # noqa: S105 - a purpose, no password
    CONFIRM_DELETION = "confirm_deletion"


class InvalidLink(Invalid):
    """The link in a mail is not ours, is too old, or has done its work."""

    code = "invalid_link"

    def __init__(self) -> None:
        super().__init__("This link was used before or is no longer valid")


class MailedLinks:
    """Links with an opaque token, of which only the hash is kept (CONTRACT section 3).

    An account has one for each purpose: a newer one voids the older.
    """

    def __init__(self, links: MailedLinkRepository, users: UserRepository, clock: Clock):
        self._links = links
        self._users = users
        self._clock = clock

    async def issue(
        self,
        purpose: LinkPurpose,
        user_id: ObjectId,
        lifetime: timedelta,
        *,
        tx: Tx,
        request_id: ObjectId,
        **fields: Any,
    ) -> str:
        """The token of a new link, good for `lifetime`; `fields` are kept with it."""
        token = new_opaque()
        link = {
            **fields,
            "request_id": request_id,
            "token_hash": opaque_hash(token),
            "expires_at": self._clock() + lifetime,
        }
        await self._links.put(user_id, purpose.value, link, tx=tx)
        return token

    async def get(self, purpose: LinkPurpose, token: str) -> Document:
        """The live link of a token, which stays unused. Raises InvalidLink."""
        link = await self._links.find_by_token(purpose.value, opaque_hash(token), at=self._clock())
        if link is None:
            raise InvalidLink
        return link

    async def claim(self, link: Document, *, tx: Tx) -> Document:
        """Use a link up and answer its account, which stays as it is meanwhile.

        Raises InvalidLink when another was first, and for an account that is shut out.
        """
        user = await self._users.lock(link["user_id"], tx=tx)
        if user is None or await is_shut_out(user, self._users, tx=tx):
            raise InvalidLink
        if not await self._links.claim(link, tx=tx):
            raise InvalidLink
        return user
