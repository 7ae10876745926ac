"""The routes of submissions and their review."""

from handlers.access import MANAGERS
from handlers.lms.queries import ManagerQuery, PendingQuery
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
from services.lms.attempt_moves import AnotherSubmission, SubmissionNotFound
from services.lms.errors import AnotherManager, AnotherParticipant, ParticipantNotFound

_SUBMISSIONS = "/form-submissions"
_SUBMISSION = f"{_SUBMISSIONS}/{{submission_id}}"

ROUTES = (
    Route(
        "GET",
        f"{_SUBMISSIONS}/pending",
        PendingHandler,
        MANAGERS,
        answer=list[SubmissionView],
        query=PendingQuery,
    ),
    Route(
        "GET",
        _SUBMISSION,
        SubmissionHandler,
        SIGNED_IN,
        answer=SubmissionDetailsView,
        errors=(AnotherSubmission, SubmissionNotFound),
    ),
    Route(
        "GET",
        f"{_SUBMISSIONS}/participant/{{participant_id}}",
        ParticipantSubmissionsHandler,
        SIGNED_IN,
        answer=list[ParticipantSubmissionView],
        errors=(AnotherParticipant, ParticipantNotFound),
    ),
    Route(
        "POST",
        f"{_SUBMISSION}/grade",
        GradeHandler,
        MANAGERS,
        Grades,
        ReviewedView,
        query=ManagerQuery,
        errors=(AnotherManager, SubmissionNotFound),
    ),
    Route(
        "POST",
        f"{_SUBMISSION}/approve",
        ApproveHandler,
        MANAGERS,
        ApprovalBody,
        ApprovedView,
        query=ManagerQuery,
        errors=(AnotherManager, SubmissionNotFound),
    ),
    Route(
        "POST",
        f"{_SUBMISSION}/reject",
        RejectHandler,
        MANAGERS,
        RejectionBody,
        ReviewedView,
        query=ManagerQuery,
        errors=(AnotherManager, SubmissionNotFound),
    ),
    Route(
        "POST",
        f"{_SUBMISSION}/request-retake",
        RetakeHandler,
        MANAGERS,
        RetakeBody,
        ReviewedView,
        query=ManagerQuery,
        errors=(AnotherManager, SubmissionNotFound),
    ),
)
