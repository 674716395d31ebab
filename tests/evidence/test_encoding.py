"""A record is JSON that a person can read, or a text as it is; exact, and nothing in it plays tricks on a terminal."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.evidence.encoding import WIDTH, decode, decode_text, encode, encode_text
from qtops.evidence.records import EvidenceError
from tests.evidence.cases import JSON_VALUES


@given(st.dictionaries(st.text(), JSON_VALUES | st.text() | st.floats(-1e9, 1e9)))
def test_what_was_written_is_read_back(values):
    assert decode("a", encode("a", values), dict) == values


@given(st.text(st.characters()))
def test_a_text_is_read_back_as_it_was(text):
    assert decode_text("a", encode_text(text)) == text


def test_what_fits_on_a_line_stays_on_it():
    assert encode("a", {"pid": 1, "text": "x"}) == b'{"pid": 1, "text": "x"}\n'


def test_a_list_has_a_line_for_each_thing():
    lines = (
        encode("a", {"lines": [{"at_s": 1.5, "text": "x" * 80}, {"at_s": 2.5, "text": "y" * 80}], "cut": False})
        .decode()
        .splitlines()
    )
    assert lines[0] == "{"
    assert lines[2] == f'    {{"at_s": 1.5, "text": "{"x" * 80}"}},'
    assert lines[-2] == '  "cut": false'
    assert all(len(line) <= WIDTH for line in lines)


@pytest.mark.parametrize(
    ("character", "written"),
    [
        ("\x1b", "\\u001b"),
        ("\x9b", "\\u009b"),
        ("\u202e", "\\u202e"),
        ("\u200b", "\\u200b"),
        ("\U000e0001", "\\udb40\\udc01"),
        ("é", "é"),
    ],
)
def test_what_is_not_printable_is_escaped_as_json_has_it(character, written):
    content = encode("a", {"text": character})
    assert content.decode() == f'{{"text": "{written}"}}\n'
    assert json.loads(content)["text"] == character


def test_a_text_that_a_terminal_may_show_is_kept_as_it_is():
    text = "[Unit]\r\nDescription=é\n\tindented\n"
    assert encode_text(text) == text.encode()


@pytest.mark.parametrize("text", ["\x1b[2J", '"', "a\rb"])
def test_any_other_text_is_a_json_string(text):
    assert json.loads(encode_text(text)) == text


@pytest.mark.parametrize("content", [b"\xff", b'"open', b'"a" b', b'"\xff"'])
def test_what_is_no_text_is_refused(content):
    with pytest.raises(EvidenceError, match=r"^a: is no"):
        decode_text("a", content)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_no_number_is_written_that_is_none(value):
    with pytest.raises(EvidenceError, match=r"^a: cannot be written down"):
        encode("a", {"x": value})


@pytest.mark.parametrize(
    "content", [b'{"at_s": 1e20}', b'{"x": 1e300}', b'{"x": [1, {"age_s": -1e20}]}', b'{"x": %s}' % (b"9" * 5000)]
)
def test_no_number_is_read_that_no_host_ever_had(content):
    with pytest.raises(EvidenceError):
        decode("a", content, dict)
