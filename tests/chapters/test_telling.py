"""How things are told: what cannot be borne always in the same words, and text from elsewhere on one line."""

import pytest

from qtops.chapters import telling
from qtops.chapters.telling import counted, cut, said, sentence, size, text, untold, verbatim


def test_a_claim_cites_each_record_once_in_order():
    assert said("It runs.", ("E02", "E01"), ("E02",), ()).evidence == ("E02", "E01")


def test_what_nobody_could_tell_says_why_and_what_would_tell():
    claim = untold("its memory", "it is not counted", "systemctl show app")
    assert claim.text == "could not tell: its memory: it is not counted (`systemctl show app` would tell)"
    assert claim.evidence == ()


def test_lines_stay_lines_and_what_is_too_much_is_said_to_be_cut():
    shown = verbatim(("a\nb\x1b[0m", "\tc", "x" * 600), ("E01",), "caption")
    first, second, third = shown.text.split("\n")
    assert first == r"a\nb\x1b[0m"
    assert second == "    c"
    assert third.endswith("… (100 more characters)")
    many = verbatim(map(str, range(telling.MOST_LINES + 7)), ("E01",), "caption").text.split("\n")
    assert len(many) == telling.MOST_LINES + 1
    assert many[-1] == "… and 7 more lines"


def test_a_text_keeps_its_lines_and_loses_only_its_last_line_end():
    assert text("[Unit]\n\n[Service]\n", (), "unit", "ini").text == "[Unit]\n\n[Service]"
    assert text("a\r\nb", (), "script").text == "a\\r\nb"


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (18_769_510, "17.9 MiB"), (2**50, "1024.0 TiB")]
)
def test_bytes_for_people(count, shown):
    assert size(count) == shown


def test_words_for_sentences():
    assert (counted(1, "key"), counted(0, "key")) == ("1 key", "0 keys")
    assert sentence("the `journal`\nholds it") == r"The 'journal'\nholds it"
    assert sentence("") == ""
    assert cut("short") == "short"
