"""The routes of the console."""

from handlers.access import FULL_ADMINS
from handlers.ops.console import (
    ConsoleDataHandler,
    RetryDeadLetterHandler,
    RetryDeadLettersHandler,
)
from handlers.ops.console_views import OverviewView, RetriedView
from handlers.routing import Route
from services.messaging.outbox import TooLateToSend, UnknownMessage

ROUTES = (
    Route("GET", "/console/data", ConsoleDataHandler, FULL_ADMINS, answer=OverviewView),
    Route(
        "POST",
        "/console/data/dead-letters/retry",
        RetryDeadLettersHandler,
        FULL_ADMINS,
        answer=RetriedView,
    ),
    Route(
        "POST",
        "/console/data/dead-letters/{message_id}/retry",
        RetryDeadLetterHandler,
        FULL_ADMINS,
        answer=RetriedView,
        errors=(UnknownMessage, TooLateToSend),
    ),
)
