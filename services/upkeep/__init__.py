"""Work that is asked for now and then, by `scripts.maintenance`: what each part has in common.

What a part finds it looks at again, alone, in a short transaction, before it changes it: a
server may be writing meanwhile (services/checking.py).
"""

from dataclasses import dataclass
from typing import Protocol

from services.checking import Progress


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done to how many things, or with `dry_run` is to be done."""

    things: str
    done: str
    count: int

    def told(self, *, dry_run: bool) -> str:
        """It in words: `expired sessions, deleted: 3`."""
        return f"{self.things}, {'to be ' if dry_run else ''}{self.done}: {self.count}"


class Upkeep(Protocol):
    """Puts in order what belongs to one subject."""

    async def run(self, progress: Progress, *, dry_run: bool) -> list[Outcome]:
        """Do it, or with `dry_run` only find out what there is to do."""
