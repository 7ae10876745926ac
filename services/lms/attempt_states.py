"""The state machine of an attempt at an exam (CONTRACT section 6); every other move is refused.

InProgress --submit--> Submitted --grade--> UnderReview --grade--> UnderReview
InProgress --expire--> Rejected
Submitted, UnderReview --approve--> Approved
Submitted, UnderReview --reject--> Rejected
Submitted, UnderReview --request_retake--> RetakeRequested
"""

from enum import StrEnum

from services.errors import Invalid
from services.lms.statuses import AttemptStatus


class AttemptMove(StrEnum):
    """What can happen to an attempt."""

    SUBMIT = "submit"
    EXPIRE = "expire"
    GRADE = "grade"
    APPROVE = "approve"
    REJECT = "reject"
    REQUEST_RETAKE = "request_retake"


class AttemptRefusesMove(Invalid):
    """The attempt is in a state in which this can't be done (any more)."""

    code = "invalid_state"

    def __init__(self, status: AttemptStatus, move: AttemptMove):
        super().__init__(_SAID[move].format(status=status.value))


AWAITING_REVIEW = (AttemptStatus.SUBMITTED, AttemptStatus.UNDER_REVIEW)
_NEXT: dict[tuple[AttemptStatus, AttemptMove], AttemptStatus] = {
    (AttemptStatus.IN_PROGRESS, AttemptMove.SUBMIT): AttemptStatus.SUBMITTED,
    (AttemptStatus.IN_PROGRESS, AttemptMove.EXPIRE): AttemptStatus.REJECTED,
    **{
        (status, move): after
        for status in AWAITING_REVIEW
        for move, after in (
            (AttemptMove.GRADE, AttemptStatus.UNDER_REVIEW),
            (AttemptMove.APPROVE, AttemptStatus.APPROVED),
            (AttemptMove.REJECT, AttemptStatus.REJECTED),
            (AttemptMove.REQUEST_RETAKE, AttemptStatus.RETAKE_REQUESTED),
        )
    },
}
_SAID = {
    AttemptMove.SUBMIT: "This attempt is over; it is {status}",
    AttemptMove.EXPIRE: "This attempt is over; it is {status}",
    AttemptMove.GRADE: "Only a submitted attempt can be graded; this one is {status}",
    AttemptMove.APPROVE: "Only a submitted attempt can be approved; this one is {status}",
    AttemptMove.REJECT: "Only a submitted attempt can be rejected; this one is {status}",
    AttemptMove.REQUEST_RETAKE: (
        "A retake can only be requested of a submitted attempt; this one is {status}"
    ),
}


def after(status: AttemptStatus, move: AttemptMove) -> AttemptStatus:
    """The state that a move leads to. Raises AttemptRefusesMove."""
    try:
        return _NEXT[status, move]
    except KeyError:
        raise AttemptRefusesMove(status, move) from None
