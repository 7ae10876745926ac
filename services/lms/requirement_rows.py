"""What a participant did in a requirement table, row by row, and what was decided on it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bson import ObjectId

from services.errors import Invalid, NotFound
from services.lms.errors import UnknownReference


class Decision(StrEnum):
    """What a manager decided on a row."""

    APPROVED = "approved"
    REJECTED = "rejected"


class RowNotFound(NotFound):
    """The table has no such row."""

    code = "row_not_found"

    def __init__(self) -> None:
        super().__init__("Row not found")


class RowFrozen(Invalid):
    """An approved row is done."""

    code = "row_approved"

    def __init__(self, serial_number: int):
        super().__init__(f"Row {serial_number} is approved and can't be changed any more")


class RowsNotCompleted(Invalid):
    """Only completed rows can be decided on."""

    code = "rows_not_completed"

    def __init__(self, serial_numbers: Sequence[int]):
        named = ", ".join(map(str, serial_numbers[:20]))
        super().__init__(f"Only completed rows can be decided on; not completed: {named}")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table as one participant has it."""

    serial_number: int
    activity: str
    target: float
    unit: str
    completed: bool = False
    completed_value: float | None = None
    remarks: str | None = None
    completed_at: datetime | None = None
    decision: Decision | None = None
    decided_by: ObjectId | None = None
    decided_at: datetime | None = None
    approval_remarks: str | None = None

    @property
    def is_approved(self) -> bool:
        """Whether it is done for good."""
        return self.decision is Decision.APPROVED

    @property
    def awaits_decision(self) -> bool:
        """Whether it is completed, and nobody has decided on what it is now."""
        return self.completed and self.decision is None


def merged(requirements: Iterable[Mapping[str, Any]], kept: Iterable[Row]) -> tuple[Row, ...]:
    """The rows of a table as it is now, with what was done in those of its serial numbers.

    An approved row stays as it was approved, whatever the table asks for by now.
    """
    known = {row.serial_number: row for row in kept}
    rows = []
    for asked in requirements:
        row = known.get(asked["serial_number"])
        if row is None:
            rows.append(Row(**asked))
        else:
            rows.append(row if row.is_approved else replace(row, **asked))
    return tuple(rows)


def with_entry(
    rows: Sequence[Row], serial_number: int, given: Mapping[str, Any], *, at: datetime
) -> tuple[Row, ...]:
    """The rows once the participant has changed one, which then awaits a decision anew.

    `given` has `completed`, and `completed_value` and `remarks` where they change. Raises
    UnknownReference or RowFrozen.
    """
    row = _find(rows, serial_number)
    if row is None:
        raise UnknownReference("serial_number", "row of this table")
    if row.is_approved:
        raise RowFrozen(serial_number)
    changed = replace(
        row, **given, decision=None, decided_by=None, decided_at=None, approval_remarks=None
    )
    was_done = row.completed and row.decision is None
    completed_at = row.completed_at if was_done else at
    return _put(rows, replace(changed, completed_at=completed_at if changed.completed else None))


def with_decision(
    rows: Sequence[Row],
    serial_number: int,
    decision: Decision,
    remarks: str | None,
    *,
    by: ObjectId,
    at: datetime,
) -> tuple[Row, ...]:
    """The rows once a manager has decided on one; a rejected one may be decided on again.

    Raises RowNotFound, RowFrozen or RowsNotCompleted.
    """
    row = _find(rows, serial_number)
    if row is None:
        raise RowNotFound
    if row.is_approved:
        raise RowFrozen(serial_number)
    if not row.completed:
        raise RowsNotCompleted([serial_number])
    return _put(rows, _decided(row, decision, remarks, by, at))


def with_all_approved(
    rows: Sequence[Row], remarks: str | None, *, by: ObjectId, at: datetime
) -> tuple[Row, ...]:
    """The rows once a manager has approved them all. Raises RowsNotCompleted."""
    missing = [row.serial_number for row in rows if not row.completed]
    if missing:
        raise RowsNotCompleted(missing)
    return tuple(
        row if row.is_approved else _decided(row, Decision.APPROVED, remarks, by, at)
        for row in rows
    )


def as_kept(row: Row) -> dict[str, Any]:
    """A row as `repositories/lms/requirement_submissions.py` keeps it."""
    kept = {name: getattr(row, name) for name in Row.__dataclass_fields__}
    return {**kept, "decision": None if row.decision is None else row.decision.value}


def from_kept(kept: Mapping[str, Any]) -> Row:
    """A row that was kept."""
    decision = kept["decision"]
    return Row(**{**kept, "decision": None if decision is None else Decision(decision)})


def _decided(row: Row, decision: Decision, remarks: str | None, by: ObjectId, at: datetime) -> Row:
    return replace(row, decision=decision, decided_by=by, decided_at=at, approval_remarks=remarks)


def _find(rows: Iterable[Row], serial_number: int) -> Row | None:
    return next((row for row in rows if row.serial_number == serial_number), None)


def _put(rows: Iterable[Row], changed: Row) -> tuple[Row, ...]:
    return tuple(changed if row.serial_number == changed.serial_number else row for row in rows)
