"""What the supervisor knows as Prometheus has it: a Snapshot in the text format. Pure.

Base units, one unit per metric; what is not known (an age of a key without a time) has no sample, and is never 0 or NaN. A set of
labels comes once: of two things that would share one, the later stands.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from qtops import __version__
from qtops.checks.freshness import State
from qtops.checks.standing import UP
from qtops.facts.text import printable
from qtops.findings import Severity
from qtops.supervisor.snapshot import Snapshot

ACTIVE_STATES: Final = ("active", "reloading", "inactive", "failed", "activating", "deactivating", "maintenance")
KINDS: Final = ("process", "output", "log", "redis")
LONGEST: Final = 200  # characters of a label's value: names are shorter
WELL: Final = frozenset({State.FRESH, State.IDLE})
Samples = Iterable[tuple[tuple[str, ...], float | None]]


def render(snapshot: Snapshot | None, ahead_s: float = 0.0) -> bytes:
    """All metrics in the text format; before the first look, only which build this is.

    ``ahead_s``: how far the wall clock is ahead of the clock of the snapshot, which nobody sets: Prometheus has the former.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Metrics(snapshot, ahead_s))
    return generate_latest(registry)


class _Metrics(Collector):
    """A snapshot as metrics: built at once, not counted up label by label."""

    def __init__(self, snapshot: Snapshot | None, ahead_s: float) -> None:
        self._snapshot, self._ahead_s = snapshot, ahead_s

    def collect(self) -> Iterator[Metric]:
        yield _gauge("qtops_build_info", "Always 1; which version of qtops this is.", ("version",), [((__version__,), 1)])
        if self._snapshot is not None:
            yield from _itself(self._snapshot, self._ahead_s)
            yield from _units(self._snapshot)
            yield from _written(self._snapshot, self._ahead_s)
            yield from _incidents(self._snapshot)


def _itself(now: Snapshot, ahead_s: float) -> Iterator[Metric]:
    yield _gauge("qtops_start_time_seconds", "When this supervisor started, in seconds since the epoch.", (), [((), now.began_s)])
    at = "When the supervisor last went round all that it watches, in seconds since the epoch."
    yield _gauge("qtops_last_run_timestamp_seconds", at, (), [((), now.at_s + ahead_s)])
    sources = [((name,), float(up)) for name, up in now.sources.items()]
    yield _gauge("qtops_source_up", "Whether a source of the supervisor answers: 1 yes, 0 no.", ("source",), sources)
    jumps = "How often the wall clock was set while the supervisor ran."
    yield _counter("qtops_clock_jumps", jumps, (), [((), now.clock_jumps)])
    sent = "Notices that an endpoint took, since the supervisor started."
    yield _counter("qtops_notices_sent", sent, (), [((), now.notices_sent)])
    failed = "Attempts to deliver a notice that failed, since the supervisor started."
    yield _counter("qtops_notices_failed", failed, (), [((), now.notices_failed)])
    waiting = "Notices on record that no endpoint took yet."
    yield _gauge("qtops_notices_waiting", waiting, (), [((), now.notices_waiting)])


def _units(now: Snapshot) -> Iterator[Metric]:
    unit = ("unit",)
    up = [((each.unit,), float(each.load_state == "loaded" and each.active_state in UP)) for each in now.units]
    yield _gauge("qtops_unit_up", "Whether a unit is up: 1 active or reloading, 0 otherwise.", unit, up)
    states = [
        ((each.unit, state), float(state == each.active_state))
        for each in now.units
        for state in dict.fromkeys((*ACTIVE_STATES, each.active_state))
    ]
    yield _gauge(
        "qtops_unit_state", "ActiveState of a unit: 1 for the state that it is in, 0 for others.", ("unit", "state"), states
    )
    since = "When a unit last changed its state, in seconds since the epoch."
    yield _gauge("qtops_unit_state_change_timestamp_seconds", since, unit, [((each.unit,), each.since_s) for each in now.units])
    restarts = "NRestarts of a unit: how often systemd itself started it again since the last start by a job."
    yield _gauge("qtops_unit_systemd_restarts", restarts, unit, [((each.unit,), each.n_restarts) for each in now.units])
    names = [each.unit for each in now.units]
    deaths = "Deaths of a unit's main process that were noticed since the supervisor started."
    yield _counter("qtops_unit_deaths", deaths, unit, _by_unit(names, now.deaths))
    done = "Restarts of a unit by the supervisor, since the supervisor started."
    yield _counter("qtops_unit_restarts", done, unit, _by_unit(names, now.restarts))
    yield _gauge("qtops_hold", "1 for a unit that is to be left alone for now.", unit, [((name,), 1) for name in now.holds])


