"""The routes of requirement tables, and of what is done in them."""

from handlers.access import MANAGERS
from handlers.lms.requirement_tables import NewTable, TableChanges, TableHandler, TablesHandler
from handlers.lms.requirement_views import TableSummaryView, TableView
from handlers.routing import SIGNED_IN, Route

_TABLES = "/requirement-tables"
_TABLE = f"{_TABLES}/{{table_id}}"

ROUTES = (
    Route("GET", _TABLES, TablesHandler, SIGNED_IN, answer=list[TableSummaryView]),
    Route("POST", _TABLES, TablesHandler, MANAGERS, NewTable, TableView),
    Route("GET", _TABLE, TableHandler, SIGNED_IN, answer=TableView),
    Route("PUT", _TABLE, TableHandler, MANAGERS, TableChanges, TableView),
    Route("DELETE", _TABLE, TableHandler, MANAGERS),
)
