"""The routes of requirement tables, and of what is done in them."""

from handlers.access import MANAGERS
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

_TABLES = "/requirement-tables"
_TABLE = f"{_TABLES}/{{table_id}}"
_SUBMISSIONS = f"{_TABLES}/submissions"
_SUBMISSION = f"{_SUBMISSIONS}/{{submission_id}}"

ROUTES = (
    Route("GET", _TABLES, TablesHandler, SIGNED_IN, answer=list[TableSummaryView]),
    Route("POST", _TABLES, TablesHandler, MANAGERS, NewTable, TableView),
    Route("GET", _TABLE, TableHandler, SIGNED_IN, answer=TableView),
    Route("PUT", _TABLE, TableHandler, MANAGERS, TableChanges, TableView),
    Route("DELETE", _TABLE, TableHandler, MANAGERS),
    Route("GET", f"{_TABLE}/my-submission", MySubmissionHandler, SIGNED_IN, answer=SubmissionView),
    Route("POST", f"{_SUBMISSION}/rows", RowHandler, SIGNED_IN, RowEntry, RowUpdatedView),
    Route(
        "POST", f"{_SUBMISSION}/submit", SubmitTableHandler, SIGNED_IN, answer=TableSubmittedView
    ),
    Route(
        "GET",
        f"{_SUBMISSIONS}/pending",
        WaitingSubmissionsHandler,
        MANAGERS,
        answer=list[WaitingSubmissionView],
    ),
    Route(
        "POST",
        f"{_SUBMISSION}/rows/{{serial_number}}/approve",
        RowReviewHandler,
        MANAGERS,
        RowDecision,
        ReviewedView,
    ),
    Route(
        "POST", f"{_SUBMISSION}/approve", TableReviewHandler, MANAGERS, TableApproval, ReviewedView
    ),
)
