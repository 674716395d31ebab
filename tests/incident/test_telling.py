"""The story on a console: readable at 80 columns, plain where nobody wants colours, and every failure in full."""

import io

from rich.console import Console

from tests.incident.act import Act, Played
from tests.incident.telling import Narrator, whole

LONG = "  word " * 30


def told(*acts: Played, width: int = 80, color: bool = False) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=color, color_system="standard" if color else None)
    console.print(whole(("title", "and below it"), acts, ("the end",)))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_acts_are_numbered_by_their_headings():
    first, again, second = (Act("true", heading) for heading in ("One", "", "Two"))
    text = told(*(Played(act, "", "", 0, 0.1) for act in (first, again, second)))
    assert [line for line in text.splitlines() if line[:1].isdigit()] == ["1. One", "2. Two"]
    assert text.count("$ true") == 3


def test_long_lines_keep_their_indentation_and_their_width():
    text = told(Played(Act("x" * 200, "One"), LONG, "", 0, 0.1))
    assert max(map(len, text.splitlines())) <= 80
    lines = [line for line in text.splitlines() if "word" in line]
    assert lines[0].startswith("    word")
    assert all(line.startswith("      word") for line in lines[1:])


def test_what_was_not_promised_is_told_with_what_it_complained_of():
    text = told(Played(Act("false", "One"), "", "it has gone\n", 1, 0.1))
    assert "  it has gone\n" in text
    assert "exit 1, NOT AS PROMISED" in text


def test_it_is_plain_without_colours():
    coloured = Played(Act("true", "One"), "\x1b[31mred\x1b[0m", "", 0, 0.1)
    assert "\x1b" not in told(coloured)
    assert "\x1b[31mred" in told(coloured, color=True)


def test_waiting_is_talk_and_no_part_of_the_story():
    story, talk = io.StringIO(), io.StringIO()
    with Narrator(Console(file=story), Console(file=talk)).waiting("systemd boots"):
        pass
    assert (story.getvalue(), talk.getvalue()) == ("", "(systemd boots …)\n")
