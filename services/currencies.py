"""Currencies, by ISO 4217."""

from iso4217 import Currency

_USUAL_DECIMALS = 2


def decimals_of(currency: str) -> int:
    """How many decimals the amounts of a currency have: 2 for USD, 0 for JPY.

    2 too for a code that the standard does not have, or has no longer: what was bought in a
    currency that was withdrawn since is still to be shown.
    """
    try:
        exponent = Currency(currency).exponent
    except ValueError:
        return _USUAL_DECIMALS
    return _USUAL_DECIMALS if exponent is None else exponent
