"""The routes of forms."""

from handlers.access import MANAGERS
from handlers.lms.form_views import FormSummaryView, FormView
from handlers.lms.forms import FormChanges, FormHandler, FormsHandler, NewForm
from handlers.routing import SIGNED_IN, Route

_FORMS = "/forms"
_FORM = f"{_FORMS}/{{form_id}}"

ROUTES = (
    Route("GET", _FORMS, FormsHandler, SIGNED_IN, answer=list[FormSummaryView]),
    Route("POST", _FORMS, FormsHandler, MANAGERS, NewForm, FormView),
    Route("GET", _FORM, FormHandler, SIGNED_IN, answer=FormView),
    Route("PUT", _FORM, FormHandler, MANAGERS, FormChanges, FormView),
    Route("DELETE", _FORM, FormHandler, MANAGERS),
)
