"""What an order costs: lines, discounts, tax and shipping, in whole minor units (CONTRACT 7).

Pure: values in, a quote out that tells each of its steps. That a promotion exists, is
running and has uses left is decided in `services/shop/promotions.py`; here it is a value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

DEFAULT_TAX_PERCENT = Decimal("8.75")


class Rounding(StrEnum):
    """How a step came to whole minor units."""

    NONE = "none"
    HALF_UP = "half up"
    LARGEST_REMAINDER = "largest remainder"


class Rule(StrEnum):
    """What a step of a quote does.

    The effects of all but `discount_share` add up to the total; a share tells how much
    of the discount is on which line.
    """

    LINE = "line"
    PROMOTION = "promotion"
    DISCOUNT_CAP = "discount_cap"
    DISCOUNT_SHARE = "discount_share"
    TAX = "tax"
    SHIPPING = "shipping"


@dataclass(frozen=True, slots=True)
class Line:
    """So many pieces of one thing at one price; `label` names it in the steps."""

    label: str
    unit_price_minor: int
    quantity: int

    @property
    def amount_minor(self) -> int:
        """The price of all pieces."""
        return self.unit_price_minor * self.quantity


@dataclass(frozen=True, slots=True)
class Discount:
    """A code and what it takes off the subtotal: a share in percent, or a fixed amount."""

    code: str
    percent: int = 0
    fixed_minor: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a quote; `effect_minor` is signed."""

    rule: Rule
    input: str
    effect_minor: int
    rounding: Rounding


@dataclass(frozen=True, slots=True)
class PricedLine:
    """What one line costs after discount and tax."""

    amount_minor: int
    discount_minor: int
    tax_minor: int

    @property
    def total_minor(self) -> int:
        """What is paid for the line."""
        return self.amount_minor - self.discount_minor + self.tax_minor


@dataclass(frozen=True, slots=True)
class Quote:
    """What an order costs, line by line in the order given, and why."""

    lines: tuple[PricedLine, ...]
    shipping_minor: int
    steps: tuple[Step, ...]

    @property
    def subtotal_minor(self) -> int:
        """All lines before discount and tax."""
        return sum(line.amount_minor for line in self.lines)

    @property
    def discount_minor(self) -> int:
        """What the promotions take off."""
        return sum(line.discount_minor for line in self.lines)

    @property
    def tax_minor(self) -> int:
        """The tax of all lines; shipping is not taxed."""
        return sum(line.tax_minor for line in self.lines)

    @property
    def total_minor(self) -> int:
        """What is charged."""
        return sum(line.total_minor for line in self.lines) + self.shipping_minor


def tax_percent(rates: Mapping[str, Decimal], country: str, state: str) -> Decimal:
    """The rate of a place: that of its country and state, else its country's, else 8.75.

    `rates` has keys such as `US-OR` and `DE`; the state may be written in any case.
    """
    for place in (f"{country}-{state.upper()}", country):
        if place in rates:
            return rates[place]
    return DEFAULT_TAX_PERCENT


def percent_of(amount_minor: int, percent: Decimal | int) -> int:
    """A share of an amount that is not negative, half up; exact for any decimal percentage."""
    numerator, denominator = percent.as_integer_ratio()
    return (2 * amount_minor * numerator + 100 * denominator) // (200 * denominator)


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Divide `total` by weight into whole numbers that add up to it.

    By largest remainder; of equal remainders the earlier gets more. With `total` at
    most the sum of the weights, no share is larger than its weight.
    """
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(total * weights[i] % whole))
    for index in by_remainder[: total - sum(shares)]:
        shares[index] += 1
    return shares


def price(
    lines: Sequence[Line],
    discounts: Sequence[Discount],
    *,
    tax_percent: Decimal,
    shipping_minor: int,
    shipping_label: str,
) -> Quote:
    """The quote for some lines; a code that is given twice counts once."""
    amounts = [line.amount_minor for line in lines]
    steps = [
        _step(Rule.LINE, f"{line.label}: {line.quantity} x {line.unit_price_minor}", amount)
        for line, amount in zip(lines, amounts, strict=True)
    ]
    discount_minor, discount_steps = _discount(sum(amounts), discounts)
    shares = spread(discount_minor, amounts)
    steps += discount_steps
    if discount_minor:
        steps += [
            Step(
                Rule.DISCOUNT_SHARE,
                f"{line.label}: {amount} of {sum(amounts)}",
                -share,
                Rounding.LARGEST_REMAINDER,
            )
            for line, amount, share in zip(lines, amounts, shares, strict=True)
        ]
    paid = [amount - share for amount, share in zip(amounts, shares, strict=True)]
    taxes = [percent_of(amount, tax_percent) for amount in paid]
    steps += [
        Step(Rule.TAX, f"{line.label}: {tax_percent:f} % of {amount}", tax, Rounding.HALF_UP)
        for line, amount, tax in zip(lines, paid, taxes, strict=True)
    ]
    steps.append(_step(Rule.SHIPPING, shipping_label, shipping_minor))
    priced = tuple(map(PricedLine, amounts, shares, taxes))
    return Quote(priced, shipping_minor, tuple(steps))


def _step(rule: Rule, given: str, effect_minor: int) -> Step:
    return Step(rule, given, effect_minor, Rounding.NONE)


def _discount(subtotal_minor: int, discounts: Sequence[Discount]) -> tuple[int, list[Step]]:
    """What all codes take off, each counted on the whole subtotal and together capped at it."""
    total, steps = 0, []
    for discount in {discount.code: discount for discount in discounts}.values():
        if discount.percent:
            taken = percent_of(subtotal_minor, discount.percent)
            given = f"{discount.code}: {discount.percent} % of {subtotal_minor}"
            steps.append(Step(Rule.PROMOTION, given, -taken, Rounding.HALF_UP))
        else:
            taken = discount.fixed_minor
            steps.append(_step(Rule.PROMOTION, f"{discount.code}: {taken}", -taken))
        total += taken
    if total > subtotal_minor:
        given = f"{total}, at most the subtotal {subtotal_minor}"
        steps.append(_step(Rule.DISCOUNT_CAP, given, total - subtotal_minor))
    return min(total, subtotal_minor), steps
