"""What the mails about submissions say: to managers of a new one, to participants of a decision."""

from contextlib import AbstractAsyncContextManager

from bson import ObjectId

from repositories.types import Document, Tx
from services.lms.attempt_states import AttemptMove
from services.lms.mail import LmsMail

_SUBJECTS = {
    AttemptMove.APPROVE: "You have passed {exam}",
    AttemptMove.REJECT: "Your submission of {exam} was rejected",
    AttemptMove.REQUEST_RETAKE: "You are asked to take {exam} again",
}
_SUBMITTED = "exam_submitted"


class ReviewMail:
    """Tells of attempts in the transaction of what happened to them."""

    def __init__(self, mail: LmsMail):
        self._mail = mail

    def allowance(
        self, move: AttemptMove, participant_id: ObjectId
    ) -> AbstractAsyncContextManager[bool]:
        """Whether a decision is told to the participant, as `LmsMail.allowance` says."""
        return self._mail.allowance(_kind(move), participant_id)

    async def tell_participant(self, move: AttemptMove, attempt: Document, *, tx: Tx) -> None:
        """Tell what was decided, and why."""
        subject = _SUBJECTS[move].format(exam=attempt["form_name"])
        await self._mail.tell_participant(
            _kind(move), attempt["participant_id"], subject, attempt["feedback"], tx=tx
        )

    async def tell_managers(self, attempt: Document, *, tx: Tx) -> None:
        """Tell that an attempt awaits its review."""
        text = (
            f"Attempt {attempt['attempt_number']} at {attempt['form_name']} was submitted "
            f"and awaits its review.\n\nSubmission {attempt['_id']}\n"
        )
        await self._mail.tell_managers(
            _SUBMITTED, f"New submission of {attempt['form_name']}", text, tx=tx
        )


def _kind(move: AttemptMove) -> str:
    return f"exam_{move.value}"
