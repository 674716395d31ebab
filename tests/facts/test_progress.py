"""How far a group has come: counted against streams whose every entry is known."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from qtops.facts.progress import backlog, dead_pending, lost
from qtops.facts.stream_ids import ZERO, oddity, split, time_s
from tests.checks.streams.looks import NOW_S, at, group, stream


@dataclass
class Model:
    """A stream of which every entry is known: ``added`` ever, the first ``trimmed`` gone, the first ``given`` delivered."""

    added: int
    trimmed: int
    given: int

    @property
    def ids(self):
        return [at((self.added - number) * 10.0) for number in range(self.added)]

    def seen(self, recent=50, told=True):
        ids, left = self.ids, self.ids[self.trimmed :]
        reading = stream(
            len(left),
            first_id=left[0] if left else "",
            last_id=left[-1] if left else "",
            last_generated_id=ids[-1] if ids else "0-0",
            entries_added=self.added if told else None,
            recent_ids=tuple(reversed(left[-recent:])),
        )
        stands = ids[self.given - 1] if self.given else "0-0"
        lag = self.added - self.given
        return reading, group(
            last_delivered_id=stands, entries_read=self.given if told else None, lag=lag if told else None, of=stream(1)
        )


@st.composite
def models(draw):
    added = draw(st.integers(0, 120))
    return Model(added, draw(st.integers(0, added)), draw(st.integers(0, added)))


@settings(deadline=None)
@given(models())
def test_what_waits_is_counted_where_redis_tells_the_lag(model):
    waits = backlog(*model.seen())
    assert (waits.entries, waits.exact) == (len(model.ids[max(model.trimmed, model.given) :]), True)


@settings(deadline=None)
@given(models(), st.integers(1, 50))
def test_what_waits_is_never_more_than_what_is_said_to_be_at_least(model, recent):
    waits, truth = backlog(*model.seen(recent, told=False)), len(model.ids[max(model.trimmed, model.given) :])
    assert waits.entries == truth if waits.exact else waits.entries <= truth
    assert (waits.entries > 0) == (truth > 0)  # never zero because nobody could count


@settings(deadline=None)
@given(models())
def test_when_the_oldest_of_them_was_written(model):
    waits = backlog(*model.seen())
    if waits.entries:
        first = model.ids[max(model.trimmed, model.given)]
        assert waits.since_s is not None
        assert abs(waits.since_s - (time_s(first, NOW_S) or 0)) <= 10.001
    else:
        assert waits.since_s is None


@settings(deadline=None)
@given(models())
def test_what_was_lost_is_what_was_trimmed_before_it_was_given(model):
    assert lost(*model.seen()) == max(0, model.trimmed - model.given)


@settings(deadline=None)
@given(models())
def test_what_was_lost_is_not_known_to_be_nothing(model):
    assert lost(*model.seen(told=False)) in (
        {None, 0} if model.given >= model.trimmed + 1 or model.given == model.added else {None}
    )


def test_pending_entries_that_are_gone():
    left = stream(10, every_s=60, newest_s=0)

    def holds(first_s, last_s, count):
        return group(pending=count, first_pending_id=at(first_s), last_pending_id=at(last_s))

    assert dead_pending(left, holds(500, 100, 4)).entries == 0
    assert dead_pending(left, holds(5_000, 4_000, 4)).entries == 4
    some = dead_pending(left, holds(5_000, 100, 4))
    assert (some.entries, some.exact) == (1, False)
    assert dead_pending(left, holds(5_000, 100, 2)).exact
    assert dead_pending(stream(0), holds(500, 100, 4)).entries == 4
    assert dead_pending(stream(0), group()).entries == 0


@given(st.text())
def test_what_is_no_id_is_zero(text):
    assert isinstance(split(text), tuple)


@given(st.integers(0, 10**20 - 1), st.integers(0, 10**20 - 1))
def test_ids_are_numbers_and_not_text(milliseconds, number):
    assert split(f"{milliseconds}-{number}") == (milliseconds, number)


def test_ids_as_times():
    assert time_s("1790000000123-7", NOW_S + 1) == 1_790_000_000.123
    assert oddity("0-1", NOW_S) == "is no time"
    assert oddity(at(-61), NOW_S) == "lies in the future"
    assert oddity(at(-59), NOW_S) == ""
    assert split("9" * 5_000 + "-0") == ZERO
    assert split("١-٢") == ZERO
