"""Colours, and text that is shown as it is."""

import io

import pytest
from rich.text import Text

from qtops.cli.console import color_system
from qtops.cli.context import Context


@pytest.mark.parametrize(
    ("option", "environ", "expected"),
    [
        ("auto", {}, "auto"),
        ("auto", {"NO_COLOR": "1"}, None),
        ("auto", {"NO_COLOR": ""}, "auto"),
        ("auto", {"FORCE_COLOR": "1"}, "standard"),
        ("auto", {"FORCE_COLOR": ""}, "auto"),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, None),
        ("always", {"NO_COLOR": "1", "TERM": "dumb"}, "standard"),
        ("never", {"FORCE_COLOR": "1"}, None),
    ],
)
def test_the_option_wins_over_the_environment(option, environ, expected):
    assert color_system(option, environ) == expected


def printed(color, monkeypatch, **environ):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    stream = io.StringIO()
    monkeypatch.setattr("sys.stdout", stream)
    console = Context(color=color).console()
    assert not console.is_terminal
    console.print(Text("late", style="red"), "[/foo] :smile: 1")
    return stream.getvalue()


def test_a_pipe_gets_colours_only_when_asked_for(monkeypatch):
    plain = "late [/foo] :smile: 1\n"
    coloured = "\x1b[31mlate\x1b[0m [/foo] :smile: 1\n"
    assert printed("auto", monkeypatch) == plain
    assert printed("auto", monkeypatch, FORCE_COLOR="1") == coloured
    assert printed("never", monkeypatch, FORCE_COLOR="1") == plain
    assert printed("always", monkeypatch, NO_COLOR="1", TERM="dumb") == coloured


def test_talk_goes_to_standard_error(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    Context().console(stderr=True).print("talk")
    assert stream.getvalue() == "talk\n"
