"""What the console shows, as JSON."""

from datetime import date, datetime

from handlers.base import Answer
from handlers.timestamps import as_timestamp
from services.console.dead_letters import Retried
from services.console.figures import Accounts, PlanSubscriptions, ReviewQueue, Sales
from services.console.overview import Overview
from services.messaging.outbox import CHANNELS, OutboxEntry, OutboxSummary
from services.monitoring.traffic import TrafficMinute


class AccountsView(Answer, frozen=True, kw_only=True):
    """How many accounts there are; `with_role` those of staff, by role."""

    total: int
    active: int
    inactive: int
    parents: int
    children: int
    with_role: dict[str, int]
    signups_by_day: tuple[int, ...]

    @classmethod
    def of(cls, accounts: Accounts) -> "AccountsView":
        """What the account base tells."""
        return cls(
            total=accounts.total,
            active=accounts.total - accounts.inactive,
            inactive=accounts.inactive,
            parents=accounts.total - accounts.children,
            children=accounts.children,
            with_role=dict(accounts.with_role),
            signups_by_day=accounts.signups_by_day,
        )


class RevenueView(Answer, frozen=True, kw_only=True):
    """What orders that are not cancelled come to, in minor units of a currency."""

    currency: str
    minor_by_day: tuple[int, ...]


class SalesView(Answer, frozen=True, kw_only=True):
    """Orders placed on each day, and those of them that were cancelled since."""

    orders_by_day: tuple[int, ...]
    cancelled_by_day: tuple[int, ...]
    revenue: list[RevenueView]

    @classmethod
    def of(cls, sales: Sales) -> "SalesView":
        """What the shop tells."""
        return cls(
            orders_by_day=sales.orders_by_day,
            cancelled_by_day=sales.cancelled_by_day,
            revenue=[
                RevenueView(currency=currency, minor_by_day=minor)
                for currency, minor in sales.revenue_by_day.items()
            ],
        )


class ReviewQueueView(Answer, frozen=True, kw_only=True):
    """How much awaits review, and since when the oldest does."""

    kind: str
    waiting: int
    oldest_at: datetime | None

    @classmethod
    def of(cls, queue: ReviewQueue) -> "ReviewQueueView":
        """What the LMS tells."""
        oldest_at = None if queue.oldest_at is None else as_timestamp(queue.oldest_at)
        return cls(kind=queue.kind, waiting=queue.waiting, oldest_at=oldest_at)


class PlanSubscriptionsView(Answer, frozen=True, kw_only=True):
    """The subscriptions of a plan by status."""

    name: str
    display_name: str
    is_offered: bool
    active: int
    cancelled: int
    expired: int

    @classmethod
    def of(cls, plan: PlanSubscriptions) -> "PlanSubscriptionsView":
        """What the subscriptions tell."""
        return cls(
            name=plan.name,
            display_name=plan.display_name,
            is_offered=plan.is_offered,
            active=plan.active,
            cancelled=plan.cancelled,
            expired=plan.expired,
        )


class ChannelView(Answer, frozen=True, kw_only=True):
    """What waits on a channel: `is_held` without a sender, `put_off` to a later attempt."""

    channel: str
    is_held: bool
    pending: int
    put_off: int
    dead: int
    oldest_pending_seconds: float | None

    @classmethod
    def all_of(cls, outbox: OutboxSummary) -> "list[ChannelView]":
        """Every channel."""
        return [
            cls(
                channel=channel,
                is_held=channel in outbox.held_channels,
                pending=outbox.pending[channel],
                put_off=outbox.put_off[channel],
                dead=outbox.dead[channel],
                oldest_pending_seconds=outbox.oldest_pending_seconds[channel],
            )
            for channel in CHANNELS
        ]


class DeadLetterView(Answer, frozen=True, kw_only=True):
    """A message that was given up, and why; what it says is nobody's business here."""

    id: str
    channel: str
    kind: str
    to: str
    subject: str | None
    attempts: int
    created_at: datetime
    last_error: str | None
    is_too_late: bool

    @classmethod
    def of(cls, entry: OutboxEntry, *, at: datetime) -> "DeadLetterView":
        """A dead letter as it is at a moment."""
        return cls(
            id=entry.id,
            channel=entry.channel,
            kind=entry.kind,
            to=entry.to,
            subject=entry.subject,
            attempts=entry.attempts,
            created_at=as_timestamp(entry.created_at),
            last_error=entry.last_error,
            is_too_late=entry.send_before is not None and entry.send_before <= at,
        )


class TrafficMinuteView(Answer, frozen=True, kw_only=True):
    """The requests that one process answered in a minute; the last one is still running."""

    at: datetime
    requests: int
    client_errors: int
    server_errors: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None

    @classmethod
    def of(cls, minute: TrafficMinute) -> "TrafficMinuteView":
        """A minute."""
        return cls(
            at=minute.at,
            requests=minute.requests,
            client_errors=minute.client_errors,
            server_errors=minute.server_errors,
            p50_ms=minute.p50_ms,
            p95_ms=minute.p95_ms,
            p99_ms=minute.p99_ms,
        )


class OverviewView(Answer, frozen=True, kw_only=True):
    """Everything the console shows, as it was at a moment.

    `days` are UTC days, the last one today; what has `by_day` in its name has a figure for
    each of them. `dead_letters` are the newest of them.
    """

    at: datetime
    days: list[date]
    accounts: AccountsView
    posts_by_day: tuple[int, ...]
    sales: SalesView
    review_queues: list[ReviewQueueView]
    subscriptions: list[PlanSubscriptionsView]
    outbox: list[ChannelView]
    dead_letters: list[DeadLetterView]
    traffic: list[TrafficMinuteView]

    @classmethod
    def of(cls, overview: Overview) -> "OverviewView":
        """The figures of the whole product."""
        return cls(
            at=as_timestamp(overview.at),
            days=[day.date() for day in overview.days],
            accounts=AccountsView.of(overview.accounts),
            posts_by_day=overview.posts_by_day,
            sales=SalesView.of(overview.sales),
            review_queues=[ReviewQueueView.of(queue) for queue in overview.review_queues],
            subscriptions=[PlanSubscriptionsView.of(plan) for plan in overview.subscriptions],
            outbox=ChannelView.all_of(overview.outbox),
            dead_letters=[
                DeadLetterView.of(each, at=overview.at) for each in overview.dead_letters
            ],
            traffic=[TrafficMinuteView.of(minute) for minute in overview.traffic],
        )


class RetriedView(Answer, frozen=True, kw_only=True):
    """How many dead letters are on their way again, and how many it is too late for."""

    retried: int
    too_late: int

    @classmethod
    def of(cls, retried: Retried) -> "RetriedView":
        """What came of it."""
        return cls(retried=retried.retried, too_late=retried.too_late)
