"""Keys that stay, patterns that catch too much, streams that grow: what is said of them, and how sure."""

import time

import pytest

from qtops.checks.wiring.keys_that_stay import is_marker
from qtops.findings import Severity

from .keyspace import DOUBTED, LOG, LOT, PERMIT, PLAN, deletes, long, lots, many, search, sets, tape, touches
from .maps import beside, fleet, found, noted, stream, there, unit, unresolved, writes


@pytest.mark.parametrize(("key", "facts"), DOUBTED, ids=[f"{key} {at}" for at, (key, _) in enumerate(DOUBTED)])
def test_what_is_less_sure_is_only_noted(key, facts):
    assert key in noted(facts)
    assert key not in found(facts)


def test_a_set_without_an_end_drops_the_one_that_another_writer_sets():
    facts = beside(sets(PERMIT), unit("gate", writes("", PERMIT, command="SET", expires=True, where=".py:40")))
    finding = found(facts)[f"WIRING110 {PERMIT}"]
    assert "drops the time to live that gate.service sets at gate.py:40" in finding.summary
    assert finding.where.startswith("maker.py:")
    assert any(line.startswith("with one by gate.service SET at gate.py:40") for line in finding.evidence)


def test_how_many_keys_stay_is_told():
    finding = found(beside(sets(PLAN), states=(many(keys=2_345),)))[f"WIRING110 {PLAN}"]
    assert finding.summary.startswith("2,345 keys")
    more = beside(sets(PLAN), sets("app:plan:note:<id>"), states=(many(keys=2_345), many("app:plan:note:<id>", 45, ttl_ms=9)))
    assert found(more)[f"WIRING110 {PLAN}"].summary.startswith("about 2,300 keys")  # `*` of the first matches those as well


@pytest.mark.parametrize(
    "name",
    ["app:lock:<job>", "app:exit-lock", "app:permits:<id>", "app:cool_down:<s>", "cooldown:<s>", "a:rateLimit:<ip>", "a:seen:<id>"],
)
def test_names_of_what_is_true_for_a_while(name):
    assert is_marker(name)


@pytest.mark.parametrize(
    "name",
    ["app:clock", "app:block:<n>", "app:last_seen:<s>", "app:funding:rate", "app:<lock>", "app:session:count", "app:guardian"],
)
def test_names_that_only_look_like_it(name):
    assert not is_marker(name)


def test_who_counts_is_warned_and_who_deletes_is_critical():
    def severity(*others):
        return found(beside(lots(*others)))[f"WIRING111 {LOT}*"].severity

    unlinks = (search("KEYS"), deletes(24, command="UNLINK"))
    assert [severity(search()), severity(search(), deletes()), severity(*unlinks)] == ["warning", "critical", "critical"]
    assert severity(search(), deletes(26)) is Severity.WARNING  # too far from the search to be of what it found
    assert severity(search(), deletes(name=f"{LOT}<symbol>")) is Severity.WARNING  # one that is known by name


def test_a_deletion_of_what_was_found_counts_where_source_tells_no_more_of_it():
    why = "the name is read from Redis (KEYS)"
    command = type(unresolved("book"))("book.service", "DEL", "book.py:12", why)
    facts = beside(unit("book", *lots(search()).ends, unresolved=(command,)))
    assert found(facts)[f"WIRING111 {LOT}*"].severity is Severity.CRITICAL


def test_who_deletes_what_others_write_beside_it_is_told_though_no_shape_is_plainly_meant():
    audit = unit("audit", writes("", f"{LOT}ledger:<symbol>"), touches("EXISTS", f"{LOT}ledger:<symbol>"))
    facts = beside(lots(search(), deletes(), shapes=("open:<symbol>",)), audit)
    finding = found(facts)[f"WIRING111 {LOT}*"]
    assert finding.severity is Severity.CRITICAL
    assert f"beside {LOT}open:<symbol> also {LOT}ledger:<symbol>" in finding.summary


def test_each_shape_is_told_with_its_own_keys_and_who_writes_it():
    states = (there(f"{LOT}<symbol>", keys=82, ttl_ms=9), there(f"{LOT}closed:<symbol>", keys=72, ttl_ms=9))
    finding = found(beside(lots(search()), states=states))[f"WIRING111 {LOT}*"]
    assert any(line.startswith(f"{LOT}<symbol>, 10 keys in Redis: written by book.service HSET at") for line in finding.evidence)
    assert any(line.startswith(f"{LOT}closed:<symbol>, 72 keys in Redis") for line in finding.evidence)


def test_every_call_without_a_cap_is_told():
    finding = found(beside(tape(True, False, False), streams=(long(60_000),)))[f"WIRING112 {LOG}"]
    assert finding.evidence[0].count("XADD at") == 2
    assert "feed-tape.py:101" in finding.remedy
    assert "feed-tape.py:102" in finding.remedy
    assert finding.evidence[1] == "with a cap only: feed-tape.service XADD at feed-tape.py:100"


@pytest.mark.heavy
def test_thousands_of_names_are_judged_quickly():
    units = [
        unit(f"u{n}", writes("", f"app:f{n}:<id>", expires=False), writes("", f"app:f{n}:x:<id>"), search(name=f"app:f{n}:<any>"))
        for n in range(1_000)
    ]
    units += [unit(f"s{n}", writes("", f"app:stream:s{n}", capped=False)) for n in range(2_000)]
    streams = tuple(stream(f"app:stream:s{n}", added=60_000, length=60_000) for n in range(2_000))
    from qtops.checks.wiring import keys_that_stay, pattern_too_wide, uncapped_stream
    from qtops.checks.wiring.map import Map

    from .maps import SETTINGS

    states = tuple(many(f"app:f{n}:<id>") for n in range(1_000))
    wiring = Map(fleet(*units, states=states, streams=streams), SETTINGS)
    assert len(wiring.names) == 4_000
    began = time.perf_counter()
    counts = [len(list(module.check(wiring))) for module in (keys_that_stay, pattern_too_wide, uncapped_stream)]
    assert counts == [1_000, 1_000, 2_000]
    assert time.perf_counter() - began < 1.0
