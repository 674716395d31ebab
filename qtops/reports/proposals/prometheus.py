"""For Prometheus: the levels of each proposal besides what all these commands tell. Prices are in the quote currency."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from qtops.reports.checked import prometheus
from qtops.reports.proposals.report import Report


class _Levels(Collector):
    """The rows of a finished report as metrics."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def collect(self) -> Iterator[Metric]:
        price = GaugeMetricFamily("qtops_proposal_price", "Price that the proposal was made with", labels=["symbol"])
        stop = GaugeMetricFamily("qtops_proposal_stop", "Proposed stop-loss price", labels=["symbol"])
        target = GaugeMetricFamily("qtops_proposal_target", "Proposed take-profit price", labels=["symbol"])
        age = GaugeMetricFamily("qtops_proposal_age_seconds", "Age of the time field that decided", labels=["symbol"])
        for row in self._report.rows:
            for gauge, value in ((price, row.price), (stop, row.stop), (target, row.target), (age, row.age_s)):
                if value is not None:
                    gauge.add_metric([row.symbol], value)
        yield from (price, stop, target, age)


def render(report: Report) -> str:
    """All metrics, with a registry of their own."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Levels(report))
    return prometheus.render(report) + generate_latest(registry).decode()
