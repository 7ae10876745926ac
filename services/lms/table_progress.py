"""How far a participant has come in a requirement table. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from repositories.types import Document


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


def as_facts(kept: Mapping[str, Document]) -> dict[str, TableFacts]:
    """The facts as `repositories/lms/step_progress.py` keeps them, by table id in hex."""
    return {
        table_id: TableFacts(
            completed=frozenset(each["completed"]),
            approved=frozenset(each["approved"]),
            is_submitted=each["is_submitted"],
            is_approved=each["is_approved"],
        )
        for table_id, each in kept.items()
    }
