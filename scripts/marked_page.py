"""A page of the documentation with a part between two marks that a command writes."""

from dataclasses import dataclass
from pathlib import Path


class NoMarkers(Exception):
    """The page has no place for the part; the message says how to make one."""


@dataclass(frozen=True)
class MarkedPage:
    """The part of a page that stands between `<!-- NAME: begin -->` and `<!-- NAME: end -->`."""

    path: Path
    name: str

    @property
    def _marks(self) -> tuple[str, str]:
        return f"<!-- {self.name}: begin -->", f"<!-- {self.name}: end -->"

    def split(self) -> tuple[str, str, str]:
        """What stands before the part, the part, and what comes after it. Raises NoMarkers."""
        begin, end = self._marks
        text = self.path.read_text() if self.path.exists() else ""
        before, found_begin, rest = text.partition(begin)
        part, found_end, after = rest.partition(end)
        if not (found_begin and found_end):
            raise NoMarkers(
                f"{self.path} has no place for this. Put the lines {begin} and {end} into it."
            )
        return before, part, after

    def write(self, part: str) -> None:
        """Put `part` in the place of what is there. Raises NoMarkers."""
        begin, end = self._marks
        before, _, after = self.split()
        self.path.write_text(f"{before}{begin}\n\n{part}\n\n{end}{after}")
