"""What an order costs (CONTRACT section 7, SHOP "POST /api/v1/orders")."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.shop.pricing import (
    Discount,
    Line,
    Quote,
    Rounding,
    Rule,
    Step,
    percent_of,
    price,
    spread,
    tax_percent,
)

RATES = {"US-OR": Decimal(0), "US": Decimal("5"), "DE": Decimal(19)}
SAVE10 = Discount("SAVE10", percent=10)
MINUS500 = Discount("MINUS500", fixed_minor=500)


def quote(
    *amounts: tuple[int, int],
    discounts: tuple[Discount, ...] = (),
    percent: str = "8.75",
    shipping_minor: int = 0,
) -> Quote:
    """The quote for lines given as unit price and quantity."""
    return price(
        [Line(f"SKU-{n}", unit, quantity) for n, (unit, quantity) in enumerate(amounts, 1)],
        discounts,
        tax_percent=Decimal(percent),
        shipping_minor=shipping_minor,
        shipping_label="ship_standard",
    )


def figures(of: Quote) -> tuple[int, int, int, int, int]:
    """Subtotal, discount, tax, shipping, total."""
    return of.subtotal_minor, of.discount_minor, of.tax_minor, of.shipping_minor, of.total_minor


def test_the_documents_own_order():
    found = quote((99999, 1))
    assert figures(found) == (99999, 0, 8750, 0, 108749)
    assert found.steps == (
        Step(Rule.LINE, "SKU-1: 1 x 99999", 99999, Rounding.NONE),
        Step(Rule.TAX, "SKU-1: 8.75 % of 99999", 8750, Rounding.HALF_UP),
        Step(Rule.SHIPPING, "ship_standard", 0, Rounding.NONE),
    )


@pytest.mark.parametrize(
    ("lines", "discounts", "percent", "shipping", "expected"),
    [
        pytest.param([(1000, 2)], [], "0", 1500, (2000, 0, 0, 1500, 3500), id="shipping untaxed"),
        pytest.param([(333, 3)], [SAVE10], "19", 0, (999, 100, 171, 0, 1070), id="99.9 is 100"),
        pytest.param([(5, 1)], [SAVE10], "0", 0, (5, 1, 0, 0, 4), id="0.5 is 1"),
        pytest.param([(4, 1)], [SAVE10], "0", 0, (4, 0, 0, 0, 4), id="0.4 is 0"),
        pytest.param([(400, 1)], [MINUS500], "19", 70, (400, 400, 0, 70, 70), id="capped"),
        pytest.param(
            [(1000, 1)], [SAVE10, SAVE10], "0", 0, (1000, 100, 0, 0, 900), id="a code counts once"
        ),
        pytest.param(
            [(1000, 1)],
            [SAVE10, MINUS500],
            "0",
            0,
            (1000, 600, 0, 0, 400),
            id="each on the whole subtotal",
        ),
        pytest.param([(10, 1), (10, 1)], [], "5", 0, (20, 0, 2, 0, 22), id="tax a line, not a sum"),
        pytest.param([(0, 3)], [SAVE10], "19", 0, (0, 0, 0, 0, 0), id="for nothing"),
    ],
)
def test_what_is_charged(
    lines: list[tuple[int, int]],
    discounts: list[Discount],
    percent: str,
    shipping: int,
    expected: tuple[int, int, int, int, int],
):
    found = quote(*lines, discounts=tuple(discounts), percent=percent, shipping_minor=shipping)
    assert figures(found) == expected


def test_a_discount_is_spread_over_the_lines_and_the_steps_say_how():
    found = quote((1000, 1), (333, 1), (333, 1), discounts=(SAVE10,), percent="10")
    assert [line.discount_minor for line in found.lines] == [100, 34, 33]
    assert [line.tax_minor for line in found.lines] == [90, 30, 30]
    assert found.steps[3:7] == (
        Step(Rule.PROMOTION, "SAVE10: 10 % of 1666", -167, Rounding.HALF_UP),
        Step(Rule.DISCOUNT_SHARE, "SKU-1: 1000 of 1666", -100, Rounding.LARGEST_REMAINDER),
        Step(Rule.DISCOUNT_SHARE, "SKU-2: 333 of 1666", -34, Rounding.LARGEST_REMAINDER),
        Step(Rule.DISCOUNT_SHARE, "SKU-3: 333 of 1666", -33, Rounding.LARGEST_REMAINDER),
    )


def test_a_cap_is_a_step():
    found = quote((400, 1), discounts=(SAVE10, MINUS500), percent="0")
    assert [step for step in found.steps if step.rule is Rule.DISCOUNT_CAP] == [
        Step(Rule.DISCOUNT_CAP, "540, at most the subtotal 400", 140, Rounding.NONE)
    ]


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (2, [1, 1, 1], [1, 1, 0]),
        (5, [0, 5], [0, 5]),
        (1, [1, 2], [0, 1]),
        (0, [0, 0], [0, 0]),
        (0, [], []),
    ],
)
def test_spreading_by_largest_remainder(total: int, weights: list[int], shares: list[int]):
    assert spread(total, weights) == shares


@pytest.mark.parametrize(
    ("amount", "percent", "share"),
    [
        (99999, Decimal("8.75"), 8750),
        (200, Decimal("0.25"), 1),
        (199, Decimal("0.25"), 0),
        (10**15, Decimal("7.123456789"), 71234567890000),
        (50, 1, 1),
        (49, 1, 0),
    ],
)
def test_shares_are_half_up_and_exact(amount: int, percent: Decimal | int, share: int):
    assert percent_of(amount, percent) == share


@pytest.mark.parametrize(
    ("country", "state", "percent"),
    [
        ("US", "OR", "0"),
        ("US", "or", "0"),
        ("US", "NY", "5"),
        ("DE", "", "19"),
        ("DE", "BY", "19"),
        ("FR", "", "8.75"),
        ("OR", "US", "8.75"),
    ],
)
def test_a_state_comes_before_its_country_and_that_before_the_rest(
    country: str, state: str, percent: str
):
    assert tax_percent(RATES, country, state) == Decimal(percent)


LINES = st.lists(
    st.tuples(st.integers(0, 10**9), st.integers(1, 999)),
    min_size=1,
    max_size=8,
)
DISCOUNTS = st.lists(
    st.builds(Discount, st.sampled_from("ABC"), percent=st.integers(1, 100))
    | st.builds(Discount, st.sampled_from("DEF"), fixed_minor=st.integers(1, 10**10)),
    max_size=4,
).map(tuple)


@settings(max_examples=200)
@given(
    LINES,
    DISCOUNTS,
    st.decimals(0, 100, places=3).map(str),
    st.integers(0, 10**6),
)
def test_sums_match_and_nothing_is_negative(
    lines: list[tuple[int, int]], discounts: tuple[Discount, ...], percent: str, shipping: int
):
    found = quote(*lines, discounts=discounts, percent=percent, shipping_minor=shipping)
    subtotal, discount, tax, _, total = figures(found)
    assert total == subtotal - discount + tax + shipping
    assert 0 <= discount <= subtotal
    for line, (unit, quantity) in zip(found.lines, lines, strict=True):
        assert line.amount_minor == unit * quantity
        assert 0 <= line.discount_minor <= line.amount_minor
        assert 0 <= line.tax_minor <= line.total_minor
        # No line is further from its exact share than one minor unit.
        assert abs(line.discount_minor * subtotal - discount * line.amount_minor) < max(subtotal, 1)
    shares = [step.effect_minor for step in found.steps if step.rule is Rule.DISCOUNT_SHARE]
    assert -sum(shares) == discount
    effects = [step.effect_minor for step in found.steps if step.rule is not Rule.DISCOUNT_SHARE]
    assert sum(effects) == total
