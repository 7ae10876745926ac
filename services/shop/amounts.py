"""Amounts of money in sentences."""

# ISO 4217: currencies whose minor unit is not a hundredth.
_DECIMALS = {
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


def amount_text(amount_minor: int, currency: str) -> str:
    """An amount as people write it: `1087.49 USD`."""
    decimals = _DECIMALS.get(currency, 2)
    if decimals == 0:
        return f"{amount_minor} {currency}"
    whole, rest = divmod(amount_minor, 10**decimals)
    return f"{whole}.{rest:0{decimals}d} {currency}"
