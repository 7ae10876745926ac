"""Figures that are there anyway, and are only looked at when somebody asks."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from services.messaging.outbox import OutboxSummary


class Queue(Protocol):
    """Work that is done in threads, so much of it at once and so much waiting."""

    @property
    def jobs(self) -> int:
        """How many are done now, or wait."""

    limit: int
    """How many there can be; more are refused."""


class Gauges:
    """Single figures by name. One that is added again takes the place of the former."""

    def __init__(self) -> None:
        self._gauges: dict[str, tuple[str, Callable[[], float]]] = {}

    def add(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Have a figure told; `read` is called in any thread."""
        self._gauges[name] = (text, read)

    def collect(self) -> Iterator[Metric]:
        """The families, for a registry."""
        for name, (text, read) in list(self._gauges.items()):
            yield GaugeMetricFamily(name, text, read())


class Queues:
    """How full the bounded queues are."""

    def __init__(self, queues: Mapping[str, Queue]):
        self._queues = queues

    def collect(self) -> Iterator[Metric]:
        """The families, for a registry; in any thread."""
        jobs = GaugeMetricFamily(
            "agora_queue_jobs", "Jobs that are done in threads now, or wait.", labels=("queue",)
        )
        limit = GaugeMetricFamily(
            "agora_queue_jobs_limit",
            "Jobs that a queue takes; beyond that requests are answered 503.",
            labels=("queue",),
        )
        for name, queue in self._queues.items():
            jobs.add_metric((name,), queue.jobs)
            limit.add_metric((name,), queue.limit)
        yield jobs
        yield limit


def outbox_families(summary: OutboxSummary) -> Iterator[Metric]:
    """Mail and SMS on their way out; the same in every process that shares a storage."""
    messages = GaugeMetricFamily(
        "agora_outbox_messages",
        "Messages that are not sent: pending, retrying after a failure, held for want of a "
        "sender, or dead (given up).",
        labels=("channel", "status"),
    )
    oldest = GaugeMetricFamily(
        "agora_outbox_oldest_pending_seconds",
        "How long the oldest message has waited that is pending or retrying; 0 without any.",
        labels=("channel",),
    )
    for channel, waiting in summary.pending.items():
        messages.add_metric((channel, "dead"), summary.dead[channel])
        if channel in summary.held_channels:
            messages.add_metric((channel, "held"), waiting)
            continue
        retrying = summary.put_off[channel]
        messages.add_metric((channel, "pending"), waiting - retrying)
        messages.add_metric((channel, "retrying"), retrying)
        oldest.add_metric((channel,), summary.oldest_pending_seconds[channel] or 0.0)
    yield messages
    yield oldest
