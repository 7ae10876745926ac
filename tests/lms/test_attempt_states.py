"""The moves of an attempt (CONTRACT section 6)."""

import pytest

from services.lms.attempt_states import AttemptMove, AttemptRefusesMove, after
from services.lms.statuses import AttemptStatus

S, M = AttemptStatus, AttemptMove
ALLOWED = {
    (S.IN_PROGRESS, M.SUBMIT): S.SUBMITTED,
    (S.IN_PROGRESS, M.EXPIRE): S.REJECTED,
    (S.SUBMITTED, M.GRADE): S.UNDER_REVIEW,
    (S.SUBMITTED, M.APPROVE): S.APPROVED,
    (S.SUBMITTED, M.REJECT): S.REJECTED,
    (S.SUBMITTED, M.REQUEST_RETAKE): S.RETAKE_REQUESTED,
    (S.UNDER_REVIEW, M.GRADE): S.UNDER_REVIEW,
    (S.UNDER_REVIEW, M.APPROVE): S.APPROVED,
    (S.UNDER_REVIEW, M.REJECT): S.REJECTED,
    (S.UNDER_REVIEW, M.REQUEST_RETAKE): S.RETAKE_REQUESTED,
}


@pytest.mark.parametrize("status", AttemptStatus)
@pytest.mark.parametrize("move", AttemptMove)
def test_an_attempt_moves_only_as_it_may(status: AttemptStatus, move: AttemptMove):
    if (status, move) in ALLOWED:
        assert after(status, move) is ALLOWED[status, move]
    else:
        with pytest.raises(AttemptRefusesMove, match=status.value):
            after(status, move)
