"""How far a participant has come in a requirement table. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What was done in a table, by serial number; kept with the progress in its step."""

    completed: frozenset[int] = frozenset()
    approved: frozenset[int] = frozenset()
    is_submitted: bool = False
    is_approved: bool = False


@dataclass(frozen=True, slots=True)
class TableProgress:
    """How many of a table's rows are completed and approved."""

    completed: int
    approved: int
    total: int
    is_submitted: bool
    is_approved: bool


NOTHING_DONE = TableFacts()


def serial_numbers_of(table: Mapping[str, Any]) -> frozenset[int]:
    """The rows that a table has now."""
    return frozenset(row["serial_number"] for row in table["requirements"])


def table_progress(serial_numbers: frozenset[int], facts: TableFacts) -> TableProgress:
    """What the facts say of a table that has these rows now.

    An approved table is done with the rows that it had then: nobody owes what was added
    afterwards.
    """
    rows = facts.approved if facts.is_approved else serial_numbers
    return TableProgress(
        completed=len(rows & facts.completed),
        approved=len(rows & facts.approved),
        total=len(rows),
        is_submitted=facts.is_submitted,
        is_approved=facts.is_approved,
    )


def as_facts(kept: Mapping[str, Any]) -> TableFacts:
    """The facts of one table as `repositories/lms/step_progress.py` keeps them."""
    return TableFacts(
        completed=frozenset(kept["completed"]),
        approved=frozenset(kept["approved"]),
        is_submitted=kept["is_submitted"],
        is_approved=kept["is_approved"],
    )
