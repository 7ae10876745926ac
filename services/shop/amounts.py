"""Amounts of money in sentences."""

from services.currencies import decimals_of


def amount_text(amount_minor: int, currency: str) -> str:
    """An amount as people write it: `1087.49 USD`."""
    decimals = decimals_of(currency)
    if decimals == 0:
        return f"{amount_minor} {currency}"
    whole, rest = divmod(amount_minor, 10**decimals)
    return f"{whole}.{rest:0{decimals}d} {currency}"
