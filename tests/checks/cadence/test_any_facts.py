"""Whatever a file holds gets a verdict: series that no look could have made, and events that nobody wrote."""

from hypothesis import given
from hypothesis import strategies as st

from qtops.checks.cadence.joined import joined
from qtops.facts.cadence import Began, LimitFact, Series
from qtops.facts.events import EventReading, GuardReading, Statement
from qtops.facts.streams import GroupReading
from qtops.findings import Verdict
from qtops.reports.cadence import document, human
from qtops.reports.cadence.report import build
from qtops.reports.events import document as events_document
from qtops.reports.events import markdown
from qtops.reports.events.report import build as build_events
from qtops.settings import Settings
from tests.checks.events import events

from .series import facts

NUMBERS = st.floats(-1e15, 1e15)
SPANS = st.floats(0, 1e12)
TEXTS = st.text(max_size=12)
MANY = st.lists(NUMBERS, max_size=5).map(tuple)
LIMITS = st.lists(st.builds(LimitFact, TEXTS, SPANS, TEXTS, st.sampled_from(["age", "warning", "ttl", "timeout"])), max_size=3)
SERIES = st.builds(
    Series, family=TEXTS, subject=TEXTS, field=TEXTS, declared_s=st.one_of(st.none(), st.floats(1e-3, 1e9)), moments_s=MANY,
    seen_at_s=MANY, texts=st.lists(TEXTS, max_size=5).map(tuple), watched_s=SPANS, sampled_every_s=SPANS, blind_s=SPANS,
    vanished=st.integers(0, 9), inputs_moved=st.one_of(st.none(), st.integers(0, 99)), limits=LIMITS.map(tuple), trouble=TEXTS,
)  # fmt: skip
FIELDS = st.dictionaries(st.sampled_from(["event", "timestamp", "duration_sec", "reason", "guard_type"]), st.one_of(
    TEXTS, st.sampled_from(["RISK_GUARD_ACTIVATED", "EMERGENCY_FLATTEN_REQUESTED", "14400", "1771361218.8675"]),
))  # fmt: skip
IDS = st.one_of(TEXTS, st.builds("{}-{}".format, st.integers(0, 2**64 - 1), st.integers(0, 3)))
READINGS = st.lists(st.builds(EventReading, IDS, FIELDS), max_size=5)
PRESENT, TTLS = st.one_of(st.none(), st.booleans()), st.one_of(st.none(), st.integers(-2, 10**12))
GUARDS = st.lists(st.builds(GuardReading, TEXTS, TEXTS, PRESENT, TTLS))
GROUP = st.builds(GroupReading, name=TEXTS, pending=st.integers(0, 9), last_delivered_id=IDS, first_pending_id=IDS)
STATED = st.sampled_from(["drawdown", "equity", "peak"])
STATEMENTS = st.lists(st.builds(Statement, st.sampled_from(["a", "b"]), STATED, st.one_of(TEXTS, st.just("0"))), max_size=4)


@given(st.lists(SERIES, max_size=4), st.lists(SERIES, max_size=4), st.lists(st.builds(Began, TEXTS, NUMBERS), max_size=2))
def test_any_series_are_judged_and_shown(earlier, later, starts):
    both = joined(facts(*earlier), facts(*later, starts=tuple(starts)))
    report = build(both, Settings(), "risk-1")
    assert report.verdict in Verdict
    assert document.render(report)
    assert human.render(report, True)


@given(READINGS, GUARDS, st.lists(GROUP, max_size=2), STATEMENTS)
def test_any_events_are_judged_and_shown(readings, guards, groups, statements):
    found = events.facts(*readings, groups=tuple(groups), guards=tuple(guards), statements=tuple(statements))
    report = build_events(found, Settings(), "risk-1", since_s=3600.0)
    assert report.verdict in Verdict
    assert events_document.render(report)
    assert markdown.render(report).startswith(f"# Risk events: {report.verdict}")
