"""The table of commands: found, explained and completed without importing them, and quick."""

import subprocess
import sys
import time

import click
import pytest

from qtops.cli.commands import BY_NAME, COMMANDS
from qtops.cli.main import qtops as root
from tests.cli.running import COMMAND, environment, qtops

HEAVY = {"redis", "numpy", "rich", "asyncio", "msgspec", "psutil", "prometheus_client", "tomllib", "subprocess", "logging"}


def commands(command: click.Command, path: str) -> list[tuple[str, click.Command]]:
    """A command and all below it, with the words that call it."""
    below = {}
    if isinstance(command, click.Group):
        context = click.Context(command)
        below = {name: command.get_command(context, name) for name in command.list_commands(context)}
    return [(path, command), *(found for name, inner in below.items() if inner for found in commands(inner, f"{path} {name}"))]


def test_every_command_has_help_with_an_example():
    every = commands(root, "qtops")
    assert len(every) > len(COMMANDS)
    for path, command in every:
        assert command.help, path
        _, _, examples = command.get_help(click.Context(command, info_name=path)).partition("Examples:")
        words = path.split()
        assert any(all(word in line for word in words) for line in examples.splitlines()), path


def test_the_table_says_what_the_commands_say_of_themselves():
    for name, entry in BY_NAME.items():
        assert entry.load().name == name


def imported(*arguments: str, **variables: str) -> set[str]:
    result = qtops(*arguments, command=(sys.executable, "-X", "importtime", *COMMAND[1:]), **variables)
    assert result.returncode == 0, result.stderr
    return {line.rpartition("|")[2].strip() for line in result.stderr.splitlines() if line.startswith("import time:")}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["completion", "zsh"], ["schema"], ["schema", "config"]])
def test_nothing_heavy_is_imported_before_it_is_needed(arguments):
    modules = imported(*arguments)
    assert "click" in modules
    assert not modules & HEAVY


def test_the_publisher_and_numpy_are_no_part_of_showing_settings():
    modules = imported("config", "show")
    assert "msgspec" in modules
    assert not modules & {"redis", "numpy", "rich", "publisher", "asyncio"}


def test_start_up_costs_little_more_than_python_itself(tmp_path, capsys):
    took: dict[str, list[float]] = {"pass": [], "--help": []}
    compiled = environment(PYTHONPYCACHEPREFIX=str(tmp_path), PYTHONDONTWRITEBYTECODE="")
    for turn in range(8):
        for name, command in (("pass", (sys.executable, "-c", "pass")), ("--help", (*COMMAND, "--help"))):
            started = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, env=compiled, check=True)
            if turn:  # the first one compiles
                took[name].append(time.perf_counter() - started)
    ratio = min(took["--help"]) / min(took["pass"])
    with capsys.disabled():
        print(f"\n  qtops --help: {ratio:.1f} × python -c pass ({min(took['--help']) * 1000:.0f} ms)")
    assert ratio <= 9  # 4.7 measured; what is imported is bounded exactly, above


def complete(line: str) -> list[str]:
    words = line.split(" ")
    result = qtops(_QTOPS_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=str(len(words) - 1))
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout.split()


def test_completion_completes():
    assert complete("qtops ver") == ["plain,verify"]
    assert complete("qtops ") == [f"plain,{name}" for name in BY_NAME]
    assert complete("qtops config s") == ["plain,show"]
    assert "plain,--redis" in complete("qtops --r")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_printed(shell):
    result = qtops("completion", shell)
    assert (result.returncode, result.stderr) == (0, "")
    assert f"_QTOPS_COMPLETE={shell}_complete" in result.stdout
    if shell == "bash":
        assert subprocess.run(["bash", "-n"], input=result.stdout, encoding="utf-8", check=True).returncode == 0


def test_the_version_is_that_of_the_package():
    from importlib.metadata import version

    assert qtops("--version").stdout == f"qtops {version('qtops')}\n"
