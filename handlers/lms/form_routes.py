"""The routes of forms."""

from handlers.access import MANAGERS
from handlers.lms.form_views import FormSummaryView, FormView
from handlers.lms.forms import FormChanges, FormHandler, FormsHandler, NewForm
from handlers.lms.queries import StepQuery
from handlers.routing import SIGNED_IN, Route
from services.lms.errors import FormNotFound

_FORMS = "/forms"
_FORM = f"{_FORMS}/{{form_id}}"

ROUTES = (
    Route("GET", _FORMS, FormsHandler, SIGNED_IN, answer=list[FormSummaryView], query=StepQuery),
    Route("POST", _FORMS, FormsHandler, MANAGERS, NewForm, FormView, status=201),
    Route("GET", _FORM, FormHandler, SIGNED_IN, answer=FormView, errors=(FormNotFound,)),
    Route("PUT", _FORM, FormHandler, MANAGERS, FormChanges, FormView, errors=(FormNotFound,)),
    Route("DELETE", _FORM, FormHandler, MANAGERS, status=204, errors=(FormNotFound,)),
)
