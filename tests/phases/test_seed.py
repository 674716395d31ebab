"""The report that said COMPLETE, judged again from the values that it prints: what these show, and what they cannot show.

Each contradiction has the name that it had when the document was taken apart: A the numbers, B time and rate, C the fault and its
mending, D the evidence itself, E what surrounds it, F what the same code does elsewhere.
"""

from collections.abc import Callable
from typing import Final

import pytest
from msgspec.structs import replace

from qtops.bundle import load
from qtops.facts.service import Facts, ServiceFacts
from qtops.phases.judging import judge
from qtops.phases.verdict import PhaseVerdict
from qtops.settings import PHASES
from tests.checks.proposals.seed_evidence import PLACE, case, facts

ITEMS: Final = (
    *("A1", "A2", "A3", "A4", "A5"), *("B1", "B2", "B3", "B4", "B5"), *("C1", "C2", "C3", "C4", "C5", "C6", "C7"),
    *("D1", "D2", "D3", "D4", "D5"), *("E1", "E2", "E3", "E4", "E5", "E6"), "F",
)  # fmt: skip

FOUND: Final = {
    "A1: one of three probabilities was thrown away": ("PROPOSAL105", "it is 0.0, and the other two leave 0.237541"),
    "A1: so that those used sum to less than one": ("PROPOSAL104", "they sum to 0.762459"),
    "A2: the positions are invented": ("PROPOSAL107", "3 of 3 proposals (BTCUSDT, ETHUSDT, SOLUSDT): its levels are those of"),
    "A4: all three stops lie through the price": ("PROPOSAL102", "3 of 3 proposals (BTCUSDT, ETHUSDT, SOLUSDT): SL 105.9682086"),
    "A4: two stops lie beyond their targets": ("PROPOSAL101", "2 of 3 proposals (ETHUSDT, SOLUSDT)"),
    "A5: tightening for ever": ("PROPOSAL119", "BTCUSDT: SL 105.9682086 tightens the stop in force, and did so 1 min before"),
    "B1: two readings a minute apart prove no ten seconds": ("CADENCE101", "lie 60.04 s apart: not proven"),
    "B2: the check precedes the data": ("PROPOSAL114", "10.7 s after the look at it: the evidence precedes the data"),
    "B3: what is dated ahead is not fresh": ("KEYS201", "2 of 3 keys that it writes are not fresh: 2 FUTURE"),
    "C5: five failed starts end it, and nobody is told": ("UNIT114", "after its start limit it stays down, and nobody is told"),
    "D1: the sample was cut": ("PROPOSAL112", "5 fields are missing: p_chop, position_side"),
    "E3: the emergency was in force": ("EVENT101", "EMERGENCY_FLATTEN: active until 2026-02-18 00:46:58 UTC"),
}
"""What a check finds in the printed values: its code, and its words."""

NOT_TICKED: Final = {
    "B1: updating every ten seconds": ("updating continuously", "could not tell", "cannot tell one update from several"),
    "B3: fresh within ten seconds": ("timestamps fresh", "no", "11 s after the look"),
    "D2: names of keys tell nothing of who wrote them, and when": ("published to Redis hashes", "could not tell", "nothing says"),
    "D4: no error in a log that was cut": ("No ModuleNotFoundError", "could not tell", "only its 11 newest lines were read"),
    "D4: up for 78 s, and its restarts were not printed": ("without restart loops", "could not tell", "without NRestarts"),
}
"""Criteria that the document ticks, and its own evidence does not."""


def no_source(_: Facts, service: ServiceFacts) -> bool:
    return service.start.imports is None and service.changed == () and service.source_changed_s is None


def no_map(facts: Facts, _: ServiceFacts) -> bool:
    return facts.wiring is None and facts.streams is None


def no_market(_: Facts, service: ServiceFacts) -> bool:
    return not any(reading.market for look in service.proposals.looks for reading in look.readings)


def no_positions(_: Facts, service: ServiceFacts) -> bool:
    return service.proposals.open_positions is None


