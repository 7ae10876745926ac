"""What is asked for, and what it would cost: a plan, a cycle, and the terms they come to."""

from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId

from repositories.sociox.plans import PlanRepository
from repositories.types import Document, Tx
from services.access.texts import parse_id
from services.errors import Invalid
from services.sociox.periods import BillingCycle, Period, period_after
from services.sociox.plan_errors import PlanNotFound
from services.sociox.proration import Paid, Proration, prorate
from services.sociox.subscription_state import current_period

_ACTIVE = "active"


class InvalidBillingCycle(Invalid):
    """There is no such cycle."""

    code = "invalid_billing_cycle"

    def __init__(self) -> None:
        super().__init__(f"billingCycle must be {' or '.join(BillingCycle)}")


class PlanInactive(Invalid):
    """The plan is not offered at present."""

    code = "plan_inactive"

    def __init__(self) -> None:
        super().__init__("The plan is inactive; choose an active one")


class CycleWithoutPrice(Invalid):
    """The plan is not sold by this cycle."""

    code = "cycle_without_price"

    def __init__(self, cycle: BillingCycle, offered: list[str]):
        super().__init__(f"The plan has no {cycle} price; it is sold {' and '.join(offered)}")


class CurrencyDiffers(Invalid):
    """The plan is priced in another currency than the current one."""

    code = "currency_differs"

    def __init__(self, current: str, new: str):
        super().__init__(
            f"The plan is priced in {new} and the current subscription in {current}; cancel it, "
            "and subscribe anew once it has ended"
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """The plan and the cycle that are asked for."""

    plan_id: str
    cycle: BillingCycle


@dataclass(frozen=True, slots=True)
class Terms:
    """A plan at one of its cycles, as it is sold at the moment."""

    plan_id: ObjectId
    plan_name: str
    plan_display_name: str
    cycle: BillingCycle
    price_minor: int
    currency: str

    def as_document(self) -> Document:
        """The fields of a subscription on these terms."""
        return {
            "plan_id": self.plan_id,
            "plan_name": self.plan_name,
            "plan_display_name": self.plan_display_name,
            "billing_cycle": self.cycle.value,
            "price_minor": self.price_minor,
            "currency": self.currency,
        }


@dataclass(frozen=True, slots=True)
class Quote:
    """What taking up `terms` at a moment begins, and what it credits and charges."""

    terms: Terms
    period: Period
    proration: Proration


def read_choice(plan_id: str, billing_cycle: str) -> Choice:
    """What is asked for. Raises InvalidBillingCycle."""
    try:
        return Choice(plan_id, BillingCycle(billing_cycle))
    except ValueError:
        raise InvalidBillingCycle from None


class Offers:
    """What is for sale: the terms of a choice, as they are at the moment."""

    def __init__(self, plans: PlanRepository):
        self._plans = plans

    async def get(self, choice: Choice, *, tx: Tx = None) -> Terms:
        """The terms of a choice. Raises PlanNotFound, PlanInactive or CycleWithoutPrice."""
        plan_id = parse_id(choice.plan_id)
        plan = None if plan_id is None else await self._plans.find(plan_id, tx=tx)
        if plan is None or plan["is_deleted"]:
            raise PlanNotFound
        return _terms(plan, choice.cycle)


def _terms(plan: Document, cycle: BillingCycle) -> Terms:
    if plan["status"] != _ACTIVE:
        raise PlanInactive
    price = plan["price"]
    if cycle not in price["amounts_minor"]:
        raise CycleWithoutPrice(cycle, sorted(price["amounts_minor"]))
    return Terms(
        plan_id=plan["_id"],
        plan_name=plan["name"],
        plan_display_name=plan["display_name"],
        cycle=cycle,
        price_minor=price["amounts_minor"][cycle],
        currency=price["currency"],
    )


def quote(current: Document | None, terms: Terms, *, at: datetime) -> Quote:
    """What taking up `terms` at `at` costs, whose live subscription as of then is `current`.

    Of the preview and the change alike. Raises CurrencyDiffers.
    """
    paid = None
    if current is not None:
        if current["currency"] != terms.currency:
            raise CurrencyDiffers(current["currency"], terms.currency)
        paid = Paid(current["price_minor"], current_period(current).period)
    return Quote(
        terms=terms,
        period=period_after(at, terms.cycle, 0),
        proration=prorate(paid, terms.price_minor, at=at),
    )
