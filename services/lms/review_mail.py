"""The mails about submissions: to managers of a new one, to the participant of the decision."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.types import Document, Tx
from services.accounts.throttles import ThrottleService, mails_of
from services.lms.attempt_states import AttemptMove
from services.messaging.addresses import InvalidEmail
from services.messaging.outbox import OutboxService

_log = logging.getLogger("agora.lms")

_SUBJECTS = {
    AttemptMove.APPROVE: "You have passed {exam}",
    AttemptMove.REJECT: "Your submission of {exam} was rejected",
    AttemptMove.REQUEST_RETAKE: "You are asked to take {exam} again",
}
_SUBMITTED = "exam_submitted"


class ReviewMail:
    """Leaves the mails in the transaction of what they tell of.

    `managers` are the addresses that are told of each new submission.
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
    async def allowance(self, move: AttemptMove, participant_id: ObjectId) -> AsyncIterator[bool]:
        """Whether a decision is told to the participant; uncounted when the block fails.

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
            limit = mails_of(_kind(move))
            async with self._throttles.allowance(limit, user["email"]) as is_allowed:
                yield is_allowed

    async def tell_participant(self, move: AttemptMove, attempt: Document, *, tx: Tx) -> None:
        """Tell what was decided; what the manager wrote only to an address that is theirs."""
        user = await self._users.find(attempt["participant_id"], tx=tx)
        if user is None or user.get("email") is None:
            return
        subject = _SUBJECTS[move].format(exam=attempt["form_name"])
        text = f"{subject}.\n"
        if user["email_verified"] and attempt["feedback"]:
            text += f"\n{attempt['feedback']}\n"
        try:
            await self._outbox.enqueue_mail(
                _kind(move), to=user["email"], subject=subject, text=text, tx=tx
            )
        except InvalidEmail:
            # That somebody can't be told is no reason to decide nothing.
            _log.warning("no mail can go to the address of account %s", user["_id"])

    async def tell_managers(self, attempt: Document, *, tx: Tx) -> None:
        """Tell that an attempt awaits its review."""
        text = (
            f"Attempt {attempt['attempt_number']} at {attempt['form_name']} was submitted "
            f"and awaits its review.\n\nSubmission {attempt['_id']}\n"
        )
        subject = f"New submission of {attempt['form_name']}"
        for address in self._managers:
            await self._outbox.enqueue_mail(
                _SUBMITTED, to=address, subject=subject, text=text, tx=tx
            )


def _kind(move: AttemptMove) -> str:
    return f"exam_{move.value}"
