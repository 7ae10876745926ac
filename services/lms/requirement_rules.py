"""What a requirement table may ask for: its rows. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from repositories.types import Document
from services.lms.errors import InvalidField
from services.lms.texts import accepted_name

MAX_ROWS = 200
MAX_AMOUNT = 1_000_000_000
_MAX_SERIAL_NUMBER = 1_000_000


def accepted_requirements(rows: Sequence[Mapping[str, Any]]) -> list[Document]:
    """The rows of a table by serial number. Raises InvalidField, naming the row from 1."""
    if not 1 <= len(rows) <= MAX_ROWS:
        raise InvalidField("requirements", f"must have 1 to {MAX_ROWS} rows")
    accepted = [_row(f"requirements: row {place}", row) for place, row in enumerate(rows, 1)]
    if len({row["serial_number"] for row in accepted}) < len(accepted):
        raise InvalidField("requirements", "must not give two rows the same serial_number")
    return sorted(accepted, key=lambda row: row["serial_number"])


def accepted_amount(amount: float, field: str) -> float:
    """A number of rounds, minutes or the like. Raises InvalidField."""
    # Said this way round, what is no number at all is refused too.
    if not 0 <= amount <= MAX_AMOUNT:
        raise InvalidField(field, f"must be 0 to {MAX_AMOUNT}")
    return amount


def _row(where: str, row: Mapping[str, Any]) -> Document:
    if not 1 <= row["serial_number"] <= _MAX_SERIAL_NUMBER:
        raise InvalidField(where, f"must have a serial_number of 1 to {_MAX_SERIAL_NUMBER}")
    return {
        "serial_number": row["serial_number"],
        "activity": accepted_name(row["activity"], f"{where}: activity"),
        "target": accepted_amount(row["target"], f"{where}: target"),
        "unit": accepted_name(row["unit"], f"{where}: unit"),
    }
