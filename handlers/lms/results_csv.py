"""Results of a course as a table for spreadsheets. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from services.lms.course_participants import CourseResults, ParticipantResults

_COLUMNS = (
    "participant_id",
    "name",
    "enrolled_at",
    "last_activity_at",
    "completed_at",
    "completed_steps",
    "total_steps",
    "percentage",
)
# What makes spreadsheets take a cell for a formula (OWASP, "CSV Injection"), full width too.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
Cell = str | int | None


def header(results: CourseResults) -> list[Cell]:
    """The names of the columns: two for each exam, by the place and name of its step."""
    columns: list[Cell] = [*_COLUMNS]
    for place, step in results.steps:
        columns += [f"{place + 1}. {step.name}: status", f"{place + 1}. {step.name}: score"]
    return columns


def row(results: CourseResults, of: ParticipantResults) -> list[Cell]:
    """The line of a participant; what there is not is empty."""
    standing = of.participant.standing
    enrollment, summary = standing.enrollment, standing.summary
    cells: list[Cell] = [
        str(enrollment["participant_id"]),
        of.participant.name,
        _moment(enrollment["enrolled_at"]),
        _moment(enrollment["last_activity_at"]),
        _moment(enrollment["completed_at"]),
        summary["completed_steps"],
        summary["total_steps"],
        summary["percentage"],
    ]
    for _, step in results.steps:
        exam = of.exams.get(step.id)
        cells += [None, None] if exam is None else [exam.shown_status, exam.score]
    return cells


def as_csv(rows: Iterable[Sequence[Cell]]) -> str:
    """Rows as CSV (RFC 4180); a text that would be a formula gets an apostrophe before it."""
    text = io.StringIO()
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def _moment(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"
