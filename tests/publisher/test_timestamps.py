"""Every form of time met on the wire, every text that looks like one, and nothing but TimestampError for the rest."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from publisher.timestamps import EARLIEST_S, LATEST_S, TimestampError, parse_timestamp, utc_iso

MOMENT = datetime(2026, 2, 17, 23, 58, 12, 720666, tzinfo=UTC).timestamp()
WHOLE = 1771372692.0

FORMS = [
    ("1771372692", WHOLE),  # ts_timestamp, ts_epoch, last_update_epoch
    ("1771372692.720666", MOMENT),  # risk.events, policy.update
    ("1771372692720", MOMENT - 0.000666),  # reconcile, ticker: milliseconds
    ("1771372692720666", MOMENT),  # microseconds
    ("1771372692720666000", MOMENT),  # nanoseconds
    ("1.771372692720666e9", MOMENT),
    ("2026-02-17T23:58:12.720666", MOMENT),  # naive: computed_at_utc, event bus
    ("2026-02-17T23:58:12", WHOLE),  # what isoformat makes of no microseconds
    ("2026-02-17T23:58:12Z", WHOLE),  # execution.result
    ("2026-02-17T23:58:12.720666+00:00", MOMENT),
    ("2026-02-18T00:58:12+01:00", WHOLE),
    ("2026-02-17T18:58:12-0500", WHOLE),
    ("2026-02-17 23:58:12", WHOLE),
    ("2026-02-17_23:58:12", WHOLE),
    (" 2026-02-17T23:58:12Z\n", WHOLE),
    ("20260217T235812", WHOLE),  # the basic form
    ("2026-W08-2T23:58:12", WHOLE),  # the week form
    ("2026W082", WHOLE - 86292),
    ("2026-02-17", WHOLE - 86292),
    ("0" * 54 + "1771372692", WHOLE),  # 64 characters, the most
    ("2000-01-01", EARLIEST_S),
    ("2099-12-31T23:59:59Z", LATEST_S - 1),
]


@pytest.mark.parametrize(("text", "seconds"), FORMS)
def test_every_form_on_the_wire_is_read(text, seconds):
    assert parse_timestamp(text) == pytest.approx(seconds, rel=0, abs=1e-6)


NO_TIMES = {
    "empty": "",
    "blank": "  ",
    "word": "yesterday",
    "none": "None",
    "nan": "nan",
    "inf": "inf",
    "negative inf": "-Infinity",
    "overflow": "1e400",
    "zero": "0",
    "negative zero": "-0.0",
    "negative": "-1771372692",
    "trend strength": "0.012886",
    "age": "3600",
    "before 2000": "946684799",
    "2100": "4102444800",
    "basic date, a number": "20260217",
    "1e11, year 5138 in seconds": "1e11",
    "beyond nanoseconds": "1771372692720666000000",
    "digit groups": "1_771_372_692",
    "Arabic digits": "١٧٧١٣٧٢٦٩٢",
    "full-width digits": "１７７１３７２６９２",
    "full-width ISO": "２０２６-02-17",
    "5000 digits": "1" * 5000,
    "leading zeros without end": "0" * 5000 + "1771372692",
    "65 characters": "0" * 55 + "1771372692",
    "hexadecimal": "0x69950014",
    "minute 60": "2026-02-17T23:60:00",
    "second 60": "2026-02-17T23:58:60",
    "hour 25": "2026-02-17T25:00:00",
    "month 13": "2026-13-01",
    "30 February": "2026-02-30",
    "week 60": "2026-W60-1",
    "year 9999": "9999-12-31T23:59:59Z",
    "year 1, far east": "0001-01-01T00:00:00+23:59",
    "year 9999, far west": "9999-12-31T23:59:59-23:59",
    "year 0": "0000-01-01",
    "year 10000": "10000-01-01",
    "two zones": "2026-02-17T23:58:12Z+00:00",
    "zone name": "2026-02-17T23:58:12 UTC",
    "zone beyond a day": "2026-02-17T23:58:12+24:00",
    "NUL": "1771372692\x00",
    "NUL in ISO": "2026-02-17\x0023:58:12\x00",
    "lone surrogate": "\ud800",
    "surrogate as separator": "2026-02-17\ud80023:58:12",
    "escape": "\x1b[2J1771372692",
    "US form": "02/17/2026",
    "stream id": "1771372692720-0",
}


@pytest.mark.parametrize("text", NO_TIMES.values(), ids=NO_TIMES.keys())
def test_what_is_no_time_is_refused(text):
    with pytest.raises(TimestampError):
        parse_timestamp(text)


def test_midnight_as_24_hours_is_refused_or_the_next_day():
    """Python learned it after 3.11; it is never read as another time."""
    with suppress(TimestampError):
        assert parse_timestamp("2026-02-17T24:00") == parse_timestamp("2026-02-18")


def test_the_future_is_a_time_and_left_to_who_knows_the_clock():
    assert parse_timestamp("2090-01-01") > parse_timestamp("2089-12-31")


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=80) | st.from_regex(r"[0-9+\-:.TWZ_e ]{0,30}", fullmatch=True))
@example("\ud800")
def test_no_text_raises_anything_else(text):
    with suppress(TimestampError):
        assert EARLIEST_S <= parse_timestamp(text) < LATEST_S


@settings(max_examples=300, deadline=None)
@given(st.floats(EARLIEST_S, LATEST_S - 1))
def test_what_is_written_is_read_again(seconds):
    text = utc_iso(seconds)
    assert text.endswith("+00:00")
    assert len(text) == len("2026-02-17T23:58:12.720666+00:00")
    assert parse_timestamp(text) == pytest.approx(seconds, rel=0, abs=1e-6)


@settings(max_examples=200, deadline=None)
@given(st.integers(int(EARLIEST_S), int(LATEST_S) - 1), st.sampled_from(["", "000", "000000", "000000000"]))
def test_an_epoch_means_the_same_in_every_unit(seconds, zeros):
    assert parse_timestamp(f"{seconds}{zeros}") == seconds


@settings(max_examples=200, deadline=None)
@given(st.datetimes(datetime(2001, 1, 1), datetime(2099, 1, 1)), st.integers(-1439, 1439))  # noqa: DTZ001 - naive on purpose
def test_a_naive_time_is_utc_and_an_offset_is_obeyed(naive, minutes):
    assert parse_timestamp(naive.isoformat()) == naive.replace(tzinfo=UTC).timestamp()
    zoned = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert parse_timestamp(zoned.isoformat()) == zoned.timestamp()
