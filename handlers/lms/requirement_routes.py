"""The routes of requirement tables, and of what is done in them."""

from handlers.access import MANAGERS
from handlers.lms.queries import ManagerQuery, ParticipantQuery, StepQuery
from handlers.lms.requirement_submissions import (
    MySubmissionHandler,
    RowDecision,
    RowEntry,
    RowHandler,
    RowReviewHandler,
    SubmitTableHandler,
    TableApproval,
    TableReviewHandler,
    WaitingSubmissionsHandler,
)
from handlers.lms.requirement_tables import NewTable, TableChanges, TableHandler, TablesHandler
from handlers.lms.requirement_views import (
    ReviewedView,
    RowUpdatedView,
    SubmissionView,
    TableSubmittedView,
    TableSummaryView,
    TableView,
    WaitingSubmissionView,
)
from handlers.routing import SIGNED_IN, Route
from services.lms.errors import (
    AnotherManager,
    AnotherParticipant,
    RequirementTableNotFound,
    StepLocked,
)
from services.lms.requirement_keeping import SubmissionNotFound
from services.lms.requirement_rows import RowNotFound
from services.lms.requirement_submissions import AnotherSubmission

_TABLES = "/requirement-tables"
_TABLE = f"{_TABLES}/{{table_id}}"
_SUBMISSIONS = f"{_TABLES}/submissions"
_SUBMISSION = f"{_SUBMISSIONS}/{{submission_id}}"

ROUTES = (
    Route("GET", _TABLES, TablesHandler, SIGNED_IN, answer=list[TableSummaryView], query=StepQuery),
    Route("POST", _TABLES, TablesHandler, MANAGERS, NewTable, TableView, status=201),
    Route(
        "GET", _TABLE, TableHandler, SIGNED_IN, answer=TableView, errors=(RequirementTableNotFound,)
    ),
    Route(
        "PUT",
        _TABLE,
        TableHandler,
        MANAGERS,
        TableChanges,
        TableView,
        errors=(RequirementTableNotFound,),
    ),
    Route("DELETE", _TABLE, TableHandler, MANAGERS, status=204, errors=(RequirementTableNotFound,)),
    Route(
        "GET",
        f"{_TABLE}/my-submission",
        MySubmissionHandler,
        SIGNED_IN,
        answer=SubmissionView,
        query=ParticipantQuery,
        errors=(StepLocked, AnotherParticipant, RequirementTableNotFound),
    ),
    Route(
        "POST",
        f"{_SUBMISSION}/rows",
        RowHandler,
        SIGNED_IN,
        RowEntry,
        RowUpdatedView,
        query=ParticipantQuery,
        errors=(StepLocked, AnotherParticipant, AnotherSubmission, SubmissionNotFound),
    ),
    Route(
        "POST",
        f"{_SUBMISSION}/submit",
        SubmitTableHandler,
        SIGNED_IN,
        answer=TableSubmittedView,
        query=ParticipantQuery,
        errors=(StepLocked, AnotherParticipant, AnotherSubmission, SubmissionNotFound),
    ),
    Route(
        "GET",
        f"{_SUBMISSIONS}/pending",
        WaitingSubmissionsHandler,
        MANAGERS,
        answer=list[WaitingSubmissionView],
        query=StepQuery,
    ),
    Route(
        "POST",
        f"{_SUBMISSION}/rows/{{serial_number}}/approve",
        RowReviewHandler,
        MANAGERS,
        RowDecision,
        ReviewedView,
        query=ManagerQuery,
        errors=(AnotherManager, SubmissionNotFound, RowNotFound),
    ),
    Route(
        "POST",
        f"{_SUBMISSION}/approve",
        TableReviewHandler,
        MANAGERS,
        TableApproval,
        ReviewedView,
        query=ManagerQuery,
        errors=(AnotherManager, SubmissionNotFound),
    ),
)
