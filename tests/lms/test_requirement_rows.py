"""The rows of a requirement table under any order of deeds (CONTRACT section 6)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from services.errors import DomainError
from services.lms.requirement_rows import (
    Decision,
    Row,
    as_kept,
    from_kept,
    merged,
    with_all_approved,
    with_decision,
    with_entry,
)

NOON = datetime(2025, 1, 18, 12, 0, tzinfo=UTC)
MANAGER = ObjectId()
_DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["fill", "undo", "approve", "reject", "approve all", "change"]),
        st.integers(1, 4),
    ),
    max_size=25,
)


def asked(number: int, target: int = 1) -> dict[str, Any]:
    """A row as a table has it."""
    return {"serial_number": number, "activity": "Chanting", "target": target, "unit": "rounds"}


def _done(rows: tuple[Row, ...], deed: str, number: int, at: datetime) -> tuple[Row, ...]:
    """The rows once somebody did something, or as they were where that is refused."""
    try:
        match deed:
            case "fill" | "undo":
                return with_entry(rows, number, {"completed": deed == "fill"}, at=at)
            case "approve" | "reject":
                decision = Decision.APPROVED if deed == "approve" else Decision.REJECTED
                return with_decision(rows, number, decision, None, by=MANAGER, at=at)
            case "approve all":
                return with_all_approved(rows, None, by=MANAGER, at=at)
            case _:
                return merged([asked(each, at.minute) for each in (1, 2, 3)], rows)
    except DomainError:
        return rows


@given(_DEEDS)
def test_what_is_approved_never_changes_and_was_completed(deeds):
    rows = merged([asked(number) for number in (1, 2, 3)], [])
    for minute, (deed, number) in enumerate(deeds, 2):
        before = {row.serial_number: row for row in rows}
        rows = _done(rows, deed, number, NOON + timedelta(minutes=minute))
        assert [row.serial_number for row in rows] == [1, 2, 3]
        for row in rows:
            assert row.completed is (row.completed_at is not None)
            assert row.completed or row.decision is None
            assert (row.decision is None) is (row.decided_by is None) is (row.decided_at is None)
            if before[row.serial_number].is_approved:
                assert row == before[row.serial_number]


@given(_DEEDS)
def test_rows_come_back_as_they_were_kept(deeds):
    rows = merged([asked(number) for number in (1, 2, 3)], [])
    for minute, (deed, number) in enumerate(deeds, 2):
        rows = _done(rows, deed, number, NOON + timedelta(minutes=minute))
    assert tuple(from_kept(as_kept(row)) for row in rows) == rows
