"""For Prometheus: the text format, in base units, for the textfile collector or a push."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from qtops.reports.freshness.report import Report


class _Metrics(Collector):
    """A finished report as metrics: built at once, not counted up label by label."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def collect(self) -> Iterator[Metric]:
        report = self._report
        yield _plain(
            "qtops_verify_state", "Verdict of the run: 0 ok, 1 warning, 2 critical, 3 could not tell", report.verdict.exit_code
        )
        yield _plain("qtops_last_run_timestamp_seconds", "When the run took place", report.taken_at_s)
        yield _plain("qtops_redis_up", "Whether Redis answered", float(report.server.state == "ok"))
        if report.server.clock is not None:
            skew_s = report.server.clock.skew_s
            yield _plain("qtops_redis_clock_skew_seconds", "How far Redis' clock is ahead of this host's", skew_s)
        counts = GaugeMetricFamily("qtops_keys", "How many keys are in each state", labels=["state"])
        for state, count in report.states.items():
            counts.add_metric([state], count)
        yield counts
        yield from _keys(report)
        yield from _intervals(report)


def render(report: Report) -> str:
    """All metrics, with a registry of their own: nothing about this process is mixed in."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Metrics(report))
    return generate_latest(registry).decode()


def _plain(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_text, value=value)


def _keys(report: Report) -> Iterator[Metric]:
    labels = ["family", "subject"]
    age = GaugeMetricFamily("qtops_key_age_seconds", "Age of the time field that decided", labels=labels)
    limit = GaugeMetricFamily("qtops_key_age_limit_seconds", "Age beyond which the key is late", labels=labels)
    state = GaugeMetricFamily("qtops_key_state", "1 for the state that the key is in", labels=[*labels, "state"])
    verdict = GaugeMetricFamily(
        "qtops_key_verdict", "Verdict on the key: 0 ok, 1 warning, 2 critical, 3 could not tell", labels=labels
    )
    for row in report.rows:
        name = [row.family, row.subject]
        if row.age_s is not None and row.rule is not None:
            age.add_metric(name, row.age_s)
            limit.add_metric(name, row.rule.warn_s)
        state.add_metric([*name, row.state], 1)
        verdict.add_metric(name, row.verdict.exit_code)
    yield from (age, limit, state, verdict)


def _intervals(report: Report) -> Iterator[Metric]:
    if not report.intervals:
        return
    labels = ["family", "subject", "field"]
    declared = GaugeMetricFamily("qtops_key_declared_interval_seconds", "Declared update interval", labels=labels)
    measured = GaugeMetricFamily("qtops_key_update_interval_seconds", "Measured update interval", labels=[*labels, "stat"])
    for row in report.intervals:
        name = [row.family, row.subject, row.field]
        declared.add_metric(name, row.declared_s)
        for stat, value in (("p50", row.p50_s), ("max", row.max_s), ("at_least", row.at_least_s)):
            if value is not None:
                measured.add_metric([*name, stat], value)
    yield from (declared, measured)
