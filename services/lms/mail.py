"""The mails of the LMS: to participants of what was decided, to managers of what awaits them."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.types import Tx
from services.accounts.throttles import ThrottleService, mails_of
from services.messaging.addresses import InvalidEmail
from services.messaging.outbox import OutboxService

_log = logging.getLogger("agora.lms")


class LmsMail:
    """Leaves mails in the transaction of what they tell of.

    `managers` are the addresses that are told of what awaits review.
    """

    def __init__(
        self,
        users: UserRepository,
        throttles: ThrottleService,
        outbox: OutboxService,
        managers: Sequence[str],
    ):
        self._users = users
        self._throttles = throttles
        self._outbox = outbox
        self._managers = managers

    @asynccontextmanager
    async def allowance(self, kind: str, participant_id: ObjectId) -> AsyncIterator[bool]:
        """Whether a mail of this kind goes to a participant; uncounted when the block fails.

        An address that was never verified may be another's, who did not ask for mail: it
        gets only so many in an hour (CONTRACT section 3). Around the transaction, not in it:
        what is refused must leave the count alone.
        """
        user = await self._users.find(participant_id)
        if user is None or user.get("email") is None or not user["is_active"]:
            yield False
        elif user["email_verified"]:
            yield True
        else:
            async with self._throttles.allowance(mails_of(kind), user["email"]) as is_allowed:
                yield is_allowed

    async def tell_participant(
        self, kind: str, participant_id: ObjectId, subject: str, remarks: str | None, *, tx: Tx
    ) -> None:
        """Tell what was decided; what a manager wrote only to an address that is theirs."""
        user = await self._users.find(participant_id, tx=tx)
        if user is None or user.get("email") is None:
            return
        text = f"{subject}.\n"
        if user["email_verified"] and remarks:
            text += f"\n{remarks}\n"
        try:
            await self._outbox.enqueue_mail(
                kind, to=user["email"], subject=subject, text=text, tx=tx
            )
        except InvalidEmail:
            # That somebody can't be told is no reason to decide nothing.
            _log.warning("no mail can go to the address of account %s", user["_id"])

    async def tell_managers(self, kind: str, subject: str, text: str, *, tx: Tx) -> None:
        """Tell that something awaits review."""
        for address in self._managers:
            await self._outbox.enqueue_mail(kind, to=address, subject=subject, text=text, tx=tx)
