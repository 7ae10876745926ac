"""`/metrics`: what Prometheus asks for, and nobody else is told of."""

from handlers.base import BaseHandler
from handlers.errors import UnknownRoute
from handlers.ops.local import is_local, is_loopback_address, is_relayed
from services.monitoring.metrics import Metrics


class MetricsHandler(BaseHandler):
    """Get what is measured, for Prometheus; only from the addresses of `--metrics`."""

    _metrics: Metrics

    async def prepare(self) -> None:
        """To others there is no such path, whatever the method."""
        metrics = self.services.monitoring.metrics
        if metrics is None or not self._may_read(metrics):
            raise UnknownRoute
        self._metrics = metrics
        await super().prepare()

    def _may_read(self, metrics: Metrics) -> bool:
        address = self.request.remote_ip or ""
        if not metrics.may_be_read_from(address):
            return False
        if is_loopback_address(address):
            # A proxy on this machine, or a page in a browser on it, must not lend its address.
            return is_local(self.request)
        return not is_relayed(self.request)

    async def get(self) -> None:
        """As OpenMetrics where `Accept` names it, else as Prometheus' plain text."""
        exposition = await self._metrics.render(self.request.headers.get("Accept", ""))
        self.set_header("Cache-Control", "no-store")
        self.send(exposition.content, exposition.content_type)
