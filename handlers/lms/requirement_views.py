"""The answers about requirement tables and what participants did in them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handlers.base import Answer
from handlers.timestamps import as_timestamp
from repositories.types import Document


class RequirementView(Answer, frozen=True, kw_only=True):
    """A row of a table: what is to be practised, and how much of it."""

    serial_number: int
    activity: str
    target: int | float
    unit: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "RequirementView":
        """A row as it is shown."""
        return cls(
            serial_number=row["serial_number"],
            activity=row["activity"],
            target=row["target"],
            unit=row["unit"],
        )


class TableSummaryView(Answer, frozen=True, kw_only=True):
    """A requirement table in a list."""

    id: str
    name: str
    description: str
    step_id: str
    requirement_count: int
    created_at: datetime

    @classmethod
    def of(cls, table: Document) -> "TableSummaryView":
        """A table as lists show it."""
        return cls(
            id=str(table["_id"]),
            name=table["name"],
            description=table["description"],
            step_id=str(table["step_id"]),
            requirement_count=len(table["requirements"]),
            created_at=as_timestamp(table["created_at"]),
        )


class TableView(Answer, frozen=True, kw_only=True):
    """A requirement table with its rows."""

    id: str
    name: str
    description: str
    step_id: str
    requirements: list[RequirementView]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, table: Document) -> "TableView":
        """A table as it is shown."""
        return cls(
            id=str(table["_id"]),
            name=table["name"],
            description=table["description"],
            step_id=str(table["step_id"]),
            requirements=[RequirementView.of(row) for row in table["requirements"]],
            created_at=as_timestamp(table["created_at"]),
            updated_at=as_timestamp(table["updated_at"]),
        )
