"""Numbers as they were written: `Decimal` in the product, `Decimal128` in the store."""

from decimal import Decimal
from typing import Any

from bson import Int64
from bson.decimal128 import Decimal128

MAX_DIGITS = 34
"""How many digits a kept number has at most (IEEE 754-2008, decimal128)."""
_MAX_INT64 = 2**63 - 1


def as_stored(value: Any) -> Any:
    """A JSON value for a document, every number in it to the last digit.

    What is a `Decimal`, or an integer that BSON has no type for, becomes a `Decimal128`.
    """
    if isinstance(value, dict):
        return {key: as_stored(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_stored(item) for item in value]
    if isinstance(value, Decimal) or (isinstance(value, int) and abs(value) > _MAX_INT64):
        return Decimal128(Decimal(value))
    return value


def as_written(value: Any) -> Any:
    """What `as_stored` kept; an integer past 64 bits comes back as the `Decimal` that equals it."""
    if isinstance(value, dict):
        return {key: as_written(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_written(item) for item in value]
    if isinstance(value, Decimal128):
        return value.to_decimal()
    # BSON's own type for an integer past 32 bits, which no JSON encoder knows.
    return int(value) if isinstance(value, Int64) else value
