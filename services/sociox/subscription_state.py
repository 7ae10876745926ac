"""How a subscription is at a moment, whether or not anybody looked since it was kept. Pure.

CONTRACT section 5: it is live until its end; an active one renews there, a cancelled one
has expired.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from repositories.types import Document
from services.sociox.periods import BillingCycle, Period, period_after


class SubscriptionStatus(StrEnum):
    """`cancelled` still serves until its end."""

    ACTIVE = "active"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class NumberedPeriod:
    """A period of a subscription; the first it ever had is number 1."""

    number: int
    period: Period


def current_period(subscription: Document) -> NumberedPeriod:
    """The period it was in when it was kept."""
    period = Period(subscription["start_at"], subscription["end_at"])
    return NumberedPeriod(subscription["period"], period)


def is_live(subscription: Document, *, at: datetime) -> bool:
    """Whether it serves: an active one does for ever, as it renews."""
    if subscription["status"] == SubscriptionStatus.ACTIVE:
        return True
    return subscription["status"] == SubscriptionStatus.CANCELLED and at < subscription["end_at"]


def is_due(subscription: Document, *, at: datetime) -> bool:
    """Whether it has renewed or expired since it was kept."""
    return bool(subscription["is_live"]) and subscription["end_at"] <= at


def renewals_due(subscription: Document, *, at: datetime) -> Iterator[NumberedPeriod]:
    """The periods that an active one has begun since it was kept, in their order."""
    cycle = BillingCycle(subscription["billing_cycle"])
    number, end = subscription["period"], subscription["end_at"]
    while end <= at:
        number += 1
        count = number - subscription["anchor_period"]
        period = period_after(subscription["anchor_at"], cycle, count)
        yield NumberedPeriod(number, period)
        end = period.end


def changes_until(subscription: Document, *, at: datetime) -> Document:
    """The fields of one that is due which are others at `at`, with their values then."""
    if subscription["status"] == SubscriptionStatus.CANCELLED:
        end = subscription["end_at"]
        return {"is_live": False, "status": SubscriptionStatus.EXPIRED.value, "updated_at": end}
    *_, last = renewals_due(subscription, at=at)
    return {
        "period": last.number,
        "start_at": last.period.start,
        "end_at": last.period.end,
        "updated_at": last.period.start,
    }


def as_of(subscription: Document, *, at: datetime) -> Document:
    """The subscription as it is at `at`."""
    if not is_due(subscription, at=at):
        return subscription
    return {**subscription, **changes_until(subscription, at=at)}
