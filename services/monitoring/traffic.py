"""Requests of the last hour, minute by minute: how many, how many failed, how long they took.

Each process has its own; only the event loop calls it. A minute is a histogram of fixed size,
so that recording a request costs the same whatever the traffic.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Final

from services.clock import Clock

MINUTES_KEPT: Final = 60

_MINUTE = timedelta(minutes=1)
# Bounds a tenth apart, so that a percentile is told to within a tenth: 0.1 ms to about a minute.
_BOUNDS: Final = tuple(0.0001 * 1.1**step for step in range(141))


@dataclass(frozen=True, slots=True)
class TrafficMinute:
    """The requests answered in the minute that began at `at`.

    The percentiles are of their times, to within a tenth; None when there were none.
    """

    at: datetime
    requests: int
    client_errors: int
    server_errors: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


class _Minute:
    """The counts of one minute."""

    __slots__ = ("at", "client_errors", "counts", "ends_at", "server_errors")

    def __init__(self, at: datetime):
        self.at = at
        self.ends_at = at + _MINUTE
        self.counts = [0] * (len(_BOUNDS) + 1)
        self.client_errors = 0
        self.server_errors = 0


class Traffic:
    """Counts requests as they are answered."""

    def __init__(self, clock: Clock):
        self._clock = clock
        self._minutes: dict[datetime, _Minute] = {}
        self._current = self._minute_of(clock())

    def record(self, *, status: int, seconds: float) -> None:
        """Count a request that was just answered with `status`, `seconds` after it began."""
        now = self._clock()
        minute = self._current
        if not minute.at <= now < minute.ends_at:
            minute = self._current = self._minute_of(now)
        minute.counts[bisect_left(_BOUNDS, seconds)] += 1
        if status >= 500:
            minute.server_errors += 1
        elif status >= 400:
            minute.client_errors += 1

    def minutes(self, count: int = MINUTES_KEPT) -> list[TrafficMinute]:
        """The last `count` minutes, oldest first, empty ones too; the last one is still running.

        Raises ValueError for more than are kept.
        """
        if not 1 <= count <= MINUTES_KEPT:
            raise ValueError(f"1 to {MINUTES_KEPT} minutes are kept, not {count}")
        newest = _start_of(self._clock())
        starts = [newest - _MINUTE * ago for ago in reversed(range(count))]
        return [_told(self._minutes.get(at) or _Minute(at)) for at in starts]

    def _minute_of(self, now: datetime) -> _Minute:
        """The minute of `now`, one that was begun before if the clock was put back."""
        at = _start_of(now)
        minute = self._minutes.pop(at, None) or _Minute(at)
        self._minutes[at] = minute
        while len(self._minutes) > MINUTES_KEPT:
            del self._minutes[next(iter(self._minutes))]
        return minute


def _start_of(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _told(minute: _Minute) -> TrafficMinute:
    return TrafficMinute(
        at=minute.at,
        requests=sum(minute.counts),
        client_errors=minute.client_errors,
        server_errors=minute.server_errors,
        p50_ms=_percentile_ms(minute.counts, 0.50),
        p95_ms=_percentile_ms(minute.counts, 0.95),
        p99_ms=_percentile_ms(minute.counts, 0.99),
    )


def _percentile_ms(counts: Sequence[int], share: float) -> float | None:
    """The time that `share` of the requests did not exceed: the upper bound of its bucket."""
    cumulative = list(accumulate(counts))
    if not cumulative[-1]:
        return None
    bucket = bisect_left(cumulative, share * cumulative[-1])
    return _BOUNDS[min(bucket, len(_BOUNDS) - 1)] * 1000