def not_counted(facts: Facts, _: ServiceFacts) -> bool:
    return all(series.sampled_every_s > series.declared_s for series in facts.cadence.series)


def nothing_more(*_: object) -> bool:
    return True


UNDECIDED: Final[dict[str, tuple[str, Callable[[Facts, ServiceFacts], bool]]]] = {
    "A3": ("that the market is simulated: sigma 0.0105 may be of a bar of a day, and how long a bar is was not printed", no_market),
    "B4": ("18 a minute is a product of settings, in prose: no update was counted", not_counted),
    "B5": ("126 ms are what the start took: one figure of one moment tells no cost per cycle", nothing_more),
    "C1": ("which package shadows which: the source was not printed", no_source),
    "C2": ("what the command did: the file before and after it was not printed", no_source),
    "C3": ("whether it was kept: the history of the repository was not printed", no_source),
    "C4": ("whether the repository holds the same unit: only the installed one was printed", no_source),
    "C6": ("what the recommended line would do: the source that it is to go into was not printed", no_source),
    "C7": ("what an import is called is a matter of words", nothing_more),
    "D3": ("that the log names two of three reasons is a matter of the publisher's source", no_source),
    "D5": ("how the document was encoded shows in none of its values", nothing_more),
    "E1": ("who reads the proposals: neither source nor clients were printed", no_map),
    "E2": ("who writes risk events: neither source nor units were printed", no_map),
    "E4": ("which positions are open was not printed", no_positions),
    "E5": ("what executors make of it was not printed", no_map),
    "E6": ("who should write the empty streams: of them only a length was printed", no_map),
    "F": ("what the same code does in other circumstances: it was not printed", no_source),
}
"""What the printed values cannot show, and why; and the facts that would show it, which are not among them."""


@pytest.fixture(scope="module")
def recorded() -> Facts:
    found = load(PLACE)
    return replace(found, settings=replace(found.settings, phases=PHASES))  # the plan is what is asked, not what was seen


@pytest.fixture(scope="module")
def verdict(recorded) -> PhaseVerdict:
    return judge(PHASES[2], recorded, case(recorded))


def test_the_bundle_is_what_was_printed(recorded):
    assert recorded == facts()


def test_it_is_not_complete(verdict):
    assert verdict.state == "PARTIAL"
    assert len(verdict.contradictions) == 8


@pytest.mark.parametrize("item", FOUND)
def test_a_check_finds(item, verdict):
    code, words = FOUND[item]
    told = [one.finding.summary for one in (*verdict.contradictions, *verdict.remarks) if one.finding.code == code]
    assert any(words in summary for summary in told)


@pytest.mark.parametrize("item", NOT_TICKED)
def test_what_was_ticked_does_not_follow(item, verdict):
    title, holds, seen = NOT_TICKED[item]
    (criterion,) = (one for one in verdict.criteria if title in one.title)
    assert criterion.holds == holds
    assert seen in criterion.seen


@pytest.mark.parametrize("item", UNDECIDED)
def test_what_was_not_printed_is_not_judged(item, recorded):
    why, is_lacking = UNDECIDED[item]
    assert why
    assert is_lacking(recorded, recorded.services[0])


def test_every_item_is_accounted_for():
    decided = {item.partition(":")[0] for item in (*FOUND, *NOT_TICKED)}
    assert decided | set(UNDECIDED) == set(ITEMS)
    assert decided & set(UNDECIDED) == set()


def test_nothing_is_found_that_is_not_in_the_list(verdict):
    codes = {one.finding.code for one in (*verdict.contradictions, *verdict.remarks)}
    assert codes == {code for code, _ in FOUND.values()} | {"CADENCE106"}  # B2 once more: by the two readings


def test_what_holds_is_ticked(verdict):
    held = [one.title for one in verdict.criteria if one.holds == "yes"]
    assert len(held) == 3  # it was started by systemd, its keys are there, and its log says so: the fault itself was mended
