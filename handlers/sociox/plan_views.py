"""Plans as they are shown."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import UNSET, UnsetType

from handlers.base import Answer
from handlers.timestamps import as_timestamp
from repositories.types import Document
from services.sociox.money import as_amount
from services.sociox.periods import BillingCycle


class Price(Answer, frozen=True, kw_only=True):
    """What a billing cycle costs, in major units; `savings` is that of a year by it."""

    amount: Decimal
    currency: str
    savings: Decimal | UnsetType = UNSET


class Prices(Answer, frozen=True, kw_only=True):
    """The price of each billing cycle that a plan can be bought for."""

    monthly: Price | UnsetType = UNSET
    yearly: Price | UnsetType = UNSET

    @classmethod
    def of(cls, price: Document) -> "Prices":
        """The price of a plan as it is kept."""
        currency, savings = price["currency"], price["savings_minor"]
        amounts = {
            cycle: as_amount(minor, currency) for cycle, minor in price["amounts_minor"].items()
        }
        monthly, yearly = amounts.get(BillingCycle.MONTHLY), amounts.get(BillingCycle.YEARLY)
        return cls(
            monthly=UNSET if monthly is None else Price(amount=monthly, currency=currency),
            yearly=UNSET
            if yearly is None
            else Price(
                amount=yearly,
                currency=currency,
                savings=UNSET if savings is None else as_amount(savings, currency),
            ),
        )


class PlanView(Answer, frozen=True, kw_only=True, rename="camel"):
    """A plan; `features` are what was given, numbers to the last digit."""

    id: str
    name: str
    display_name: str
    price: Prices
    features: dict[str, Any]
    custom_features: list[str]
    recommended: bool
    category: str | None
    status: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, plan: Document) -> "PlanView":
        """A plan as everybody sees it."""
        return cls(
            id=str(plan["_id"]),
            name=plan["name"],
            display_name=plan["display_name"],
            price=Prices.of(plan["price"]),
            features=plan["features"],
            custom_features=plan["custom_features"],
            recommended=plan["recommended"],
            category=plan["category"],
            status=plan["status"],
            created_at=as_timestamp(plan["created_at"]),
            updated_at=as_timestamp(plan["updated_at"]),
        )
