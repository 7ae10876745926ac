"""What operators and developers look at."""

from typing import Any

from handlers.errors import UnknownRoute
from handlers.ops import console_routes
from handlers.ops.clock import DevClockHandler, MoveClock, NotOneMove, ServerTime
from handlers.ops.explorer import (
    DocsFileHandler,
    DocsHandler,
    HomeHandler,
    HomeStyleHandler,
    UnknownFile,
)
from handlers.ops.health import HealthHandler, ReadyHandler, Status
from handlers.ops.metrics import MetricsHandler
from handlers.ops.openapi import OpenApiHandler
from handlers.ops.outbox import DevOutboxHandler
from handlers.routing import PUBLIC, Route
from services.development import TimeMovesForward, TooFarAhead

ROUTES = (
    Route("GET", "/health", HealthHandler, PUBLIC, answer=Status),
    Route("GET", "/ready", ReadyHandler, PUBLIC, answer=Status),
    Route(
        "GET",
        "/metrics",
        MetricsHandler,
        PUBLIC,
        media_types=("text/plain", "application/openmetrics-text"),
        errors=(UnknownRoute,),
    ),
    Route("GET", "/openapi.json", OpenApiHandler, PUBLIC, answer=dict[str, Any]),
    Route("GET", "/", HomeHandler, PUBLIC, media_types=("text/html",)),
    Route("GET", "/home.css", HomeStyleHandler, PUBLIC, media_types=("text/css",)),
    Route("GET", "/docs", DocsHandler, PUBLIC, media_types=("text/html",)),
    Route(
        "GET",
        "/docs/{name}",
        DocsFileHandler,
        PUBLIC,
        media_types=("text/css", "text/javascript"),
        errors=(UnknownFile,),
    ),
    Route(
        "GET",
        "/dev/outbox",
        DevOutboxHandler,
        PUBLIC,
        media_types=("text/html",),
        errors=(UnknownRoute,),
    ),
    Route("GET", "/dev/clock", DevClockHandler, PUBLIC, answer=ServerTime, errors=(UnknownRoute,)),
    Route(
        "POST",
        "/dev/clock",
        DevClockHandler,
        PUBLIC,
        body=MoveClock,
        answer=ServerTime,
        errors=(UnknownRoute, NotOneMove, TimeMovesForward, TooFarAhead),
    ),
    *console_routes.ROUTES,
)
