"""LMS: what it answers, to whom, what comes in and what goes out."""

from handlers.lms import (
    course_routes,
    exam_routes,
    form_routes,
    overview_routes,
    progress_routes,
    requirement_routes,
    step_routes,
    submission_routes,
)
from handlers.routing import Route

ROUTES: tuple[Route, ...] = (
    *course_routes.ROUTES,
    *step_routes.ROUTES,
    *form_routes.ROUTES,
    *exam_routes.ROUTES,
    *submission_routes.ROUTES,
    *requirement_routes.ROUTES,
    *progress_routes.ROUTES,
    *overview_routes.ROUTES,
)
