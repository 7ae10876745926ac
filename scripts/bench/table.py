"""The table: for people, and as JSON for programs."""

from collections.abc import Mapping, Sequence
from typing import Any

from scripts.bench.figures import Row

MARK = "bench"
_HEAD = ("cell", "figure", "ratio", "to bare POST", "bar", "goal", "verdict")


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


def _cells(row: Row) -> tuple[str, ...]:
    bar, goal = str(row.bar or ""), str(row.goal or "")
    return (row.cell, row.figure, row.ratio, row.post_ratio, bar, goal, row.verdict)
