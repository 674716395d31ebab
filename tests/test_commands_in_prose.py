"""Every qtops command that the README, the runbooks or a help text shows is one that qtops takes."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from qtops.cli.commands import COMMANDS
from qtops.cli.main import qtops as cli

ROOT = Path(__file__).parent.parent
PROSE = (ROOT / "README.md", *sorted((ROOT / "runbooks").glob("*.md")))
SHOWN = re.compile(r"^(?: {2,}|\$ )(qtops [^#`|>;\n]+)|`(qtops [^`\n|>;]+)`", re.MULTILINE)
PASSES_ON = {"publisher", "watch"}  # their options are those of another program, or of another command
CHOICE = re.compile(r"(?<=\w)\|[\w|]+")  # -o json|markdown: any of them


def commands(text: str) -> Iterator[str]:
    """What an operator would copy."""
    for match in SHOWN.finditer(CHOICE.sub("", text)):
        yield re.split(r" {2,}", (match[1] or match[2]).strip())[0]  # what stands apart explains


def objection(line: str) -> str:
    """What qtops would say of the command's words; empty where it takes them."""
    try:
        words = shlex.split(line.replace("[", "").replace("]", "").replace("…", ""))[1:]
    except ValueError as error:
        return str(error)
    command: click.Command = cli
    context = click.Context(cli, info_name="qtops")
    while isinstance(command, click.Group):
        parser = command.make_parser(context)
        try:
            _, words, _ = parser.parse_args(words)
        except click.UsageError as error:
            return error.format_message()
        if not words:
            return ""
        found = command.get_command(context, words[0])
        if found is None:
            return f"no command {words[0]}"
        command, words = found, words[1:]
        if command.name in PASSES_ON:
            return ""
        context = click.Context(command, parent=context, info_name=command.name)
    try:
        command.make_parser(context).parse_args(words)
    except click.UsageError as error:
        return error.format_message()
    return ""


@pytest.mark.parametrize("file", PROSE, ids=lambda file: file.name)
def test_what_is_shown_is_taken(file):
    lines = list(dict.fromkeys(commands(file.read_text("utf-8"))))
    assert {line: said for line in lines if (said := objection(line))} == {}


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.name)
def test_examples_of_the_help_are_taken(entry):
    command = entry.load()
    epilogs = [command.epilog, *(sub.epilog for sub in getattr(command, "commands", {}).values())]
    lines = [line for epilog in epilogs if epilog for line in commands(epilog)]
    assert {line: said for line in lines if (said := objection(line))} == {}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("qtops verify freshness BTCUSDT --family risk-proposal", ""),
        ("qtops verify freshness --symbool A", "No such option '--symbool'"),
        ("qtops verify freshnes", "no command freshnes"),
        ("qtops --redis unix:///a doctor x", ""),
    ],
)
def test_what_is_not_taken_is_told(line, said):
    assert objection(line).startswith(said)
    assert bool(objection(line)) == bool(said)
