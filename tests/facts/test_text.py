"""Hostile text becomes harmless, and stays readable."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.facts.text import all_printable, printable, quoted


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("BTCUSDT", "BTCUSDT"),
        ("naïve 比特币", "naïve 比特币"),
        ("[red]not markup[/red]", "[red]not markup[/red]"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b31m", r"\x9b31m"),
        ("a\rb\nc\td\x00", r"a\rb\nc\td\x00"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        (b"\xff\xfe".decode("utf-8", "surrogateescape"), r"\xff\xfe"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_is_not_printable_is_escaped(hostile, shown):
    assert printable(hostile) == shown


def test_a_quoted_value_is_ascii_and_short():
    assert quoted("0.012886") == "'0.012886'"
    assert quoted("é\x1b") == r"'\xe9\x1b'"
    assert quoted("x" * 1000) == "'" + "x" * 64 + "'…"


@given(st.text() | st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape")))
def test_any_text_can_be_shown_and_stand_in_xml(text):
    shown = printable(text)
    assert shown.isprintable()
    assert printable(shown) == shown
    assert ET.fromstring(ET.tostring(ET.Element("x", name=shown))).get("name") == shown


def test_plain_values_become_printable_at_every_depth():
    hostile = {"a\x1b": ["\x1b", ("\r", 1)], "b": {"c": "\u202e"}, "n": None, "x": 1.5, "yes": True}
    assert all_printable(hostile) == {
        r"a\x1b": [r"\x1b", [r"\r", 1]], "b": {"c": r"\u202e"}, "n": None, "x": 1.5, "yes": True,
    }  # fmt: skip
