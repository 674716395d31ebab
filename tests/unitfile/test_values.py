"""Single values."""

import pytest

from qtops.unitfile.values import INFINITY, count, objection_to_path, simplified, size, time_span, truth

S = 1_000_000


@pytest.mark.parametrize(
    ("text", "usec"),
    [
        ("5", 5 * S), ("1.5", 1_500_000), ("100ms", 100_000), ("1min 30s", 90 * S), ("1min30", 90 * S), ("2 h", 7200 * S), ("1d",
        86400 * S),
        ("1M", 2629800 * S), ("1m", 60 * S), ("1y", 31557600 * S), ("1 µs", 1), ("5 6", 11 * S), (".5", 500_000), ("3 .5",
        3_500_000), ("+3", 3 * S),
        ("1.0000009s", S), ("infinity", INFINITY), (" infinity ", INFINITY), ("0", 0),
        ("", None), ("-1", None), ("5x", None), ("1.", None), ("1.2.3", None), ("infinity 1", None), ("0x10", None), ("1e3",
        None), ("s", None),
        ("9223372036854775807", None), ("9" * 5000, None), ("99999999999999999999", None), ("١", None),
    ],
)  # fmt: skip
def test_time_spans(text, usec):
    assert time_span(text) == usec


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1024", 1024), ("1K", 1024), ("1.5G", 1610612736), ("1 K", 1024), ("1G 512M", 1610612736), ("1.", 1), ("0", 0), ("1B", 1),
        ("infinity", INFINITY), ("", None), ("x", None), ("-1", None), ("5%", None), ("1K 1G", None), ("18446744073709551616",
        None), ("1g", None),
    ],
)  # fmt: skip
def test_sizes(text, number):
    assert size(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5", 5),
        ("010", 8),
        ("0x10", 16),
        ("0b11", 3),
        ("+3", 3),
        ("-1", None),
        ("", None),
        ("4294967296", None),
        ("08", None),
        ("9" * 99, None),
    ],
)
def test_counts(text, number):
    assert count(text) == number


def test_truth():
    assert [truth(text) for text in ("yes", "ON", "t", "1")] == [True] * 4
    assert [truth(text) for text in ("no", "Off", "f", "0")] == [False] * 4
    assert [truth(text) for text in ("", "maybe", "2")] == [None] * 3


def test_paths():
    assert [simplified(path) for path in ("//a/./b//", "/", "a/./b", "/..")] == ["/a/b", "/", "a/b", "/.."]
    assert objection_to_path("/a b") is None
    assert objection_to_path("a") == "not an absolute path"
    assert objection_to_path("/a", absolute=False) == "an absolute path"
    assert objection_to_path("/a/../b") == "a path with .. in it"
    assert objection_to_path("/" + "x" * 256) == "too long for a path"
    assert objection_to_path("/\udcff") == "not UTF-8"
