"""The console: what each family tells it, and what it can do about the outbox."""

from config.families import forum, lms, shop, sociox
from config.families.shared import Shared
from services.accounts.figures import AccountFigures
from services.console.dead_letters import DeadLetterService
from services.console.figures import Parts
from services.console.overview import OverviewService
from services.monitoring.traffic import Traffic
from services.services import ConsoleServices


def join(shared: Shared, traffic: Traffic) -> ConsoleServices:
    """The console's services."""
    parts = Parts(
        accounts=AccountFigures(shared.users),
        forum=forum.figures(shared),
        shop=shop.figures(shared),
        lms=lms.figures(shared),
        sociox=sociox.figures(shared),
    )
    overview = OverviewService(parts, shared.outbox, traffic, shared.clock)
    return ConsoleServices(
        overview=overview,
        dead_letters=DeadLetterService(
            shared.outbox, overview, shared.audit, shared.storage.transaction
        ),
    )
