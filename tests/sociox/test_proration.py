"""What a change of plan credits and charges, by a table and by what holds for every change."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sociox.periods import BillingCycle, Period, period_after
from services.sociox.proration import Paid, Proration, prorate, unused_minor

START = datetime(2025, 4, 1, tzinfo=UTC)
APRIL = Period(START, datetime(2025, 5, 1, tzinfo=UTC))
# Beyond what a double holds exactly, so that a float on the way would show.
PRICES = st.integers(0, 10**18)
PAID = st.builds(
    lambda price, anchor, cycle, count: Paid(price, period_after(anchor, cycle, count)),
    PRICES,
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(BillingCycle),
    st.integers(0, 24),
)
PARTS = st.fractions(0, 1)


def moment_in(paid: Paid, part: Fraction) -> datetime:
    """The moment when such a part of the period is over."""
    length = (paid.period.end - paid.period.start) // timedelta(microseconds=1)
    return paid.period.start + timedelta(microseconds=int(length * part))


@pytest.mark.parametrize(
    ("used_days", "credit_minor"),
    [(0, 3000), (1, 2900), (15, 1500), (29, 100), (30, 0), (31, 0), (-1, 3000)],
)
def test_the_credit_is_what_the_unused_days_cost(used_days: int, credit_minor: int):
    at = START + timedelta(days=used_days)
    proration = prorate(Paid(3000, APRIL), 9999, at=at)
    assert proration == Proration(credit_minor=credit_minor, charge_minor=9999)
    assert proration.due_minor == 9999 - credit_minor


def test_a_part_of_a_minor_unit_is_not_credited():
    """29.99 for 30 days: ten days left are 9.99666..., a second left is 0.00001..."""
    paid = Paid(2999, APRIL)
    assert unused_minor(paid, at=START + timedelta(days=20)) == 999
    assert unused_minor(paid, at=APRIL.end - timedelta(seconds=1)) == 0
    assert unused_minor(paid, at=START + timedelta(seconds=1)) == 2998


def test_who_has_paid_nothing_is_credited_nothing():
    assert prorate(None, 2999, at=START) == Proration(credit_minor=0, charge_minor=2999)


def test_a_credit_above_the_charge_remains():
    assert prorate(Paid(29999, APRIL), 500, at=START).due_minor == 500 - 29999


@given(paid=PAID, part=PARTS)
def test_the_credit_is_never_negative_nor_above_the_price(paid: Paid, part: Fraction):
    assert 0 <= unused_minor(paid, at=moment_in(paid, part)) <= paid.price_minor


@given(paid=PAID)
def test_all_is_credited_at_the_start_and_nothing_at_the_end(paid: Paid):
    assert unused_minor(paid, at=paid.period.start) == paid.price_minor
    assert unused_minor(paid, at=paid.period.end) == 0


@given(paid=PAID, parts=st.lists(PARTS, max_size=6))
def test_what_is_used_between_changes_adds_up_to_the_price(paid: Paid, parts: list[Fraction]):
    """However a period is cut, its pieces cost its price together, and none less than zero."""
    cuts = [paid.period.start, *sorted(moment_in(paid, part) for part in parts), paid.period.end]
    left = [unused_minor(paid, at=cut) for cut in cuts]
    pieces = [before - after for before, after in pairwise(left)]
    assert sum(pieces) == paid.price_minor
    assert all(piece >= 0 for piece in pieces)


@given(paid=PAID, part=PARTS)
def test_the_credit_is_exact_to_less_than_a_minor_unit(paid: Paid, part: Fraction):
    at = moment_in(paid, part)
    length, left = paid.period.end - paid.period.start, paid.period.end - at
    whole = length // timedelta(microseconds=1)
    exact = paid.price_minor * (left // timedelta(microseconds=1))
    assert 0 <= exact - unused_minor(paid, at=at) * whole < whole
