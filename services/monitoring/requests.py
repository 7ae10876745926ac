"""Requests as Prometheus sees them: how many, with what status, and how long they took."""

from collections.abc import Iterator
from typing import Final

from prometheus_client.metrics_core import (
    CounterMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from services.monitoring.giving_way import give_way
from services.monitoring.histogram import Histogram

UNKNOWN_ROUTE: Final = "unknown"
OTHER_METHOD: Final = "other"

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# From an answer out of memory to the longest that a client waits for.
_BOUNDS: Final = (
    *(0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05),
    *(0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
)


class _Served:
    """What became of the requests of one method of one route."""

    __slots__ = ("seconds", "statuses")

    def __init__(self) -> None:
        self.seconds = Histogram(_BOUNDS)
        self.statuses: dict[int, int] = {}


class RequestMeter:
    """Counts requests by route, method and status; only the event loop calls `record`.

    Whatever clients send, there are no more series than routes: every path that leads to no
    route, and every method that is none, is one.
    """

    def __init__(self) -> None:
        self._served: dict[tuple[str, str], _Served] = {}

    def record(self, *, route: str | None, method: str, status: int, seconds: float) -> None:
        """Count a request that was answered; `route` is the pattern of its path, if it has one."""
        served = self._served.get((route or UNKNOWN_ROUTE, method))
        if served is None:
            served = self._begin(route or UNKNOWN_ROUTE, method)
        served.seconds.observe(seconds)
        served.statuses[status] = served.statuses.get(status, 0) + 1

    def _begin(self, route: str, method: str) -> _Served:
        if method not in _METHODS:
            method = OTHER_METHOD
        return self._served.setdefault((route, method), _Served())

    def collect(self) -> Iterator[Metric]:
        """The families, for a registry; in a thread."""
        requests = CounterMetricFamily(
            "agora_http_requests",
            "Requests answered, by the pattern of their path, their method and status.",
            labels=("route", "method", "status"),
        )
        seconds = HistogramMetricFamily(
            "agora_http_request_duration_seconds",
            "Time from a request's headers to its answer being handed to the system.",
            labels=("route", "method"),
        )
        # Copies, each made at once: the loop may count on while this is read.
        for (route, method), served in list(self._served.items()):
            give_way()
            for status, count in list(served.statuses.items()):
                requests.add_metric((route, method, str(status)), count)
            seconds.add_metric((route, method), served.seconds.buckets(), served.seconds.sum)
        yield requests
        yield seconds
