"""Subscriptions, what a change of them costs, and their ledger, as SOCIOX writes them."""

from datetime import datetime
from decimal import Decimal

from handlers.base import Answer
from handlers.timestamps import as_timestamp
from repositories.types import Document
from services.sociox.money import as_amount
from services.sociox.proration import ROUNDING, Proration
from services.sociox.subscription_changes import Changed
from services.sociox.subscription_terms import Quote


class PriceView(Answer, frozen=True, kw_only=True):
    """An amount in major units, as plans have it: `{"amount": 29.99, "currency": "USD"}`."""

    amount: Decimal
    currency: str

    @classmethod
    def of(cls, terms: Document) -> "PriceView":
        """The price of a subscription, or of an entry of its history."""
        currency = terms["currency"]
        return cls(amount=as_amount(terms["price_minor"], currency), currency=currency)


class ProrationView(Answer, frozen=True, kw_only=True, rename="camel"):
    """What a change credits and charges: in major units, and in whole minor ones.

    `due` is the charge less the credit, below zero where a credit remains.
    """

    currency: str
    credit: Decimal
    charge: Decimal
    due: Decimal
    credit_minor: int
    charge_minor: int
    due_minor: int
    rounding: str = ROUNDING

    @classmethod
    def of(cls, proration: Proration, currency: str) -> "ProrationView":
        """A proration as it is shown."""
        return cls(
            currency=currency,
            credit=as_amount(proration.credit_minor, currency),
            charge=as_amount(proration.charge_minor, currency),
            due=as_amount(proration.due_minor, currency),
            credit_minor=proration.credit_minor,
            charge_minor=proration.charge_minor,
            due_minor=proration.due_minor,
        )


class HistoryView(Answer, frozen=True, kw_only=True, rename="camel"):
    """Something that happened to a subscription, and the terms from then on."""

    event: str
    at: datetime
    by: str
    plan_id: str
    plan_name: str
    billing_cycle: str
    price: PriceView
    reason: str | None

    @classmethod
    def of(cls, entry: Document) -> "HistoryView":
        """A stored entry as it is shown."""
        return cls(
            event=entry["event"],
            at=as_timestamp(entry["at"]),
            by=entry["by"],
            plan_id=str(entry["plan_id"]),
            plan_name=entry["plan_name"],
            billing_cycle=entry["billing_cycle"],
            price=PriceView.of(entry),
            reason=entry["reason"],
        )


class SubscriptionView(Answer, frozen=True, kw_only=True, rename="camel"):
    """A subscription; plan names and price are those it was bought at.

    `period` counts from 1; `start_date` and `end_date` are those of the current one.
    """

    id: str
    user_id: str
    plan_id: str
    plan_name: str
    plan_display_name: str
    billing_cycle: str
    status: str
    price: PriceView
    period: int
    start_date: datetime
    end_date: datetime
    cancelled_at: datetime | None
    cancel_reason: str | None
    history: list[HistoryView]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, subscription: Document) -> "SubscriptionView":
        """A subscription as its holder, or an admin, sees it."""
        return cls(**_fields(subscription))


class ChangedSubscriptionView(SubscriptionView, frozen=True, kw_only=True, rename="camel"):
    """A subscription after a change of plan, and what the change credits and charges."""

    proration: ProrationView

    @classmethod
    def of_change(cls, changed: Changed) -> "ChangedSubscriptionView":
        """A change as it is shown."""
        subscription = changed.subscription
        proration = ProrationView.of(changed.proration, subscription["currency"])
        return cls(**_fields(subscription), proration=proration)


class PreviewView(Answer, frozen=True, kw_only=True, rename="camel"):
    """What subscribing, or a change, would begin, credit and charge."""

    plan_id: str
    plan_name: str
    plan_display_name: str
    billing_cycle: str
    price: PriceView
    start_date: datetime
    end_date: datetime
    proration: ProrationView

    @classmethod
    def of(cls, quote: Quote) -> "PreviewView":
        """A quote as it is shown."""
        terms = quote.terms
        return cls(
            plan_id=str(terms.plan_id),
            plan_name=terms.plan_name,
            plan_display_name=terms.plan_display_name,
            billing_cycle=terms.cycle.value,
            price=PriceView.of(terms.as_document()),
            start_date=quote.period.start,
            end_date=quote.period.end,
            proration=ProrationView.of(quote.proration, terms.currency),
        )


class LedgerEntryView(Answer, frozen=True, kw_only=True, rename="camel"):
    """A charge or a credit, for the period of a subscription that it names."""

    id: str
    subscription_id: str
    type: str
    amount: Decimal
    currency: str
    period: int
    period_start: datetime
    period_end: datetime
    reason: str
    created_at: datetime

    @classmethod
    def of(cls, entry: Document) -> "LedgerEntryView":
        """A stored entry as it is shown."""
        return cls(
            id=str(entry["_id"]),
            subscription_id=str(entry["subscription_id"]),
            type=entry["type"],
            amount=as_amount(entry["amount_minor"], entry["currency"]),
            currency=entry["currency"],
            period=entry["period"],
            period_start=as_timestamp(entry["period_start_at"]),
            period_end=as_timestamp(entry["period_end_at"]),
            reason=entry["reason"],
            created_at=as_timestamp(entry["created_at"]),
        )


def _fields(subscription: Document) -> Document:
    cancelled_at = subscription["cancelled_at"]
    return {
        "id": str(subscription["_id"]),
        "user_id": str(subscription["user_id"]),
        "plan_id": str(subscription["plan_id"]),
        "plan_name": subscription["plan_name"],
        "plan_display_name": subscription["plan_display_name"],
        "billing_cycle": subscription["billing_cycle"],
        "status": subscription["status"],
        "price": PriceView.of(subscription),
        "period": subscription["period"],
        "start_date": as_timestamp(subscription["start_at"]),
        "end_date": as_timestamp(subscription["end_at"]),
        "cancelled_at": None if cancelled_at is None else as_timestamp(cancelled_at),
        "cancel_reason": subscription["cancel_reason"],
        "history": [HistoryView.of(entry) for entry in subscription["history"]],
        "created_at": as_timestamp(subscription["created_at"]),
        "updated_at": as_timestamp(subscription["updated_at"]),
    }
