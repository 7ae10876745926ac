"""Joins what is measured, unless the settings say that nothing is."""

import platform

from config.families.shared import Shared
from services.monitoring.metrics import Metrics
from services.monitoring.readings import Queue
from services.version import VERSION


def join(shared: Shared, images: Queue) -> Metrics | None:
    """The metrics, or None where nobody may read them."""
    settings = shared.settings
    if not settings.metrics:
        return None
    storage = settings.storage if settings.storage in ("embedded", "memory") else "mongodb"
    metrics = Metrics(
        readers=settings.metrics,
        build={"version": VERSION, "python": platform.python_version(), "storage": storage},
        outbox=shared.outbox,
        queues={"hashing": shared.hasher, "pictures": images},
    )
    shared.storage.watch(metrics.store)
    if shared.storage.waiting_writes() is not None:
        metrics.gauges.add(
            "agora_store_waiting_writes",
            "Writes and transactions that wait to become durable.",
            lambda: shared.storage.waiting_writes() or 0,
        )
    return metrics
