"""How late the event loop comes to what is due: everything else waits as long."""

import asyncio
import time
from collections.abc import Iterator
from typing import Final

from prometheus_client.metrics_core import HistogramMetricFamily, Metric

from services.monitoring.histogram import Histogram

_PAUSE_SECONDS: Final = 0.1
_BOUNDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)


class LoopLag:
    """Asks to be called ten times a second, and looks how late that was."""

    def __init__(self, *, pause_seconds: float = _PAUSE_SECONDS) -> None:
        self.lateness = Histogram(_BOUNDS)
        self._pause_seconds = pause_seconds
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._wait(asyncio.get_running_loop())

    def stop(self) -> None:
        """End."""
        if self._timer is not None:
            self._timer.cancel()

    def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
        due_at = time.monotonic() + self._pause_seconds
        self._timer = loop.call_later(self._pause_seconds, self._woken, loop, due_at)

    def _woken(self, loop: asyncio.AbstractEventLoop, due_at: float) -> None:
        # A loop's own clock counts milliseconds, so that it may also come a little early.
        self.lateness.observe(max(time.monotonic() - due_at, 0.0))
        self._wait(loop)

    def collect(self) -> Iterator[Metric]:
        """The family, for a registry; in any thread."""
        yield HistogramMetricFamily(
            "agora_event_loop_lag_seconds",
            "How late the event loop woke a timer, looked at ten times a second.",
            buckets=self.lateness.buckets(),
            sum_value=self.lateness.sum,
        )
