"""What is written into the ledger: charges at the start of periods, credits at their early end.

Pure. Nobody is paid or charged by it: it says what is owed, and no payment is taken.
"""

from datetime import datetime
from enum import StrEnum

from bson import ObjectId

from repositories.types import Document
from services.sociox.subscription_state import NumberedPeriod, current_period


class EntryReason(StrEnum):
    """Why something is charged or credited."""

    SUBSCRIBED = "subscribed"
    CHANGED = "changed"
    RENEWED = "renewed"


def charge(subscription: Document, period: NumberedPeriod, reason: EntryReason) -> Document:
    """The price of a period, due at its start."""
    amount_minor, start = subscription["price_minor"], period.period.start
    return _entry("charge", subscription, period, amount_minor, reason, at=start)


def credit(subscription: Document, amount_minor: int, *, at: datetime) -> Document:
    """What is not used of the current period, which ends at `at` for another plan."""
    current = current_period(subscription)
    return _entry("credit", subscription, current, amount_minor, EntryReason.CHANGED, at=at)


def _entry(
    kind: str,
    subscription: Document,
    period: NumberedPeriod,
    amount_minor: int,
    reason: EntryReason,
    *,
    at: datetime,
) -> Document:
    return {
        "_id": ObjectId(),
        "user_id": subscription["user_id"],
        "subscription_id": subscription["_id"],
        "type": kind,
        "period": period.number,
        "period_start_at": period.period.start,
        "period_end_at": period.period.end,
        "amount_minor": amount_minor,
        "currency": subscription["currency"],
        "reason": reason.value,
        "created_at": at,
    }
