"""A guard in force is told with any diagnosis of a service that writes proposals, and is never the reason of it."""

from msgspec.structs import replace

from qtops.bundle import encode
from qtops.bundle.file import decode
from qtops.diagnose import diagnose
from qtops.findings import Verdict
from qtops.settings import Settings

from .events.events import HOLDS, NOW_S, facts, pair, printed
from .services import HEALTHY, down, host


def diagnosis(events, service=HEALTHY, **changes):
    (made,) = diagnose(host(replace(service, events=events), **changes))
    return made


def test_a_guard_that_is_over_says_nothing():
    made = diagnosis(facts())
    assert (made.verdict, made.root, made.notes) == (Verdict.OK, None, ())


def test_a_guard_in_force_makes_a_healthy_service_critical_and_is_not_its_root():
    made = diagnosis(facts(*pair(NOW_S - 3600), guards=HOLDS))
    assert (made.verdict, made.condition, made.root) == (Verdict.CRITICAL, "runs", None)
    assert [note.code for note in made.notes] == ["EVENT101"]
    assert made.notes[0].summary.startswith("EMERGENCY_FLATTEN: active until 2026-02-18 02:58:30 UTC (3 h left)")


def test_the_root_of_a_service_that_is_down_stays_what_it_is():
    made = diagnosis(facts(*pair(NOW_S - 3600), guards=HOLDS), down())
    assert made.root == diagnosis(facts(), down()).root
    assert "EVENT101" in [note.code for note in made.notes]


def test_the_founding_recovery_was_declared_complete_under_a_guard():
    made = diagnosis(printed())
    assert "until 2026-02-18 00:46:58 UTC" in made.notes[0].summary


def test_it_can_be_switched_off():
    off = Settings(off={"EVENT101": "2026-11-23: the guard is being tested"})
    made = diagnosis(facts(*pair(NOW_S - 3600), guards=HOLDS), settings=off)
    assert (made.verdict, [finding.code for finding in made.off]) == (Verdict.OK, ["EVENT101"])


def test_a_bundle_says_the_same():
    look = host(replace(HEALTHY, events=facts(*pair(NOW_S - 3600), guards=HOLDS)))
    assert diagnose(decode(encode(look)).facts) == diagnose(look)
