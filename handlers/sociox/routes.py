"""SOCIOX: what it answers, to whom, what comes in and what goes out."""

from handlers.routing import Route
from handlers.sociox import (
    account_routes,
    admin_routes,
    audit_routes,
    child_routes,
    password_reset_routes,
    plan_routes,
    subscription_routes,
    user_routes,
)

ROUTES: tuple[Route, ...] = (
    *account_routes.ROUTES,
    *admin_routes.ROUTES,
    *audit_routes.ROUTES,
    *child_routes.ROUTES,
    *password_reset_routes.ROUTES,
    *plan_routes.ROUTES,
    *subscription_routes.ROUTES,
    *user_routes.ROUTES,
)
