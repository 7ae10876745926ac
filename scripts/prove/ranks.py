"""Whether two sets of times come from one distribution: the test of Mann and Whitney."""

import math
from collections.abc import Sequence
from itertools import groupby
from statistics import NormalDist


def mann_whitney_p(first: Sequence[float], second: Sequence[float]) -> float:
    """The two-sided p-value, by the normal approximation with ties and a continuity correction.

    Good from about 20 values on each side (Mann and Whitney, 1947).
    """
    sizes = len(first), len(second)
    both = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    rank_sum, ties, place = 0.0, 0.0, 0
    for _, group in groupby(both, key=lambda each: each[0]):
        sides = [side for _, side in group]
        middle = place + (len(sides) + 1) / 2
        rank_sum += middle * sides.count(0)
        ties += len(sides) ** 3 - len(sides)
        place += len(sides)
    u = rank_sum - sizes[0] * (sizes[0] + 1) / 2
    mean = sizes[0] * sizes[1] / 2
    spread = math.sqrt(sizes[0] * sizes[1] / 12 * (place + 1 - ties / (place * (place - 1))))
    if spread == 0:
        return 1.0
    distance = max(0.0, abs(u - mean) - 0.5) / spread
    return 2 * NormalDist().cdf(-distance)


def median_interval(first: Sequence[float], second: Sequence[float]) -> tuple[float, float]:
    """Between what the difference of the medians lies, in 95 of 100 cases.

    From the binomial bounds of each median, joined as if independent (Bonett and Price, 2002).
    """
    (low, middle, high), (other_low, other_middle, other_high) = _median(first), _median(second)
    error = math.hypot((high - low) / 2, (other_high - other_low) / 2)
    gap = middle - other_middle
    return gap - error, gap + error


def _median(values: Sequence[float]) -> tuple[float, float, float]:
    ordered = sorted(values)
    count = len(ordered)
    reach = NormalDist().inv_cdf(0.975) * math.sqrt(count) / 2
    low = max(0, math.floor(count / 2 - reach))
    high = min(count - 1, math.ceil(count / 2 + reach))
    return ordered[low], ordered[count // 2], ordered[high]
