"""One error over and over is one signature."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.collectors.journal.signatures import MOST, is_error, normalised, signatures
from qtops.collectors.journal.spoken import Spoken


def said(*texts, priority=6):
    return [Spoken(1000.0 + number, text, (1, "s"), priority=priority) for number, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026-01-01 12:00:00,123 ERROR order 17 refused", "2026-02-02 23:59:59,999 ERROR order 4711 refused"),
        ("2026-01-01T12:00:00.123456Z ERROR x", "2026-01-01T12:00:01+00:00 ERROR x"),
        ("ERROR id 5f3e0a1b9c8d no", "ERROR id deadbeef12 no"),
        ("ERROR at 0x7f3e0a", "ERROR at 0x1"),
        ("ERROR 123e4567-e89b-12d3-a456-426614174000", "ERROR 00000000-e89b-12d3-a456-42661417ffff"),
        ("ERROR connecting to 10.0.0.1:6379", "ERROR connecting to 127.0.0.1:6380"),
        ("KeyError: 'BTCUSDT'", "KeyError: 'ETHUSDT'"),
        ("ERROR order12345 gone", "ERROR order99999 gone"),
    ],
)
def test_what_differs_from_case_to_case_does_not_count(one, other):
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ERROR cannot open /etc/app/a.conf", "ERROR cannot open /etc/app/b.conf"),
        ("FileNotFoundError: No such file: '/a'", "FileNotFoundError: No such file: '/b'"),
        ("ERROR app2 down", "ERROR app3 down"),
        ("ValueError: x", "KeyError: x"),
    ],
)
def test_what_makes_a_difference_stays(one, other):
    assert normalised(one) != normalised(other)


@pytest.mark.parametrize(
    "text",
    [
        "ERROR:root:no", "2026-01-01 12:00:00,123 - app - CRITICAL - no", "[error] no", '{"level": "error", "event": "no"}',
        "level=fatal msg=no", "E0102 12:00:00 1 main.go:1] no", "ValueError: no", "redis.exceptions.ConnectionError: refused",
        "INFO retrying after TimeoutError: slow", "12:00 | ERROR    | app:f:1 - no",
    ],
)  # fmt: skip
def test_an_error_in_any_format(text):
    assert is_error(*said(text))


@pytest.mark.parametrize(
    "text", ["INFO all fine", "0 errors", "error_rate=0", "ERROR_RATE=0", "    raise ValueError('no')", "WARNING slow"]
)
def test_what_is_no_error(text):
    assert not is_error(*said(text))
    assert is_error(*said("whatever", priority=3))


def test_the_most_frequent_comes_first_with_its_share_and_its_time():
    lines = said(*["ERROR cycle 1 failed", "INFO fine", "ERROR cycle 2 failed", "ERROR disk full", "ERROR cycle 3 failed"])
    first, second = signatures(lines)
    assert (first.pattern, first.sample, first.count, first.share) == ("ERROR cycle N failed", "ERROR cycle 3 failed", 3, 0.75)
    assert (first.first_s, first.last_s) == (1000.0, 1004.0)
    assert second.pattern == "ERROR disk full"


def test_an_error_and_its_traceback_are_one():
    error = [
        "ERROR app: cycle 1 failed",
        "Traceback (most recent call last):",
        '  File "x", line 1, in f',
        "    g()",
        "OSError: no",
    ]
    (only,) = signatures(said(*error * 4))
    assert (only.pattern, only.count) == ("ERROR app: cycle N failed → OSError: no", 4)


def test_a_long_line_is_cut_and_few_signatures_are_kept():
    found = signatures(said(*(f"ERROR {chr(97 + number) * 400}" for number in range(20))))
    assert len(found) == MOST
    assert len(found[0].sample) < 310
    assert sum(item.share for item in found) == pytest.approx(0.5)


def test_no_error_no_signature():
    assert signatures(said("INFO fine")) == ()


@given(st.lists(st.text() | st.sampled_from(["ERROR 1", "ERROR 2", "Traceback (most recent call last):", "ValueError: x"])))
def test_shares_are_shares(texts):
    found = signatures(said(*texts))
    assert sum(item.share for item in found) <= 1 + 1e-9
    assert all(item.first_s <= item.last_s and item.count > 0 for item in found)
