import pytest

from qtops.facts.times import moment, span, utc


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"), (0.44, "0.4 s"), (9.96, "10 s"), (10, "10 s"), (59.6, "1 min"), (61, "1 min 1 s"), (3600, "1 h"), (3605, "1 h"),
        (61_440, "17 h 4 min"), (86_400, "1 d"), (200_000, "2 d 7 h"), (-90, "-1 min 30 s"),
        (float("inf"), "inf s"), (float("nan"), "nan s"),
    ],
)  # fmt: skip
def test_a_span_in_two_units(seconds, words):
    assert span(seconds) == words


def test_a_moment_has_utc_and_age():
    assert moment(1_771_308_363, 1_771_369_803) == "2026-02-17 06:06:03 UTC (17 h 4 min ago)"
    assert moment(1_771_308_363, 1_771_308_360).endswith("(in 3 s)")


@pytest.mark.parametrize("beyond", [1e300, -1e300, float("inf"), float("nan")])
def test_what_no_calendar_has(beyond):
    assert utc(beyond).startswith("epoch ")