def _written(now: Snapshot, ahead_s: float) -> Iterator[Metric]:
    key = ("family", "symbol")
    names = [((each.family, each.symbol), each) for each in now.ages]
    age = "Age of the newest time that a key holds, in seconds; negative where that lies in the future; absent where it has none."
    yield _gauge("qtops_key_age_seconds", age, key, [(name, each.age_s) for name, each in names])
    limit = "Age beyond which a key is late, in seconds."
    yield _gauge("qtops_key_age_limit_seconds", limit, key, [(name, each.limit_s) for name, each in names])
    fresh = "Whether a key is as it is to be: 1 fresh, or rightly absent; 0 not; absent where that could not be told."
    well = [(name, float(each.state in WELL)) for name, each in names if each.state != State.UNKNOWN]
    yield _gauge("qtops_key_fresh", fresh, key, well)
    found = Counter((each.unit, one.code, str(one.severity)) for each in now.outcomes for one in each.findings)
    told = "How many findings of a code there are on what a unit writes."
    yield _gauge("qtops_findings", told, ("unit", "code", "severity"), found.items())
    doubts = [((each.unit,), float(len(each.doubts))) for each in now.outcomes]
    yield _gauge("qtops_doubts", "How much could not be told of what a unit writes.", ("unit",), doubts)
    at = "When what a unit writes was last looked at, in seconds since the epoch."
    yield _gauge("qtops_look_timestamp_seconds", at, ("unit",), [((each.unit,), each.at_s + ahead_s) for each in now.outcomes])
    took = "How long the last look at what a unit writes took, in seconds."
    yield _gauge("qtops_look_duration_seconds", took, ("unit",), [((each.unit,), each.took_s) for each in now.outcomes])


def _incidents(now: Snapshot) -> Iterator[Metric]:
    open_ones = [incident for incident in now.incidents if incident.is_open]
    counts = {(str(severity), kind): 0.0 for severity in (Severity.WARNING, Severity.CRITICAL) for kind in KINDS}
    counts |= Counter((str(each.severity), each.kind) for each in open_ones)
    number = "How many incidents are open, acknowledged ones included."
    yield _gauge("qtops_incidents_open", number, ("severity", "kind"), counts.items())
    age = "How long ago the fault of an open incident began, in seconds."
    ages = [((each.unit, each.kind), max(now.at_s - each.began_s, 0.0)) for each in open_ones]
    yield _gauge("qtops_incident_age_seconds", age, ("unit", "kind"), ages)
    acknowledged = [((each.unit, each.kind), float(each.state == "acknowledged")) for each in open_ones]
    told = "Whether somebody has acknowledged an open incident: 1 yes, 0 no."
    yield _gauge("qtops_incident_acknowledged", told, ("unit", "kind"), acknowledged)
    given_up = [((each.unit, each.kind), float(each.gave_up_s is not None)) for each in open_ones]
    told = "Whether the supervisor has given an open incident up, and restarts no more: 1 yes, 0 no."
    yield _gauge("qtops_incident_given_up", told, ("unit", "kind"), given_up)


def _by_unit(names: Iterable[str], counts: Mapping[str, int]) -> Samples:
    """A counter begins at 0: what is counted from nothing is no increase."""
    return [((name,), value) for name, value in {**dict.fromkeys(names, 0), **counts}.items()]


def _gauge(name: str, told: str, labels: tuple[str, ...], samples: Samples) -> Metric:
    return _filled(GaugeMetricFamily(name, told, labels=labels), samples)


def _counter(name: str, told: str, labels: tuple[str, ...], samples: Samples) -> Metric:
    """``_total`` is added to the name."""
    return _filled(CounterMetricFamily(name, told, labels=labels), samples)


def _filled(family: GaugeMetricFamily | CounterMetricFamily, samples: Samples) -> Metric:
    known = {tuple(map(_label, labels)): value for labels, value in samples if value is not None and isfinite(value)}
    for labels, value in known.items():
        family.add_metric(labels, value)
    return family


def _label(value: str) -> str:
    return printable(value)[:LONGEST]
