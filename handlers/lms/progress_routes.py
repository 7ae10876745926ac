"""The routes of progress."""

from handlers.lms.progress import CourseProgressHandler, MyCoursesHandler, StepProgressHandler
from handlers.lms.progress_views import CourseProgressView, MyCourseView, StepStandingView
from handlers.routing import SIGNED_IN, Route

_MINE = "/participants/me"

ROUTES = (
    Route("GET", f"{_MINE}/courses", MyCoursesHandler, SIGNED_IN, answer=list[MyCourseView]),
    Route(
        "GET",
        f"{_MINE}/progress/{{course_id}}",
        CourseProgressHandler,
        SIGNED_IN,
        answer=CourseProgressView,
    ),
    Route(
        "GET",
        f"{_MINE}/step/{{step_id}}/progress",
        StepProgressHandler,
        SIGNED_IN,
        answer=StepStandingView,
    ),
)
