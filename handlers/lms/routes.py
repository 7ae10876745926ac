"""LMS: what it answers, to whom, what comes in and what goes out."""

from handlers.lms import course_routes, form_routes, requirement_routes, step_routes
from handlers.routing import Route

ROUTES: tuple[Route, ...] = (
    *course_routes.ROUTES,
    *step_routes.ROUTES,
    *form_routes.ROUTES,
    *requirement_routes.ROUTES,
)
