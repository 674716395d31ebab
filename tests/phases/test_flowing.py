"""Streams count as flowing where somebody was seen to write and to read them: what no source speaks of is not clear."""

from qtops.facts.streams import GroupReading, StreamFacts, StreamLook, StreamReading
from qtops.facts.wiring import Unresolved, WiringFacts
from qtops.settings import Phase
from qtops.settings.phases import PhaseCriterion
from tests.checks.wiring.maps import off, reads, unit, writes

from .phases import at_s, judged, look, watched

STREAM = "quantum:stream:execution.result"


def answer(facts=None, **binding) -> tuple[str, str]:
    """The answer to one criterion, and what was seen."""
    phase = Phase(number=9, title="Nine", criteria=(PhaseCriterion(title="It holds", **binding),))
    criterion = judged(facts or look(), phase).criteria[0]
    return criterion.holds, criterion.seen


def streams(**stream) -> StreamFacts:
    reading = StreamReading(**{"name": STREAM, "read_at_s": at_s(), "length": 3, "last_id": "1-0", "entries_added": 3, **stream})
    return StreamFacts(looks=(StreamLook(taken_at_s=at_s(), server=watched().server, streams=(reading,)),))


def test_codes_of_streams_are_confined_to_what_they_are_about():
    binding = {"clear": ("STREAM111",), "about": (STREAM,)}
    assert answer(look(), **binding) == ("could not tell", "STREAM111: streams were not looked at: `qtops verify streams`")
    assert answer(look(streams=streams()), **binding)[0] == "yes"
    assert answer(look(streams=streams(name="another")), **binding) == ("could not tell", f"STREAM111: {STREAM} was not looked at")
    assert answer(look(streams=streams(kind="hash", trouble="")), **binding)[0] == "no"
    lost = streams(groups=(GroupReading(name="g", last_delivered_id="0-0"),), groups_count=1)
    assert answer(look(streams=lost), clear=("STREAM111",), about=(STREAM,))[0] == "yes"


def wired(*units, **sick):
    """The map of these units, and a look at the stream."""
    return look(wiring=WiringFacts(**{"taken_at_s": at_s(), "units": units, **sick}), streams=streams())


def test_a_stream_is_fed_where_a_unit_that_runs_writes_it():
    binding = {"fed": True, "about": (STREAM,)}
    assert answer(look(), **binding) == (
        "could not tell",
        f"{STREAM}: the source was not looked through: `qtops map --control-plane`",
    )
    assert answer(wired(), **binding) == ("could not tell", f"{STREAM}: no unit's source could be read")
    holds, told = answer(wired(unit("a", writes("a", STREAM))), **binding)
    assert holds == "yes"
    assert told.startswith(f"{STREAM}: a.service writes it (")
    assert answer(wired(unit("a", writes("a", STREAM), **off())), **binding) == (
        "no", f"{STREAM}: a.service, which writes it, is inactive (dead), disabled",
    )  # fmt: skip
    assert answer(wired(unit("a", writes("a", STREAM), active_state="")), **binding)[0] == "could not tell"
    assert answer(wired(unit("a", reads("a", STREAM))), **binding)[0] == "no"
    assert answer(wired(unit("a", missing=("main.py: no permission",))), **binding)[0] == "could not tell"
    assert answer(wired(unit("a", unresolved=(Unresolved("a.service", "XADD", "a.py:3", "a parameter"),))), **binding) == (
        "could not tell", f"{STREAM}: no source that was read writes it, and not all could be: XADD at a.py:3 may: a parameter",
    )  # fmt: skip


def test_a_stream_is_read_where_a_group_or_a_unit_that_runs_reads_it():
    binding = {"read": True, "about": (STREAM,)}
    assert answer(wired(unit("a", writes("a", STREAM))), **binding)[0] == "no"
    assert answer(wired(unit("a", reads("a", STREAM))), **binding)[0] == "yes"
    group = streams(groups=(GroupReading(name="g", last_delivered_id="1-0"),), groups_count=1)
    assert answer(look(streams=group), **binding) == ("yes", f"{STREAM}: read by g")


def test_a_stream_of_which_no_source_speaks_is_not_clear():
    binding = {"clear": ("WIRING106",), "about": (STREAM,)}
    assert answer(wired(), **binding)[0] == "could not tell"
    assert answer(wired(unit("a", writes("a", "another:stream"))), **binding)[0] == "could not tell"
    assert answer(wired(unit("a", writes("a", STREAM)), unit("b", reads("b", STREAM))), **binding)[0] == "yes"
    sick = wired(unit("a", writes("a", STREAM), **off(unit_file_state="enabled")), unit("b", reads("b", STREAM)))
    assert answer(sick, **binding)[0] == "no"


def test_a_stream_that_is_not_there_is_not_clear():
    given = look(streams=streams(present=False, length=0, kind="", last_id=""))
    assert answer(given, clear=("STREAM101",), about=(STREAM,)) == ("could not tell", f"STREAM101: {STREAM} is not there")
