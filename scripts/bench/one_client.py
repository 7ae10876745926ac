"""One client that waits for each answer: what a single user sees, beside whatever else runs."""

import http.client
import math
import time
from collections import defaultdict
from collections.abc import Iterable
from statistics import median

from scripts.bench.load import LoadFailed
from scripts.server_process import HOST, Process

_ANSWER_SECONDS = 30.0


class Times:
    """How long answers took, by path."""

    def __init__(self) -> None:
        self._by_path: dict[str, list[float]] = defaultdict(list)

    def add(self, path: str, seconds: float) -> None:
        """Note an answer."""
        self._by_path[path].append(seconds * 1e3)

    def merge(self, others: "Times") -> None:
        """Add the answers of another run."""
        for path, times in others._by_path.items():
            self._by_path[path] += times

    def median_ms(self) -> float:
        """Half of all answers came within this time."""
        return median(self._all()) if self._by_path else math.nan

    def percentile_ms(self, percent: float) -> float:
        """So many of a hundred answers came within this time."""
        times = sorted(self._all())
        return times[min(int(len(times) * percent / 100), len(times) - 1)] if times else math.nan

    def medians_ms(self) -> dict[str, float]:
        """The median of each path."""
        return {path: median(times) for path, times in self._by_path.items()}

    def count(self) -> int:
        """How many answers there were."""
        return len(self._all())

    def _all(self) -> list[float]:
        return [time for times in self._by_path.values() for time in times]

    def __str__(self) -> str:
        return (
            f"median {self.median_ms():.2f} ms, p99 {self.percentile_ms(99):.1f} ms, "
            f"longest {self.percentile_ms(100):.1f} ms"
        )


def times_of(
    process: Process,
    paths: Iterable[str],
    *,
    every_seconds: float = 0.0,
    token: str | None = None,
) -> Times:
    """Ask for one path after the other on one connection; raises LoadFailed unless all are 200.

    With `every_seconds`, requests are due at that pace. One that is due while the client
    still waits for an earlier answer counts from when it was due, as for a user who came then.
    """
    times = Times()
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    connection = http.client.HTTPConnection(HOST, process.port, timeout=_ANSWER_SECONDS)
    due = time.perf_counter()
    try:
        for path in paths:
            began = time.perf_counter()
            if began < due:
                time.sleep(due - began)
                began = time.perf_counter()
            elif every_seconds:
                began = due
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            content = answer.read()
            if answer.status != 200:
                raise LoadFailed(f"{path} was answered {answer.status} {content[:200]!r}")
            times.add(path, time.perf_counter() - began)
            due += every_seconds
    except (OSError, http.client.HTTPException) as problem:
        raise LoadFailed(f"GET {path}: {problem}") from problem
    finally:
        connection.close()
    return times
