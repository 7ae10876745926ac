"""How long the storage takes, as Prometheus sees it."""

from collections.abc import Iterator
from typing import Final

from prometheus_client.metrics_core import HistogramMetricFamily, Metric

from services.monitoring.histogram import Histogram

# The embedded store reads a document in 10 us; a disk in need of help commits in seconds.
_READ_BOUNDS: Final = (
    *(0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005),
    *(0.01, 0.02, 0.05, 0.1, 0.5, 1.0, 5.0),
)
_COMMIT_BOUNDS: Final = (
    *(0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05),
    *(0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
)
_TOGETHER_BOUNDS: Final = (1, 2, 4, 8, 16, 32, 64, 128)


class StoreMeter:
    """What the storage tells of its work; see `Storage.watch`."""

    def __init__(self) -> None:
        self._reads = Histogram(_READ_BOUNDS)
        self._commits = Histogram(_COMMIT_BOUNDS)
        self._together = Histogram(_TOGETHER_BOUNDS)
        #: Not a method that would call this one: a page of the feed has five reads.
        self.read = self._reads.observe

    def written(self, seconds: float, together: int | None) -> None:
        """Writes became durable: so many `together` in one commit, None where it is one write."""
        self._commits.observe(seconds)
        if together is not None:
            self._together.observe(together)

    def collect(self) -> Iterator[Metric]:
        """The families, for a registry; in any thread."""
        yield _family(
            "agora_store_read_duration_seconds",
            "Time that a query of the storage took, or a batch of its documents.",
            self._reads,
        )
        yield _family(
            "agora_store_commit_duration_seconds",
            "Time that making writes durable took: a commit of the embedded store, a writing "
            "command of MongoDB.",
            self._commits,
        )
        yield _family(
            "agora_store_commit_writes",
            "Writes and transactions that shared a commit of the embedded store.",
            self._together,
        )


def _family(name: str, text: str, histogram: Histogram) -> Metric:
    return HistogramMetricFamily(name, text, buckets=histogram.buckets(), sum_value=histogram.sum)
