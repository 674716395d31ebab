"""Outputs are cut to what matters, and it is said that they were."""

import pytest

from tests.incident.act import Act, Played
from tests.incident.cutting import kept, matter, remark

OUTPUT = "\x1b[1mHEAD\x1b[0m of it\n  one: 1; more of it\n\n  two: /home/qt/quantum_trader/ai_engine/x.py\n"


def played(*keep: str, promised: int = 0, code: int = 0) -> Played:
    return Played(Act("true", promised=promised, keep=keep), OUTPUT, "", code, 0.25)


def plain(*keep: str) -> list[str]:
    return [line.plain for line in kept(OUTPUT, keep)]


def test_without_patterns_all_is_told_but_empty_lines():
    assert plain() == ["HEAD of it", "  one: 1; more of it", "  two: …/ai_engine/x.py"]


def test_a_line_is_told_up_to_the_end_of_what_was_found_in_it():
    assert plain(r"one: [^;]*", r"two.*") == ["  one: 1 …", "  two: …/ai_engine/x.py"]


def test_of_several_patterns_the_one_that_finds_most_decides():
    assert plain(r"one", r"one: 1; more") == ["  one: 1; more …"]


def test_colours_stay():
    (line,) = kept(OUTPUT, [r"^HEAD.*"])
    assert [(span.start, span.end, str(span.style)) for span in line.spans if "bold" in str(span.style)] == [(0, 4, "bold")]


def test_of_what_did_not_go_as_promised_nothing_is_left_out():
    assert len(matter(played("HEAD"))) == 1
    assert len(matter(played("HEAD", code=1))) == 3


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (played(), "0.2 s"),
        (played("HEAD"), "1 of 3 lines · 0.2 s"),
        (played(promised=2, code=2), "exit 2, as it should be · 0.2 s"),
        (played("HEAD", promised=2), "exit 0, NOT AS PROMISED: that is 2 · 0.2 s"),
        (played(code=1), "exit 1, NOT AS PROMISED: that is 0 · 0.2 s"),
    ],
)
def test_what_was_left_out_and_how_it_ended_is_said(given, said):
    assert remark(given) == said
