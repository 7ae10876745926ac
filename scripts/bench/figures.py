"""One row of the table: a figure, its bar, and whether it is met."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

MISSED, OK, GOAL = "missed", "ok", "goal reached"


@dataclass(frozen=True)
class Limit:
    """A bar or a goal."""

    value: float
    is_most: bool
    unit: str = ""

    def holds(self, value: float) -> bool:
        """Whether a figure meets it; one that is not a number does not."""
        return value <= self.value if self.is_most else value >= self.value

    def __str__(self) -> str:
        return f"{'at most' if self.is_most else 'at least'} {self.value:,g} {self.unit}".strip()


def at_most(value: float, unit: str = "") -> Limit:
    """A limit from above."""
    return Limit(value, True, unit)


def at_least(value: float, unit: str = "") -> Limit:
    """A limit from below."""
    return Limit(value, False, unit)


@dataclass(frozen=True)
class Ratio:
    """Ratios of interleaved rounds: their median, and how far they lie apart."""

    middle: float
    least: float
    most: float

    @classmethod
    def of(cls, rates: Sequence[float], base: Sequence[float]) -> "Ratio":
        """Each round's rate against that of the same round of what it is compared with."""
        ratios = [rate / other for rate, other in zip(rates, base, strict=True)]
        return cls(median(ratios), min(ratios), max(ratios))

    def __str__(self) -> str:
        return f"{self.middle:.2f} ({self.least:.2f} to {self.most:.2f})"


@dataclass(frozen=True)
class Row:
    """What was measured in one cell; `value` is what the bar and the goal are about."""

    cell: str
    value: float
    figure: str = ""
    ratio: str = ""
    #: The ratio to the bare handler when that reads the same POST; for information.
    post_ratio: str = ""
    bar: Limit | None = None
    goal: Limit | None = None

    @property
    def verdict(self) -> str:
        """`missed`, `ok` or `goal reached`; empty without a bar."""
        if self.bar is None:
            return ""
        if not self.bar.holds(self.value):
            return MISSED
        return GOAL if self.goal is not None and self.goal.holds(self.value) else OK
