"""Looks that follow one another: what is compared with what."""

from msgspec.structs import replace

from qtops.checks.streams.looking import joined

from .looks import NOW_S, facts, found, group, stream

BUSY = stream(5_000)


def seen(unread, ago_s):
    """The same stream, so long ago, with so many entries before its group."""
    reads = group(unread=unread, of=BUSY)
    return facts(replace(BUSY, groups=(reads,), groups_count=1, read_at_s=NOW_S - ago_s))


def watched(*looks):
    """Look after look, as whoever watches joins them."""
    both = looks[0]
    for now in looks[1:]:
        both = joined(both, now)
        assert len(both.looks) == 2
    return both


def test_a_look_every_five_seconds_tells_a_standstill_after_half_a_minute_and_goes_on_telling_it():
    beats = [seen(4_000, ago_s) for ago_s in range(600, -1, -5)]
    for count in (2, 6):
        assert "STREAM101" not in dict(found(watched(*beats[:count])))
    for count in (7, 8, 20, len(beats)):
        assert "STREAM101" in dict(found(watched(*beats[:count])))


def test_a_group_that_moves_is_compared_with_the_look_before():
    both = watched(*(seen(4_000 + ago_s, ago_s) for ago_s in range(60, -1, -5)))
    assert both.looks[0].streams[0].read_at_s == NOW_S - 5
    assert "STREAM106" in dict(found(both))


def test_a_group_that_begins_to_move_stands_no_more():
    both = watched(seen(4_000, 60), seen(4_000, 10), seen(3_900, 0))
    assert "STREAM101" not in dict(found(both))


def test_a_stream_that_was_not_there_before_is_compared_with_nothing():
    both = watched(facts(stream(name="other")), seen(0, 0))
    assert found(both) == []
    assert joined(facts(looks=()), seen(0, 0)) == seen(0, 0)
