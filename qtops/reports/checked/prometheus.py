"""For Prometheus: the text format. The verdict of the run and of each subject, and how often each code was found."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from qtops.facts.text import printable
from qtops.reports.checked.report import Checked


class _Metrics(Collector):
    """A finished report as metrics: built at once, not counted up label by label."""

    def __init__(self, report: Checked) -> None:
        self._report = report

    def collect(self) -> Iterator[Metric]:
        report = self._report
        name = report.command.replace(" ", "_")
        run = GaugeMetricFamily(
            "qtops_check_state", "Verdict of the run: 0 ok, 1 warning, 2 critical, 3 could not tell", labels=["command"]
        )
        run.add_metric([name], report.verdict.exit_code)
        yield run
        at = GaugeMetricFamily("qtops_check_timestamp_seconds", "When the run took place", labels=["command"])
        at.add_metric([name], report.taken_at_s)
        yield at
        subjects = GaugeMetricFamily(
            "qtops_subject_verdict", "Verdict: 0 ok, 1 warning, 2 critical, 3 could not tell", labels=["command", "subject"]
        )
        for subject in report.subjects:
            subjects.add_metric([name, printable(subject.name)], subject.verdict.exit_code)
        yield subjects
        found = GaugeMetricFamily("qtops_findings", "How many findings there are", labels=["command", "code", "severity"])
        for (code, severity), count in Counter((f.code, f.severity) for f in report.judged.findings).items():
            found.add_metric([name, code, severity], count)
        yield found


def render(report: Checked) -> str:
    """All metrics, with a registry of their own: nothing about this process is mixed in."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Metrics(report))
    return generate_latest(registry).decode()
