"""A text of any length is redacted as the whole of it would be, whatever the pieces it comes in, and in bounded memory."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.collectors import redact_stream
from qtops.collectors.redact import Redactor
from qtops.collectors.redact_stream import redacted
from qtops.errors import UsageError

REDACTOR = Redactor([("A_PASSWORD", "Copper-Heron-88")])
KEY = "-----BEGIN PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEA\n" * 40 + "-----END PRIVATE KEY-----"
LINES = ["INFO started", f"{KEY}", "password=x9", "wrapped Copper-\n  Heron-88 here", "", "token:\n  'abcdefgh1'", "\r"]


@pytest.fixture(autouse=True)
def small_window(monkeypatch):
    monkeypatch.setattr(redact_stream, "WINDOW", 300)


def pieces(text, size):
    return [text[at : at + size] for at in range(0, len(text), size)]


@given(st.lists(st.sampled_from(LINES), max_size=12).map("\n".join), st.integers(1, 700))
def test_pieces_are_redacted_as_the_whole(text, size):
    assert "".join(part.text for part in redacted(pieces(text, size), REDACTOR)) == REDACTOR.text(text)


def test_it_is_told_how_much_is_hidden():
    parts = [*redacted(["A_TOKEN=a1b2 B_TOKEN=c3d4\nnothing\npassword=x9\n"], REDACTOR)]
    assert (sum(part.hidden for part in parts), sum(part.lines for part in parts)) == (3, 2)


def test_nothing_is_nothing():
    assert [*redacted([], REDACTOR)] == [("", 0, 0)]


def test_a_line_that_no_text_has_is_refused(monkeypatch):
    monkeypatch.setattr(redact_stream, "LONGEST", 1000)
    with pytest.raises(UsageError, match="line 3 is longer"):
        list(redacted(["a\nb\n", "x" * 700, "x" * 700], REDACTOR))


@pytest.mark.slow
def test_memory_is_bounded(monkeypatch):
    monkeypatch.undo()
    assert _peak(45) < 1.1 * _peak(15)


def _peak(count):
    piece = "2026-01-01 12:00:00,123 INFO app: request of client done in 17 ms\n" * 4000
    tracemalloc.start()
    try:
        for _ in redacted((piece for _ in range(count)), REDACTOR):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
