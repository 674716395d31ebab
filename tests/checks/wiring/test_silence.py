"""For each silent stream one verdict; and the three that the founding system asked about."""

import pytest
from msgspec.structs import replace

from qtops.checks.wiring.joined import Name
from qtops.checks.wiring.map import Map
from qtops.checks.wiring.silence import is_silent, judge
from qtops.settings import Settings, Stream

from . import founding as f
from .maps import SETTINGS, TICKS, beside, end, fleet, ghost, off, reads, stream, unit, unresolved, writes

EVENTS = "app:stream:events"


def verdict(facts, name, settings=SETTINGS):
    wiring = Map(facts, settings)
    return judge(wiring, wiring.names.get(name, Name(name=name)))


def silent(facts, settings=SETTINGS):
    wiring = Map(facts, settings)
    return {name.name: judge(wiring, name).state for name in wiring.names.values() if is_silent(wiring, name)}


def test_the_three_control_plane_streams_of_the_founding_system():
    assert silent(f.founding(), f.SETTINGS) == {f.POLICY: "broken", f.RETRAIN: "unfed", f.CLOSE: "idle"}


def test_broken_names_both_ends_and_the_change_of_one_line():
    told = verdict(f.founding(), f.POLICY, f.SETTINGS)
    assert told.why == (
        "its writer writes quantum:stream:policy.update, its readers read quantum:stream:policy.updated: the forms of a word differ"
    )
    assert told.publishers == (
        "quantum-portfolio-ai.service XADD at lib/policy_store.py:246: active (running), enabled; "
        "it writes quantum:stream:policy.update",
    )
    assert told.remedy == (
        "At lib/policy_store.py:246 write quantum:stream:policy.updated instead of quantum:stream:policy.update; "
        "then restart quantum-portfolio-ai.service"
    )
    assert any("last id 0-0" in line and "2 groups" in line for line in told.evidence)
    assert any("1377" in line for line in told.evidence)


def test_broken_although_another_writer_exists_whose_unit_is_off():
    safety = unit("quantum-risk-safety", writes("", f.POLICY, where="risk_safety/service.py:278"), **off())
    told = verdict(f.founding(safety), f.POLICY, f.SETTINGS)
    assert told.state == "broken"
    assert any("quantum-risk-safety.service" in line and "disabled" in line for line in told.publishers)


def test_unfed_by_decision_and_by_failure():
    told = verdict(f.founding(), f.RETRAIN, f.SETTINGS)
    assert told.why.endswith("quantum-strategic-evolution.service is inactive (dead), disabled")
    assert told.intended == "disabled, it seems by decision: no failure is recorded"
    failed = off(active_state="failed", sub_state="failed", unit_file_state="enabled", result="exit-code")
    units = tuple(
        replace(each, **failed) if each.unit == "quantum-strategic-evolution.service" else each for each in f.founding().units
    )
    told = verdict(replace(f.founding(), units=units), f.RETRAIN, f.SETTINGS)
    assert (told.state, told.intended) == ("unfed", "not by decision: it stopped or failed")


def test_idle_names_its_writer_and_where():
    told = verdict(f.founding(), f.CLOSE, f.SETTINGS)
    assert told.publishers == ("quantum-reconcile-engine.service XADD at reconcile_engine/main.py:803: active (running), enabled",)
    assert told.intended == "neither disabled nor broken: silence is its healthy state"


READER = unit("watcher", reads("", EVENTS, group="g"))
WRITER = unit("author", writes("", EVENTS))


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (beside(READER, WRITER, streams=(stream(EVENTS, "g"),)), "flowing"),
        (beside(READER, WRITER, streams=(stream(EVENTS, "g", age_s=90_000),)), "idle"),
        (beside(READER, WRITER, streams=(ghost(EVENTS, "g"),)), "idle"),
        (beside(READER, streams=(ghost(EVENTS, "g"),)), "broken"),
        (beside(READER, unit("author", writes("", EVENTS, command="PUBLISH")), streams=(ghost(EVENTS, "g"),)), "broken"),
        (beside(READER, unit("bus", unresolved=(unresolved("bus"),)), streams=(ghost(EVENTS, "g"),)), "unknown"),
        (beside(READER, unit("bus", missing=("/srv/bus/main.py: permission denied",)), streams=(ghost(EVENTS, "g"),)), "unknown"),
        (beside(READER, unit("author", writes("", EVENTS), active_state=""), streams=(ghost(EVENTS, "g"),)), "unknown"),
        (beside(READER, unit("author", writes("", EVENTS), load_state="not-found", active_state="inactive")), "unfed"),
        (fleet(), "unknown"),
    ],
)
def test_each_verdict(facts, state):
    assert verdict(facts, EVENTS).state == state


def test_of_whose_state_nothing_is_known_that_is_said():
    facts = beside(READER, unit("author", writes("", EVENTS), active_state=""), streams=(ghost(EVENTS, "g"),))
    assert verdict(facts, EVENTS).why == "the state of author.service is not known, so whether a writer runs cannot be told"


def test_of_many_writers_the_others_are_counted():
    writers = (unit(f"author{n}", writes("", EVENTS)) for n in range(100))
    why = verdict(beside(READER, *writers, streams=(ghost(EVENTS, "g"),)), EVENTS).why
    assert "author7.service is active" in why
    assert "author8.service" not in why
    assert "and 92 more" in why


def test_a_timers_job_between_two_runs_is_not_off():
    job = unit("author", writes("", EVENTS), **off(unit_file_state="static", triggered_by=("author.timer",)))
    assert verdict(beside(READER, job, streams=(ghost(EVENTS, "g"),)), EVENTS).state == "idle"


def test_a_periodic_stream_that_is_silent_is_not_idle_by_nature():
    declared = Settings(families=(), services=(), prices=(), streams=(Stream(name=EVENTS, kind="periodic", interval_s=60),))
    facts = beside(READER, WRITER, streams=(stream(EVENTS, "g", age_s=200),))
    assert silent(facts, declared) == {EVENTS: "unknown"}
    assert "its writer is on and writes nothing" in verdict(facts, EVENTS, declared).why
    assert silent(facts) == {}


def test_what_moves_is_not_silent():
    assert silent(beside()) == {}
    assert verdict(beside(), TICKS).state == "flowing"


def test_without_redis_nothing_is_called_silent():
    facts = replace(beside(READER, WRITER), streams=None, names=None)
    assert silent(facts) == {}
    assert verdict(facts, EVENTS).state == "idle"  # asked by name: what source and systemd tell is told


def test_mkstream_is_evidence():
    reader = unit("watcher", end("", "XGROUP CREATE", EVENTS, creates=True, group="g", where="watch.py:3"), *READER.ends)
    told = verdict(beside(reader, streams=(ghost(EVENTS, "g"),)), EVENTS)
    assert "made by its readers (MKSTREAM): watcher.service XGROUP CREATE at watch.py:3" in told.evidence


def test_a_writer_that_waits_itself_is_not_idle_by_nature():
    inner = "app:stream:inner"
    author = unit("author", reads("", inner), writes("", EVENTS))
    source = unit("source", writes("", inner), **off())
    facts = beside(READER, author, source, streams=(ghost(EVENTS, "g"), ghost(inner, "author")))
    assert silent(facts) == {EVENTS: "unknown", inner: "unfed"}
    assert verdict(facts, EVENTS).why.startswith(f"its writer is on and waits itself for what does not come: {inner}")
    assert silent(replace(facts, units=(*facts.units[:-1], unit("source", writes("", inner)))))[EVENTS] == "idle"
