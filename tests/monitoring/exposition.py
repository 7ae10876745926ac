"""What `/metrics` says, read as Prometheus reads it."""

from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from tests.harness import Api, Reply


class Read:
    """The samples of one scrape."""

    def __init__(self, reply: Reply):
        assert reply.status == 200, reply
        text = reply.content.decode()
        is_openmetrics = reply.headers["Content-Type"].startswith("application/openmetrics-text")
        parse = (
            openmetrics.text_string_to_metric_families
            if is_openmetrics
            else text_string_to_metric_families
        )
        self.families: dict[str, Metric] = {family.name: family for family in parse(text)}
        self._samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in self.families.values()
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float | None:
        """The value of one sample, None where there is none."""
        return self._samples.get((name, frozenset(labels.items())))

    def labels(self, name: str, label: str) -> set[str]:
        """The values of a label of a sample."""
        return {dict(labels)[label] for found, labels in self._samples if found == name}


async def scrape(api: Api, **headers: str) -> Read:
    """Ask for the metrics."""
    return Read(await api.get("/metrics", headers=headers))
