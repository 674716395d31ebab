"""Lengths of time as people write them."""

from contextlib import suppress

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.cli.duration import DURATION


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("60", 60),
        ("60s", 60),
        ("1.5s", 1.5),
        ("0.2", 0.2),
        ("2m", 120),
        ("1h", 3600),
        ("1d", 86400),
        (" 30s ", 30),
        (30.0, 30),
        (7, 7),
    ],
)
def test_numbers_with_and_without_a_unit(text, seconds):
    assert DURATION.convert(text, None, None) == seconds


NO_LENGTHS = ["", "0", "0s", "-1", "-1s", "nan", "inf", "1e3", "1_000", "٣٠", "30 s", "1h30m", "s", "1y"]
NO_LENGTHS += ["1" * 5000, "\x1b[31m", "30\n40"]


@pytest.mark.parametrize("text", NO_LENGTHS)
def test_anything_else_is_refused_with_what_to_write(text):
    with pytest.raises(click.BadParameter, match=r"seconds \(60, 60s\), minutes"):
        DURATION.convert(text, None, None)


@given(st.text(max_size=20))
def test_no_text_does_anything_else(text):
    with suppress(click.BadParameter):
        assert DURATION.convert(text, None, None) > 0
