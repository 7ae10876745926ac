"""What a change of plan credits and charges. Pure; money is integers in minor units."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.sociox.periods import Period

ROUNDING = (
    "The credit is the price of the current period times the seconds left of it over all its "
    "seconds, rounded down to the whole minor unit; the new period is charged in full."
)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Paid:
    """A period, and what it was charged at."""

    price_minor: int
    period: Period


@dataclass(frozen=True, slots=True)
class Proration:
    """What a change costs: a credit for what is not used, a charge for what begins."""

    credit_minor: int
    charge_minor: int

    @property
    def due_minor(self) -> int:
        """What is to be paid in all; below zero, a credit remains."""
        return self.charge_minor - self.credit_minor


def prorate(current: Paid | None, new_price_minor: int, *, at: datetime) -> Proration:
    """What beginning a new full period at `at` costs who has paid for `current`, if anything.

    The one function of the preview and of the change itself. CONTRACT section 5: a change
    starts a new full period, so that is charged whole. How it rounds says ROUNDING.
    """
    credit = 0 if current is None else unused_minor(current, at=at)
    return Proration(credit_minor=credit, charge_minor=new_price_minor)


def unused_minor(paid: Paid, *, at: datetime) -> int:
    """What of a period's price is for the time from `at` on, rounded down.

    All of it before the period begins, nothing once it has ended; so what is used and
    what is not are exactly the price together.
    """
    start, end = paid.period.start, paid.period.end
    left = (end - min(max(at, start), end)) // _MICROSECOND
    # Integers throughout: a price times a timedelta would leave the range of one.
    return paid.price_minor * left // ((end - start) // _MICROSECOND)
