"""The routes of overviews."""

from handlers.access import MANAGERS
from handlers.lms.overview_views import FormStatisticsView, ParticipantsView
from handlers.lms.overviews import (
    CourseParticipantsHandler,
    CourseResultsHandler,
    FormStatisticsHandler,
)
from handlers.pagination import PageQuery
from handlers.routing import Route
from services.lms.errors import CourseNotFound, FormNotFound

_COURSE = "/courses/{course_id}"

ROUTES = (
    Route(
        "GET",
        f"{_COURSE}/participants",
        CourseParticipantsHandler,
        MANAGERS,
        answer=ParticipantsView,
        query=PageQuery,
        errors=(CourseNotFound,),
    ),
    Route(
        "GET",
        f"{_COURSE}/results.csv",
        CourseResultsHandler,
        MANAGERS,
        media_types=("text/csv",),
        errors=(CourseNotFound,),
    ),
    Route(
        "GET",
        "/forms/{form_id}/statistics",
        FormStatisticsHandler,
        MANAGERS,
        answer=FormStatisticsView,
        errors=(FormNotFound,),
    ),
)
