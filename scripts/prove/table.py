"""The table of docs/reliability.md: a row a promise, kept until that promise is run again."""

import re
from dataclasses import dataclass
from pathlib import Path

from scripts.marked_page import MarkedPage
from scripts.prove.promise import Promise, Proof

MARK = "prove"
_HEAD = ("promise", "what a run found", "held", "run")
_ROW = re.compile(r"^\| \*\*(P\d+)\*\* ")


@dataclass(frozen=True)
class Row:
    """A promise, what its run came to, and how it was run: day, command, seed, seconds."""

    promise: Promise
    proof: Proof
    run: str

    def __str__(self) -> str:
        found = [self.proof.figure]
        found += [f"Limit: {limit}." for limit in self.proof.limits]
        found += [f"Not run here: {part}." for part in self.proof.not_run]
        cells = (
            f"**{self.promise.number}** {self.promise.sentence}",
            "<br>".join(found),
            "yes" if self.proof.has_held else f"**broken, {self.proof.broken} times**",
            self.run,
        )
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def write_rows(page: Path, rows: list[Row]) -> None:
    """Put rows into a page's table, in the place of older ones of theirs. Raises NoMarkers."""
    marked = MarkedPage(page, MARK)
    _, table, _ = marked.split()
    lines = {found[1]: line for line in table.splitlines() if (found := _ROW.match(line))}
    lines |= {row.promise.number: str(row) for row in rows}
    ordered = [lines[number] for number in sorted(lines, key=lambda number: int(number[1:]))]
    head = [f"| {' | '.join(_HEAD)} |", f"|{' --- |' * len(_HEAD)}"]
    marked.write("\n".join([*head, *ordered]))
