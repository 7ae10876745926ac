"""Money of plans and subscriptions: decimal in major units outside, whole minor units inside.

SOCIOX writes `29.99` for what is kept and reckoned as 2999 cents, so that no sum is ever
rounded by accident (CONTRACT section 5: "decimal in major units (29.99), exact"). How many
decimals a currency has is ISO 4217's to say. Amounts come in as `int` or `Decimal`, never
as `float`, and go out as the `Decimal` with the fewest digits: 29.99, 299.9, 60.
"""

from decimal import Context, Decimal

from iso4217 import Currency

from services.currencies import decimals_of
from services.errors import Invalid

MAX_MINOR = 10**12
"""The largest amount that is taken in, in minor units."""

# No number of a body has more digits (`handlers/sociox/plans.py`), so that nothing is rounded.
_EXACT = Context(prec=80)


class UnknownCurrency(Invalid):
    """Not the code of a currency, or of one that amounts can't be given in."""

    code = "unknown_currency"

    def __init__(self, path: str):
        super().__init__(f"{path} must be a currency of ISO 4217 in three capital letters, as USD")


class InvalidAmount(Invalid):
    """Not an amount of money; the message names the field and says what it takes."""

    code = "invalid_amount"

    def __init__(self, path: str, problem: str):
        super().__init__(f"{path} {problem}")


def parse_currency(value: object, path: str) -> str:
    """The code of a currency that has amounts; gold and the like have none.

    `path` is how the caller knows the field. Raises UnknownCurrency.
    """
    if not isinstance(value, str):
        raise UnknownCurrency(path)
    try:
        exponent = Currency(value).exponent
    except ValueError:
        raise UnknownCurrency(path) from None
    if exponent is None:
        raise UnknownCurrency(path)
    return value


def parse_minor(value: object, currency: str, path: str) -> int:
    """The minor units of an amount in major units of a known currency.

    `path` is how the caller knows the field. Raises InvalidAmount.
    """
    # A bool is an int to Python; a float is no longer what was written.
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        raise InvalidAmount(path, "must be a number")
    decimals = decimals_of(currency)
    greatest = as_amount(MAX_MINOR, currency)
    if not 0 <= value <= greatest:
        raise InvalidAmount(path, f"must be from 0 to {greatest}")
    minor = Decimal(value).scaleb(decimals, _EXACT)
    if minor != minor.to_integral_value():
        raise InvalidAmount(path, f"must have at most {decimals} decimals, as {currency} has")
    return int(minor)


def as_amount(minor: int, currency: str) -> Decimal:
    """An amount of minor units in major units, with the fewest digits: 60, not 60.00."""
    amount = Decimal(minor).scaleb(-decimals_of(currency), _EXACT)
    whole = amount.to_integral_value()
    return whole if amount == whole else amount.normalize(_EXACT)
