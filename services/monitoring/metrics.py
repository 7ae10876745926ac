"""All that Prometheus may ask of this process, in the formats that it reads."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from repositories.errors import StorageUnavailable
from services.messaging.outbox import OutboxService, OutboxSummary
from services.monitoring.giving_way import give_way
from services.monitoring.loop_lag import LoopLag
from services.monitoring.readings import Gauges, Queue, Queues, outbox_families
from services.monitoring.requests import RequestMeter
from services.monitoring.store import StoreMeter

Network = IPv4Network | IPv6Network

_OPENMETRICS: Final = "application/openmetrics-text"
_SAMPLES_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Exposition:
    """The metrics as they go out."""

    content: bytes
    content_type: str


class Metrics:
    """What is counted while the server works, and what is read when somebody asks.

    Its registry is its own: there may be many servers in a process, as in tests.
    """

    def __init__(
        self,
        *,
        readers: Sequence[Network],
        build: Mapping[str, str],
        outbox: OutboxService,
        queues: Mapping[str, Queue],
    ):
        self.requests = RequestMeter()
        self.store = StoreMeter()
        self.loop_lag = LoopLag()
        self.gauges = Gauges()
        self._readers = tuple(readers)
        self._outbox = outbox
        self._build = dict(build)
        self._registry = CollectorRegistry()
        own = (self.requests, self.store, self.loop_lag, self.gauges, Queues(queues))
        for collector in own:
            self._registry.register(collector)
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def may_be_read_from(self, address: str) -> bool:
        """Whether `--metrics` names the address of who asks."""
        try:
            asking = ip_address(address)
        except ValueError:
            return False
        mapped = asking.ipv4_mapped if isinstance(asking, IPv6Address) else None
        return any((mapped or asking) in network for network in self._readers)

    async def render(self, accept: str) -> Exposition:
        """Everything there is, as OpenMetrics if `accept` names it, else as plain text.

        Where the storage does not answer, that is told, and the rest too.
        """
        # Not as it came: the library repeats what it finds there in the type of the answer.
        encode, content_type = choose_encoder(_OPENMETRICS if _OPENMETRICS in accept else "")
        summary = await self._summary()
        content = await asyncio.to_thread(encode, _Patient(self._families(summary)))
        return Exposition(content, content_type)

    async def _summary(self) -> OutboxSummary | None:
        try:
            return await self._outbox.summary()
        except StorageUnavailable:
            return None

    def _families(self, summary: OutboxSummary | None) -> Iterator[Metric]:
        yield InfoMetricFamily("agora_build", "What runs here.", self._build)
        yield GaugeMetricFamily(
            "agora_store_up", "Whether the storage answered just now.", summary is not None
        )
        if summary is not None:
            yield from outbox_families(summary)
        yield from self._registry.collect()


class _Patient(Collector):
    """Families whose samples are read in a thread without holding up the event loop."""

    def __init__(self, families: Iterable[Metric]):
        self._families = families

    def collect(self) -> Iterator[Metric]:
        for family in self._families:
            family.samples = _PatientSamples(family.samples)
            yield family


class _PatientSamples(list[Sample]):
    def __iter__(self) -> Iterator[Sample]:
        for number, sample in enumerate(super().__iter__()):
            if number % _SAMPLES_AT_ONCE == 0:
                give_way()
            yield sample
