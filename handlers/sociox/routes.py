"""SOCIOX: what it answers, to whom, what comes in and what goes out."""

from handlers.routing import Route

ROUTES: tuple[Route, ...] = ()
