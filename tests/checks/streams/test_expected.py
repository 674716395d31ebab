"""What kind a stream is, as the configuration or its ids tell."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtops.checks.streams.expected import expected, infer, nature
from qtops.settings import Settings, Stream

from .looks import at, facts, found, stream

SEED = 20260217


def made_of(ago_s, **sick):
    """A stream of entries that were written so long ago, the newest first; two of one millisecond differ in their number."""
    ids = [at(ago, 1_000 - number) for number, ago in enumerate(sorted(ago_s))]
    return stream(len(ids), **{
        "recent_ids": tuple(ids[:50]), "last_id": ids[0], "last_generated_id": ids[0], "first_id": ids[-1], **sick,
    })  # fmt: skip


def test_regular_gaps_are_periodic():
    told = infer(stream(100, every_s=60))
    assert (told.kind, told.interval_s, told.declared) == ("periodic", pytest.approx(60), False)


def test_a_timer_that_drifts_with_its_work_is_periodic():
    dice = random.Random(SEED)
    told = infer(made_of(number * 60 + dice.uniform(0, 6) for number in range(50)))
    assert (told.kind, told.interval_s) == ("periodic", pytest.approx(60, abs=4))


def test_rounds_of_ten_symbols_a_minute_have_the_interval_of_the_rounds():
    told = infer(made_of(round_ * 60 + symbol * 0.003 for round_ in range(40) for symbol in range(10)))
    assert (told.kind, told.interval_s) == ("periodic", pytest.approx(60, abs=0.1))


def test_four_rounds_of_different_sizes_are_no_rhythm():
    sizes = {0: 3, 700: 10, 1_300: 14, 2_000: 23}
    assert infer(made_of(start + number * 0.003 for start, size in sizes.items() for number in range(size))).kind == "event"


def test_a_missed_beat_does_not_break_the_rhythm():
    assert infer(made_of(number * 60 for number in range(60) if number != 20)).kind == "periodic"


def test_dense_and_irregular_is_continuous():
    dice = random.Random(SEED)
    ago, times = 0.0, []
    for _ in range(1_000):
        ago += dice.expovariate(1.0)
        times.append(ago)
    assert infer(made_of(times)).kind == "continuous"


def test_few_or_irregular_is_driven_by_events():
    assert infer(made_of([10, 4_000, 90_000, 90_100, 400_000, 400_001])).kind == "event"
    assert infer(made_of([10, 70, 130])).kind == "event"


@pytest.mark.parametrize("every_s", [0.001, 0.1, 1.0])
def test_a_burst_is_no_rhythm(every_s):
    """Fifty entries in a row, however evenly, after days without any."""
    assert infer(made_of([number * every_s for number in range(50)])).kind == "event"
    assert infer(made_of([*(number * every_s for number in range(50)), 500_000, 900_000])).kind == "event"


def test_pairs_of_events_on_many_days_are_no_rhythm():
    dice = random.Random(SEED)
    days = [dice.uniform(0, 30) * 86_400 for _ in range(15)]
    assert infer(made_of([one for day in days for one in (day, day + 0.4)])).kind == "event"


def test_one_entry_ever_and_none_ever():
    assert infer(stream(1)).kind == "one_shot"
    assert infer(stream(0)).kind == "unknown"
    assert infer(stream(1, entries_added=800)).kind == "event"


@pytest.mark.parametrize("last", ["0-1", "99999999999999999999-0", at(-7_200)])
def test_ids_that_are_no_times_tell_no_kind(last):
    assert infer(stream(50, recent_ids=(last, *stream().recent_ids[:49]))).kind == "unknown"


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1), max_size=50), st.integers(0, 1_000))
def test_whatever_the_ids_it_answers(numbers, length):
    ids = tuple(f"{one}-0" for one in sorted(set(numbers), reverse=True))
    told = infer(stream(length, recent_ids=ids, last_id=ids[0] if ids else "", last_generated_id=ids[0] if ids else "0-0"))
    assert (told.interval_s is not None) == told.judged_by_age


@settings(deadline=None)
@given(st.floats(1, 86_400), st.integers(6, 50))
def test_every_steady_rhythm_of_five_minutes_and_more_is_recognised(every_s, count):
    told = infer(stream(count, every_s=max(every_s, 300 / (count - 1) + 0.1)))
    assert told.kind == "periodic"


def test_what_is_declared_comes_first():
    said = Settings(symbols=("A", "B"), families=(), streams=(Stream(name="x:{symbol}", kind="event"), Stream(name="y")))
    known = expected(said)
    assert set(known) == {"x:A", "x:B", "y"}
    assert nature(stream(), known["x:A"]).kind == "event"
    assert nature(stream(), known["y"]).kind == "periodic"
    assert not nature(stream(), known["y"]).declared


def test_continuous_without_an_interval_takes_that_of_its_ids_and_twenty_seconds_at_least():
    told = nature(stream(every_s=90), Stream(name="x", kind="continuous"))
    assert (told.kind, told.interval_s, told.declared) == ("continuous", pytest.approx(90), True)
    assert nature(stream(0), Stream(name="x", kind="continuous")).interval_s == 20


def healthy(dice: random.Random) -> list[float]:
    """How long ago the entries of a stream in order were written: at random, in bursts, in pairs, on a timer, or in rounds."""
    ago, times = 0.0, list[float]()
    form, mean = dice.choice(["random", "bursts", "pairs", "timer", "rounds"]), dice.choice([0.5, 5, 60, 600, 7_200])
    for _ in range(dice.randint(2, 120)):
        ago += mean * dice.uniform(0.95, 1.05) if form in ("timer", "rounds") else dice.expovariate(1 / mean)
        size = {"bursts": dice.randint(1, 10), "pairs": 2, "rounds": 10}.get(form, 1)
        times += [ago + number * mean / 1_000 for number in range(size)]
    return times


def test_no_silence_is_made_up_of_ids_alone():
    """A thousand streams that nobody declared, each seen at any moment of its life."""
    dice = random.Random(SEED)
    alarms = [found(facts(made_of(healthy(dice)))) for _ in range(1_000)]
    assert [alarm for alarm in alarms if alarm] == []
