"""Words, quotes and escapes."""

import pytest

from qtops.unitfile.words import GROUPS, LENIENT, PLAIN, SETTING, VARIABLE, BadQuoting, first, split

BYTES = "\udcff"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("  a  b\t", ["a", "b"]),
        ("'a b' \"c d\"", ["a b", "c d"]),
        ("a'b c'd", ["ab cd"]),
        ("'' \"\"", ["", ""]),
        ("'\"' \"'\"", ['"', "'"]),
        (r"a\sb \x41\101 é \xc3\xa9 \U0001F642", ["a b", "AA", "é", "é", "🙂"]),
        (r"\n\t\\\"\'", ["\n\t\\\"'"]),
        (r"\xff", [BYTES]),
    ],
)
def test_words_of_a_setting(text, words):
    assert list(split(text, SETTING)) == words


@pytest.mark.parametrize(
    "text", ["'a", '"a', "a\\", r"\q", r"\x4", r"\x00", r"\u12", r"\400", r"\U00110000", r"\U0000d800", r"\000"]
)
def test_what_is_not_closed_or_no_escape(text):
    with pytest.raises(BadQuoting):
        list(split(text, SETTING))


def test_the_words_before_the_error_count():
    words = split("a b 'c", SETTING)
    assert [next(words), next(words)] == ["a", "b"]
    with pytest.raises(BadQuoting):
        next(words)


@pytest.mark.parametrize(
    ("rules", "text", "words"),
    [
        (LENIENT, r"\q a\ " + "\\", ["\\q", "a\\ \\"]),
        (PLAIN, r"a\ b \q '\"'", ["a b", "q", '"']),
        (GROUPS, "'a b' \\c", ["'a", "b'", "c"]),
        (VARIABLE, "a 'b c", ["a", "b c"]),
        (VARIABLE, "a\\", ["a"]),
    ],
)
def test_other_settings_have_other_rules(rules, text, words):
    assert list(split(text, rules)) == words


def test_the_place_after_a_word():
    assert first("a   b", 0, SETTING).end == 4
    assert first("a ", 2, SETTING) is None
