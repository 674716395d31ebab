"""What somebody wrote into Redis is kept as it is, unless it looks like a secret, by itself or beside its name."""

import pytest

from qtops.collectors.shown import shown


@pytest.mark.parametrize(
    "value", ["105.97", "-0", "1e5", "2026-02-17T23:51:05.128804+00:00", "", "LONG", "fallback_stop_pct,trail"]
)
def test_figures_times_and_words_stay(value):
    assert shown(value) == value
    assert shown(value, "proposed_sl") == value


def test_what_looks_like_a_secret_does_not():
    assert shown("token=a1b2") == "token=***"
    assert shown("a1b2", "api_token") == "***"
    assert shown("a1b2", "symbol") == "a1b2"
