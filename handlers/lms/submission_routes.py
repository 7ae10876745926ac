"""The routes of submissions and their review."""

from handlers.access import MANAGERS
from handlers.lms.submission_views import (
    ApprovedView,
    ParticipantSubmissionView,
    ReviewedView,
    SubmissionDetailsView,
    SubmissionView,
)
from handlers.lms.submissions import (
    ApprovalBody,
    ApproveHandler,
    GradeHandler,
    Grades,
    ParticipantSubmissionsHandler,
    PendingHandler,
    RejectHandler,
    RejectionBody,
    RetakeBody,
    RetakeHandler,
    SubmissionHandler,
)
from handlers.routing import SIGNED_IN, Route

_SUBMISSIONS = "/form-submissions"
_SUBMISSION = f"{_SUBMISSIONS}/{{submission_id}}"

ROUTES = (
    Route("GET", f"{_SUBMISSIONS}/pending", PendingHandler, MANAGERS, answer=list[SubmissionView]),
    Route("GET", _SUBMISSION, SubmissionHandler, SIGNED_IN, answer=SubmissionDetailsView),
    Route(
        "GET",
        f"{_SUBMISSIONS}/participant/{{participant_id}}",
        ParticipantSubmissionsHandler,
        SIGNED_IN,
        answer=list[ParticipantSubmissionView],
    ),
    Route("POST", f"{_SUBMISSION}/grade", GradeHandler, MANAGERS, Grades, ReviewedView),
    Route("POST", f"{_SUBMISSION}/approve", ApproveHandler, MANAGERS, ApprovalBody, ApprovedView),
    Route("POST", f"{_SUBMISSION}/reject", RejectHandler, MANAGERS, RejectionBody, ReviewedView),
    Route(
        "POST", f"{_SUBMISSION}/request-retake", RetakeHandler, MANAGERS, RetakeBody, ReviewedView
    ),
)
