"""The routes of progress."""

from handlers.lms.progress import CourseProgressHandler, MyCoursesHandler, StepProgressHandler
from handlers.lms.progress_views import CourseProgressView, MyCourseView, StepStandingView
from handlers.lms.queries import ParticipantQuery
from handlers.routing import SIGNED_IN, Route
from services.lms.errors import AnotherParticipant, CourseNotFound, StepNotFound

_MINE = "/participants/me"

ROUTES = (
    Route(
        "GET",
        f"{_MINE}/courses",
        MyCoursesHandler,
        SIGNED_IN,
        answer=list[MyCourseView],
        query=ParticipantQuery,
        errors=(AnotherParticipant,),
    ),
    Route(
        "GET",
        f"{_MINE}/progress/{{course_id}}",
        CourseProgressHandler,
        SIGNED_IN,
        answer=CourseProgressView,
        query=ParticipantQuery,
        errors=(AnotherParticipant, CourseNotFound),
    ),
    Route(
        "GET",
        f"{_MINE}/step/{{step_id}}/progress",
        StepProgressHandler,
        SIGNED_IN,
        answer=StepStandingView,
        query=ParticipantQuery,
        errors=(AnotherParticipant, StepNotFound),
    ),
)
