"""The periods that a subscription is paid for: calendar months or years, one after the other.

Pure. Every period is counted from one moment, the anchor, and never from the end of the
one before: who begins on 31 January renews on 28 February and then on 31 March again.
"""

import calendar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

_MONTHS_A_YEAR = 12


class BillingCycle(StrEnum):
    """How long a period is."""

    MONTHLY = "monthly"
    YEARLY = "yearly"

    @property
    def months(self) -> int:
        """Calendar months in a period."""
        return _MONTHS_A_YEAR if self is BillingCycle.YEARLY else 1


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` on and until before `end`."""

    start: datetime
    end: datetime


def period_after(anchor: datetime, cycle: BillingCycle, count: int) -> Period:
    """The period that begins `count` whole periods after `anchor`; 0 is the first.

    CONTRACT section 5: a calendar month or year on. Raises OverflowError past the year 9999.
    """
    return Period(
        add_months(anchor, count * cycle.months), add_months(anchor, (count + 1) * cycle.months)
    )


def add_months(moment: datetime, months: int) -> datetime:
    """The same day and time of day so many months on.

    A month without that day has its last day instead: 31 January and a month is 28 or
    29 February, 29 February and a year is 28 February. Raises OverflowError past the
    year 9999.
    """
    years, month_index = divmod(moment.month - 1 + months, _MONTHS_A_YEAR)
    year, month = moment.year + years, month_index + 1
    if year > datetime.max.year:
        raise OverflowError("A period would end after the year 9999")
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return moment.replace(year=year, month=month, day=day)
