"""What operators and developers look at."""

from handlers.ops.health import HealthHandler, ReadyHandler, Status
from handlers.ops.outbox import DevOutboxHandler
from handlers.routing import PUBLIC, Route

ROUTES = (
    Route("GET", "/health", HealthHandler, PUBLIC, answer=Status),
    Route("GET", "/ready", ReadyHandler, PUBLIC, answer=Status),
    Route("GET", "/dev/outbox", DevOutboxHandler, PUBLIC),
)
