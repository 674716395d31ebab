"""Declared and measured update intervals: what can be said from a series of readings, and what cannot."""

import pytest

from publisher.timestamps import utc_iso
from qtops.checks.intervals import Interval, Watched, sampling_period_s
from qtops.findings import Verdict
from tests.checks.readings import NOW_S, absent, family, reading, rule

CLAIMS_10S = family(rule(interval_s=10, warn_s=90, critical_s=180))


def watched(every_s: float, for_s: float, *, sampled_s: float = 2.5, stamp=utc_iso) -> list[Interval]:
    """A writer that moves its field so often, sampled for so long; its last update before was at the beginning."""
    watch, elapsed_s = Watched(), 0.0
    while elapsed_s <= for_s:
        updated_s = elapsed_s // every_s * every_s
        watch.add(reading(read_at_s=NOW_S + elapsed_s, values=(stamp(NOW_S + updated_s),)))
        elapsed_s += sampled_s
    return list(watch.intervals({"app": CLAIMS_10S}))


@pytest.mark.parametrize(
    ("every_s", "verdict"),
    [(5, Verdict.OK), (10, Verdict.OK), (15, Verdict.OK), (20, Verdict.WARNING), (30, Verdict.WARNING), (60, Verdict.CRITICAL)],
)
def test_the_measured_interval_is_compared_with_the_declared_one(every_s, verdict):
    (interval,) = watched(every_s, for_s=300)
    assert (interval.p50_s, interval.max_s, interval.verdict) == (every_s, every_s, verdict)
    assert interval.declared_s == 10


def test_what_the_founding_publisher_claimed_and_did():
    """Its log says every 10 s; its own evidence shows 60 s."""
    (interval,) = watched(60, for_s=180)
    assert interval.reason == "claims 10 s, measured 60.0 s"


def test_one_late_update_shows_in_the_maximum_only():
    watch = Watched()
    for at_s in (0, 10, 20, 30, 75, 85, 95):
        watch.add(reading(read_at_s=NOW_S + at_s, values=(utc_iso(NOW_S + at_s),)))
    (interval,) = watch.intervals({"app": CLAIMS_10S})
    assert (interval.p50_s, interval.max_s, interval.verdict) == (10, 45, Verdict.OK)


def test_values_that_are_no_times_are_measured_by_when_they_changed():
    (interval,) = watched(20, for_s=300, stamp=lambda moment_s: f"beat {moment_s}")
    assert (interval.p50_s, interval.verdict) == (20, Verdict.WARNING)


def test_a_time_that_goes_back_is_measured_by_when_it_changed():
    (interval,) = watched(20, for_s=300, stamp=lambda moment_s: utc_iso(2 * NOW_S - moment_s - 1e7))
    assert interval.p50_s == 20


@pytest.mark.parametrize("for_s", [0, 5, 12.5])
def test_too_few_updates_are_no_measure(for_s):
    (interval,) = watched(10, for_s)
    assert (interval.verdict, interval.p50_s, interval.max_s) == (Verdict.UNKNOWN, None, None)
    assert interval.at_least_s <= 10
    assert "watch longer than 30 s" in interval.reason


def test_no_update_at_all_proves_how_long_the_interval_is_at_least():
    (interval,) = watched(600, for_s=60)
    assert (interval.verdict, interval.at_least_s, interval.values) == (Verdict.WARNING, 60, 1)
    assert interval.reason == "claims 10 s; no update seen in 60.0 s: the interval is at least 60.0 s"


def test_one_update_proves_an_interval_too():
    watch = Watched()
    for at_s, stamped_s in ((0, -30), (30, 30), (60, 30)):
        watch.add(reading(read_at_s=NOW_S + at_s, values=(utc_iso(NOW_S + stamped_s),)))
    (interval,) = watch.intervals({"app": CLAIMS_10S})
    assert (interval.verdict, interval.at_least_s, interval.values) == (Verdict.WARNING, 60, 2)


def test_each_key_and_field_has_its_own_interval():
    both = family(rule("beat", required=False), rule("slow", interval_s=60, warn_s=90, critical_s=150))
    watch = Watched()
    for subject in ("BTC", "ETH"):
        watch.add(reading(1, 1, subject=subject))
    assert [(row.subject, row.field) for row in watch.intervals({"app": both})] == [
        ("BTC", "beat"), ("BTC", "slow"), ("ETH", "beat"), ("ETH", "slow"),
    ]  # fmt: skip


def test_what_is_not_there_is_not_measured():
    watch = Watched()
    watch.add(absent())
    watch.add(reading(present=None, values=(), trouble="hung"))
    assert list(watch.intervals({"app": CLAIMS_10S})) == []


@pytest.mark.parametrize(("interval_s", "period_s"), [(10, 2.5), (1, 0.25), (0.1, 0.2), (60, 5.0)])
def test_samples_are_taken_four_times_per_declared_interval_within_bounds(interval_s, period_s):
    rules = (rule(interval_s=interval_s, warn_s=100, critical_s=100), rule("slow", interval_s=90, warn_s=90, critical_s=150))
    assert sampling_period_s([family(*rules)]) == period_s


def test_sampling_needs_no_family():
    assert sampling_period_s([]) == 5.0
