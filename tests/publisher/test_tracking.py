"""What is remembered of a position: its extremes, its entry time and its last stop, through restarts, until it is another one."""

from itertools import accumulate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from publisher.codec import PositionInput
from publisher.tracking import TRACK_NAMES, Track, decode_track, encode_track, follow

NOW_S = 1_771_372_692.0
PRICES = st.floats(1e-12, 1e12)
TRACKS = st.builds(
    lambda prices, **rest: Track(trough_price=min(prices), peak_price=max(prices), **rest),
    st.tuples(PRICES, PRICES),
    side=st.sampled_from(["LONG", "SHORT"]),
    entry_price=PRICES,
    opened_at_s=st.floats(9.5e8, 4e9),
    published_sl=st.none() | PRICES,
    seq=st.integers(0, 2**53),
)


def seen(price: float = 100.5, **rest: object) -> PositionInput:
    """A position as read: LONG, entered at 100."""
    return PositionInput(**{"side": "LONG", "entry_price": 100.0, "current_price": price, **rest})  # type: ignore[arg-type]


def after(*prices: float, **rest: object) -> Track:
    """The track after these prices, one a second."""
    track = None
    for second, price in enumerate(prices):
        track = follow(track, seen(price, **rest), NOW_S + second)
    assert track is not None
    return track


def stored(track: Track) -> list[bytes | None]:
    """What HMGET gives back of a written track."""
    flat = encode_track(track)
    hash_ = dict(zip(flat[::2], flat[1::2], strict=True))
    return [hash_[name].encode() for name in TRACK_NAMES]


def test_a_position_seen_for_the_first_time_begins_with_the_price_now() -> None:
    assert after(103.0) == Track("LONG", 100.0, peak_price=103.0, trough_price=103.0, opened_at_s=NOW_S)


@given(st.lists(PRICES, min_size=1, max_size=20))
def test_peak_and_trough_are_the_extremes_of_what_was_seen(prices: list[float]) -> None:
    tracks = [after(*prices[: count + 1]) for count in range(len(prices))]
    assert [track.peak_price for track in tracks] == list(accumulate(prices, max))
    assert [track.trough_price for track in tracks] == list(accumulate(prices, min))


def test_extremes_that_the_writer_knows_count_as_seen() -> None:
    assert after(100.0, peak_price=110.0, trough_price=90.0)[2:4] == (110.0, 90.0)
    assert follow(after(100.0, 120.0), seen(peak_price=110.0, trough_price=90.0), NOW_S)[2:4] == (120.0, 90.0)
    assert follow(after(100.0, 80.0), seen(peak_price=130.0, trough_price=90.0), NOW_S)[2:4] == (130.0, 80.0)


def test_a_writer_whose_extremes_leave_out_the_price_now_is_completed() -> None:
    assert after(100.0, peak_price=99.0, trough_price=101.0)[2:4] == (100.0, 100.0)


@pytest.mark.parametrize("other", [{"side": "SHORT"}, {"entry_price": 100.6}, {"entry_price": 99.4}])
def test_another_side_or_entry_price_is_another_position(other: dict[str, object]) -> None:
    before = after(100.0, 130.0, 70.0)._replace(published_sl=99.0, seq=7)
    track = follow(before, seen(101.0, **other), NOW_S + 60)
    assert track[2:4] == (101.0, 101.0)
    assert track.opened_at_s == NOW_S + 60
    assert track.published_sl is None
    assert track.seq == 7, "the numbers of a symbol's contents go on"


def test_a_position_that_is_added_to_stays_the_same() -> None:
    before = after(100.0, 130.0, 70.0)._replace(published_sl=99.0)
    track = follow(before, seen(101.0, entry_price=100.4), NOW_S + 60)
    assert track == before._replace(entry_price=100.4)


def test_the_same_position_keeps_its_entry_time_and_its_stop() -> None:
    track = follow(after(100.0)._replace(published_sl=99.0, seq=7), seen(101.0), NOW_S + 60)
    assert (track.opened_at_s, track.published_sl, track.seq) == (NOW_S, 99.0, 7)


def test_an_age_that_the_writer_states_is_the_age() -> None:
    assert after(100.0, age_sec=600.0).opened_at_s == NOW_S - 600
    assert follow(after(100.0), seen(age_sec=30.0), NOW_S + 5).opened_at_s == NOW_S - 25


@given(TRACKS)
@example(Track("LONG", 100.0, 101.0, 99.0, opened_at_s=2_196_843_473.6933))  # a time that truncation makes earlier at each restart
def test_a_track_survives_a_restart(track: Track) -> None:
    read = decode_track(stored(track))
    assert read is not None
    assert read._replace(opened_at_s=track.opened_at_s) == track
    assert abs(read.opened_at_s - track.opened_at_s) <= 0.001
    assert stored(read) == stored(track), "however often it is restarted"


def test_a_track_is_written_as_decimal_texts_in_the_order_of_the_contract() -> None:
    assert encode_track(Track("SHORT", 0.0009, 0.001, 8e-05, NOW_S, None, 3)) == [
        "side", "SHORT", "entry_price", "0.0009", "peak_price", "0.001", "trough_price", "8e-05",
        "opened_at_ms", "1771372692000", "published_sl", "", "seq", "3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sick",
    [
        dict.fromkeys(TRACK_NAMES),
        {"side": b"FLAT"},
        {"side": b"\xff"},
        {"entry_price": None},
        {"peak_price": b"nan"},
        {"trough_price": b"1_000"},
        {"trough_price": b"-1"},
        {"trough_price": b"200"},
        {"peak_price": b"inf"},
        {"opened_at_ms": b"yesterday"},
        {"published_sl": b"None"},
        {"seq": b""},
        {"seq": b"-1"},
    ],
)
def test_what_is_not_a_whole_track_is_none(sick: dict[str, bytes | None]) -> None:
    whole = dict(zip(TRACK_NAMES, stored(after(100.0, 101.0)), strict=True))
    assert decode_track([whole[name] for name in TRACK_NAMES]) is not None
    assert decode_track([(whole | sick)[name] for name in TRACK_NAMES]) is None
