"""The price of a plan: an amount for each billing cycle, in one currency. Pure."""

from collections.abc import Mapping
from typing import Any

from repositories.types import Document
from services.currencies import decimals_of
from services.sociox.money import as_amount, parse_currency, parse_minor
from services.sociox.periods import BillingCycle
from services.sociox.plan_errors import InvalidPlan

_MONTHS_A_YEAR = BillingCycle.YEARLY.months


def parse_price(given: Mapping[str, Any]) -> Document:
    """The price to keep (`repositories/sociox/plans.py`) of one as the document writes it.

    Raises InvalidPlan, InvalidAmount or UnknownCurrency.
    """
    offers = {cycle: _offer(given, cycle) for cycle in BillingCycle}
    present = {cycle: offer for cycle, offer in offers.items() if offer is not None}
    if not present:
        raise InvalidPlan("price", "needs monthly or yearly")
    currencies = [
        parse_currency(offer["currency"], f"price.{cycle}.currency")
        for cycle, offer in present.items()
    ]
    currency = currencies[0]
    if currencies[-1] != currency:
        raise InvalidPlan("price.yearly.currency", f"must be that of price.monthly, {currency}")
    amounts = {
        cycle.value: parse_minor(offer["amount"], currency, f"price.{cycle}.amount")
        for cycle, offer in present.items()
    }
    return {
        "currency": currency,
        "amounts_minor": amounts,
        "savings_minor": _savings(
            amounts, (offers[BillingCycle.YEARLY] or {}).get("savings"), currency
        ),
    }


def saved_minor(monthly_minor: int, yearly_minor: int) -> int:
    """What a year costs less by the yearly price than by twelve monthly ones, from 0."""
    return max(0, _MONTHS_A_YEAR * monthly_minor - yearly_minor)


def _offer(given: Mapping[str, Any], cycle: BillingCycle) -> Mapping[str, Any] | None:
    offer = given.get(cycle)
    if offer is None:
        return None
    path = f"price.{cycle}"
    if not isinstance(offer, dict):
        raise InvalidPlan(path, "must be an object with amount and currency")
    for name in ("amount", "currency"):
        if offer.get(name) in (None, ""):
            raise InvalidPlan(f"{path}.{name}", "is required")
    return offer


def _savings(amounts: Mapping[str, int], given: Any, currency: str) -> int | None:
    """What is saved as given, or reckoned where it is not.

    The document's own examples say 60 and 59.89 for the same prices, so that what is given
    may differ from the exact sum by one major unit.
    """
    path = "price.yearly.savings"
    monthly, yearly = amounts.get(BillingCycle.MONTHLY), amounts.get(BillingCycle.YEARLY)
    if monthly is None or yearly is None:
        if given is not None:
            raise InvalidPlan(path, "needs price.monthly to be compared with")
        return None
    exact = saved_minor(monthly, yearly)
    if given is None:
        return exact
    savings = parse_minor(given, currency, path)
    if abs(savings - exact) > 10 ** decimals_of(currency):
        shown = as_amount(exact, currency)
        raise InvalidPlan(path, f"must be within 1 of {shown}, 12 x monthly - yearly")
    return savings
