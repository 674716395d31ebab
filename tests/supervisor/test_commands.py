"""Command lines of the supervisor's children, taken by the commands themselves."""

import click
import pytest

from qtops.cli.main import qtops
from qtops.settings import Service, Settings
from qtops.supervisor.commands import Commands

ODD = "--help.service"  # systemd takes such a name
COMMANDS = Commands(Settings(services=(Service(name="odd", unit=ODD),)))


def parsed(argv: tuple[str, ...]) -> list[object]:
    """What the last of the commands is given."""
    command: click.Command | None = qtops
    words = list(argv[argv.index("qtops") + 1 :])
    while isinstance(command, click.Group):
        command = command.get_command(click.Context(command), words.pop(0))
    assert command is not None
    return list(command.make_context("x", words).params.values())


@pytest.mark.parametrize("argv", [COMMANDS.doctor(ODD, "/b"), COMMANDS.report(ODD, ["/b"], "/f"), COMMANDS.recover(ODD)])
def test_a_unit_whose_name_looks_like_an_option_is_a_unit(argv):
    assert {ODD, (ODD,)} & {value for value in parsed(argv) if isinstance(value, str | tuple)}
