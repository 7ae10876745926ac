"""Periods follow the calendar, and remember the day they began on (CONTRACT section 5)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sociox.periods import BillingCycle, Period, add_months, period_after

MOMENTS = st.datetimes(datetime(1999, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
CYCLES = st.sampled_from(BillingCycle)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(hour=10, minute=30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        ("2025-01-15", 1, "2025-02-15"),
        ("2025-01-31", 1, "2025-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-01-31", 2, "2025-03-31"),
        ("2025-01-31", 3, "2025-04-30"),
        ("2025-12-31", 1, "2026-01-31"),
        ("2025-12-31", 2, "2026-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2096-02-29", 48, "2100-02-28"),
        ("2025-06-30", 0, "2025-06-30"),
    ],
)
def test_a_month_without_the_day_has_its_last_day_instead(start: str, months: int, expected: str):
    assert add_months(day(start), months) == day(expected)


def test_who_begins_on_the_31st_comes_back_to_the_31st():
    ends = [
        period_after(day("2025-01-31"), BillingCycle.MONTHLY, count).end.day for count in range(12)
    ]
    assert ends == [28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31]


def test_who_begins_on_a_leap_day_comes_back_to_it():
    ends = [
        period_after(day("2024-02-29"), BillingCycle.YEARLY, count).end.isoformat()[:10]
        for count in range(4)
    ]
    assert ends == ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_the_first_period_begins_at_the_anchor():
    anchor = day("2025-01-18")
    assert period_after(anchor, BillingCycle.MONTHLY, 0) == Period(anchor, day("2025-02-18"))
    assert period_after(anchor, BillingCycle.YEARLY, 0) == Period(anchor, day("2026-01-18"))


@given(anchor=MOMENTS, cycle=CYCLES, count=st.integers(0, 600))
def test_a_period_ends_where_the_next_begins_and_is_never_empty(
    anchor: datetime, cycle: BillingCycle, count: int
):
    this, following = (period_after(anchor, cycle, each) for each in (count, count + 1))
    assert this.end == following.start
    assert this.start < this.end
    assert this.start.timetz() == anchor.timetz()
    assert this.start.day <= anchor.day


@given(anchor=MOMENTS, count=st.integers(0, 100))
def test_twelve_months_are_a_year(anchor: datetime, count: int):
    monthly = period_after(anchor, BillingCycle.MONTHLY, 12 * count)
    yearly = period_after(anchor, BillingCycle.YEARLY, count)
    assert monthly.start == yearly.start


def test_a_period_past_the_last_year_of_the_calendar_is_refused():
    with pytest.raises(OverflowError, match="after the year 9999"):
        period_after(datetime(9999, 12, 15, tzinfo=UTC), BillingCycle.MONTHLY, 0)
