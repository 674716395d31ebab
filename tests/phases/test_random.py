"""Whatever was recorded: a verdict is reached, and nothing that is no number or no time counts for the phase."""

from math import inf, nan

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from .phases import judged, keys, look, moving, seen, watched

MOMENTS = st.sampled_from([None, nan, inf, -inf, 0.0, -1.0, 1e300, seen().unit.active_enter_s])
TEXTS = st.sampled_from([None, "", "nan", "inf", "-1", "9" * 400, "1e400", "soon", "\x00", "2026-13-99", seen().keys[0].values[0]])
NUMBERS = st.sampled_from([nan, inf, -inf, 0.0, -5.0, 1.0, 10.0, 1e300])
TIMES = ("active_enter_s", "inactive_exit_s", "exec_main_start_s", "state_changed_s")


@settings(max_examples=40, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(TIMES, MOMENTS)), st.integers(-1, 10**9), st.integers(0, 10**9))
def test_a_unit(times, restarts, pid):
    verdict = judged(look(unit={**times, "n_restarts": restarts, "main_pid": pid}))
    if verdict.state == "COMPLETE":
        assert pid == seen().unit.main_pid


@settings(max_examples=40, deadline=None)
@given(TEXTS, TEXTS, st.sampled_from([nan, inf, 0.0, seen().keys[0].read_at_s]))
def test_keys(one, other, read_at_s):
    verdict = judged(look(service={"keys": keys(lambda key: replace(key, values=(one, other), read_at_s=read_at_s))}))
    if verdict.state == "COMPLETE":
        assert read_at_s == seen().keys[0].read_at_s
        assert seen().keys[0].values[0] in (one, other)


@settings(max_examples=40, deadline=None)
@given(st.lists(NUMBERS, max_size=6), st.lists(NUMBERS, max_size=6), NUMBERS, NUMBERS, NUMBERS)
def test_cadence(moments, sightings, watched_s, sampled_s, blind_s):
    sick = {"watched_s": watched_s, "sampled_every_s": sampled_s, "blind_s": blind_s}
    texts = tuple(f"{number}" for number in range(len(sightings)))
    one = moving("BTCUSDT", moments_s=tuple(moments), seen_at_s=tuple(sightings), texts=texts, **sick)
    verdict = judged(look(cadence=watched(one, moving("ETHUSDT"), moving("SOLUSDT"))))
    if verdict.state == "COMPLETE":
        assert 0 < sampled_s <= 5
        assert len(sightings) >= 3
