"""A histogram of plain numbers, which one thread fills and any may read."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate


class Histogram:
    """How many values were at most each of some bounds, and what they sum up to.

    Not prometheus-client's, which takes five times as long: every request has several values
    (docs/decisions/0024).
    """

    __slots__ = ("_bounds", "_counts", "sum")

    def __init__(self, bounds: Sequence[float]):
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Count a value; it belongs to the first bound that it does not exceed."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self.sum += value

    @property
    def count(self) -> int:
        """How many values there were."""
        return sum(self._counts)

    def buckets(self) -> list[tuple[str, float]]:
        """Each bound, as Prometheus writes it, with the count of values up to it."""
        bounds = [*map(str, self._bounds), "+Inf"]
        # One copy first: the loop may count on while this is read.
        return list(zip(bounds, accumulate(tuple(self._counts)), strict=True))
