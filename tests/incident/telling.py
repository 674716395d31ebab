"""Tell a show: headings in an operator's words, the commands as typed, their output cut to what matters."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.text import Text

from qtops.reports.doctor.human import Paragraph
from tests.incident.act import Played, shortened
from tests.incident.cutting import matter, remark

OUTPUT = 2  # columns that an output is indented by


class Narrator:
    """Tells as the show goes: the story to one console, the talk of waiting to another."""

    def __init__(self, story: Console, talk: Console) -> None:
        self._story, self._talk, self._acts = story, talk, 0

    def begin(self, title: tuple[str, ...]) -> None:
        """What will be seen."""
        self._story.print(headline(title))

    def waiting(self, what: str) -> AbstractContextManager[Any]:
        """While nothing is to be seen."""
        if not what:
            return nullcontext()
        if self._talk.is_terminal:
            return self._talk.status(Text(f"{what} …", "dim"), spinner="dots")
        self._talk.print(Text(f"({what} …)"))
        return nullcontext()

    def heading(self, text: str) -> None:
        """A new act."""
        if text:
            self._acts += 1
            self._story.print(heading(self._acts, text))

    def command(self, typed: str) -> None:
        """What is run now."""
        self._story.print(command(typed))

    def output(self, played: Played) -> None:
        """What came of it."""
        self._story.print(output(played))

    def end(self, lines: tuple[str, ...]) -> None:
        """What there is to say at the end."""
        self._story.print(closing(lines))


def whole(title: tuple[str, ...], acts: tuple[Played, ...], lines: tuple[str, ...]) -> RenderableType:
    """A show that is over, in one piece."""
    return Group(headline(title), *_acts(acts), closing(lines))


def _acts(acts: tuple[Played, ...]) -> Iterator[RenderableType]:
    number = 0
    for played in acts:
        if played.act.heading:
            number += 1
            yield heading(number, played.act.heading)
        yield command(played.act.command)
        yield output(played)


def headline(title: tuple[str, ...]) -> RenderableType:
    """The first lines."""
    return Group(*(Paragraph(0, Text(line, "dim" if number else "bold")) for number, line in enumerate(title)))


def heading(number: int, text: str) -> RenderableType:
    """The line above an act, with an empty one above it."""
    return Group(Text(), Paragraph(0, Text.assemble((f"{number}. ", "bold cyan"), (text, "bold cyan"))))


def command(typed: str) -> RenderableType:
    """A command as it would be typed."""
    return Paragraph(0, Text.assemble(("$ ", "green"), (shortened(typed), "bold")))


def output(played: Played) -> RenderableType:
    """What is kept of an output, and what there is to say of it."""
    lines = [_line(line) for line in matter(played)]
    if not played.is_as_promised:
        lines += [Paragraph(OUTPUT, Text(line, "red")) for line in played.complaint.splitlines()[-20:]]
    style = "dim" if played.is_as_promised else "bold red"
    return Group(*lines, Paragraph(OUTPUT, Text(remark(played), style)))


def closing(lines: tuple[str, ...]) -> RenderableType:
    """The end."""
    return Group(Text(), *(Paragraph(0, Text.from_ansi(line)) for line in lines))


def _line(line: Text) -> Paragraph:
    indent = len(line.plain) - len(line.plain.lstrip())
    return Paragraph(OUTPUT + indent, line[indent:])
