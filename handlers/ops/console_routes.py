"""The routes of the console."""

from handlers.access import FULL_ADMINS
from handlers.ops.console import (
    ConsoleDataHandler,
    ConsoleFileHandler,
    ConsoleHandler,
    RetryDeadLetterHandler,
    RetryDeadLettersHandler,
    UnknownConsoleFile,
)
from handlers.ops.console_views import OverviewView, RetriedView
from handlers.routing import PUBLIC, Route
from services.messaging.outbox import TooLateToSend, UnknownMessage

ROUTES = (
    Route("GET", "/console", ConsoleHandler, PUBLIC, media_types=("text/html",)),
    Route(
        "GET",
        "/console/{name}",
        ConsoleFileHandler,
        PUBLIC,
        media_types=("text/css", "text/javascript"),
        errors=(UnknownConsoleFile,),
    ),
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
