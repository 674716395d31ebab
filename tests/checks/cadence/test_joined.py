"""Looks that follow each other are one."""

import pytest
from msgspec.structs import replace

from publisher.timestamps import utc_iso
from qtops.checks.cadence.joined import KEPT, joined
from qtops.checks.cadence.measure import measure

from .series import NOW_S, facts, ids, judged, watched

BEATS = [NOW_S - 400 + 10.0 * index for index in range(41)]


def shifted(beats, back_s, **more):
    """What a look saw that ended ``back_s`` ago."""
    late = watched([beat + back_s for beat in beats], **more)
    moments = tuple(moment - back_s for moment in late.moments_s)
    seen = tuple(moment - back_s for moment in late.seen_at_s)
    return replace(late, moments_s=moments, seen_at_s=seen, texts=tuple(map(utc_iso, moments)))


def test_intervals_go_on_across_looks():
    both = joined(facts(shifted(BEATS, 90, for_s=60)), facts(watched(BEATS, for_s=60)))
    measured = measure(both.series[0], both.now_s)
    assert measured.p50_s == pytest.approx(10)
    assert measured.watched_s == pytest.approx(150)
    assert both.series[0].blind_s == pytest.approx(30)


def test_the_time_between_two_looks_is_no_gap_of_the_writer():
    both = joined(facts(shifted(BEATS, 200, for_s=60)), facts(watched(BEATS, for_s=60)))
    assert judged(*both.series).findings == ()


def test_what_was_not_there_before_is_taken_as_it_is():
    later = facts(watched(BEATS), ids(NOW_S - 60, NOW_S))
    assert joined(facts(), later) == later


def test_a_watch_that_never_ends_does_not_grow_for_ever():
    looked = facts(watched(BEATS, for_s=60))
    for number in range(1, 200):
        moments = tuple(NOW_S + number * 70 + 10.0 * index for index in range(7))
        texts = tuple(str(moment) for moment in moments)
        more = replace(looked.series[0], moments_s=moments, seen_at_s=moments, texts=texts, watched_s=60.0)
        looked = joined(looked, facts(more))
    assert len(looked.series[0].texts) == KEPT
    assert len(looked.series[0].seen_at_s) == len(looked.series[0].moments_s) == KEPT
