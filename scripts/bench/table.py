"""The table: on the terminal, in a page of the documentation, and as JSON."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.bench.figures import Row

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
_HEAD = ("cell", "figure", "ratio", "to bare POST", "bar", "goal", "verdict")


class NoMarkers(Exception):
    """The page has no place for the table; the message says how to make one."""


def render(facts: Mapping[str, str], rows: Sequence[Row]) -> str:
    """Markdown: how it was measured, then what."""
    cells = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEAD))]
    lines = [
        "| "
        + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True))
        + " |"
        for line in cells
    ]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    head = [f"- {name}: {text}" for name, text in facts.items()]
    return "\n".join([*head, "", *lines])


def as_data(facts: Mapping[str, str], rows: Sequence[Row]) -> dict[str, Any]:
    """The same for programs."""
    return {
        "facts": dict(facts),
        "rows": [
            {
                "cell": row.cell,
                "value": row.value,
                "figure": row.figure,
                "ratio": row.ratio,
                "post_ratio": row.post_ratio,
                "bar": str(row.bar or ""),
                "goal": str(row.goal or ""),
                "verdict": row.verdict,
            }
            for row in rows
        ],
    }


def split_page(page: Path) -> tuple[str, str]:
    """What stands before the table and after it. Raises NoMarkers."""
    text = page.read_text() if page.exists() else ""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise NoMarkers(
            f"{page} has no place for the table. Put the lines {BEGIN} and {END} into it."
        )
    return before, after


def write_page(page: Path, table: str) -> None:
    """Put the table between the two markers of a page. Raises NoMarkers."""
    before, after = split_page(page)
    page.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}")


def _cells(row: Row) -> tuple[str, ...]:
    bar, goal = str(row.bar or ""), str(row.goal or "")
    return (row.cell, row.figure, row.ratio, row.post_ratio, bar, goal, row.verdict)
