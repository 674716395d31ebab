"""The frame of every command: one line and one exit code for whatever goes wrong, and nothing imported before it is needed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import COMMAND, environment, qtops

FAILING = """
import os, signal, sys, time, click
from qtops.cli.commands import BY_NAME, Entry
from qtops.cli.main import main
from qtops.errors import *

@click.command()
@click.option("-o", "--output")
@click.argument("body")
def fail(output, body):
    exec(f"def act():\\n {body}", globals())
    return act()

BY_NAME["fail"] = Entry("fail", "__main__:fail", "")
main(["fail", *sys.argv[1:]])
"""


def fail(body: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose body is ``body``."""
    return qtops(body, *arguments, command=(sys.executable, "-c", FAILING), **variables)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("pass", 0),
        ("return Exit.WARNING", 1),
        ("return 2", 2),
        ("click.get_current_context().exit(3)", 3),
        ("sys.exit(1)", 1),
        ("sys.exit()", 0),
    ],
)
def test_a_verdict_is_handed_on_without_a_word(body, code):
    result = fail(body)
    assert (result.returncode, result.stdout, result.stderr) == (code, "", "")


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ("raise UsageError('which?')", 64, "which?"),
        ("raise click.ClickException('no')", 64, "no"),
        ("raise Unavailable('busy')", 75, "busy"),
        ("raise NotPermitted('root only')", 77, "root only"),
        ("raise ConfigError('a.toml: b: c')", 78, "a.toml: b: c"),
        ("raise ConfigError('one\\n\\n two\\x1b]0;x\\x07\\x9b\\u202e')", 78, r"one two\x1b]0;x\x07\x9b\u202e"),
    ],
)
def test_an_error_is_one_line_and_a_code(body, code, message):
    result = fail(body)
    assert (result.returncode, result.stdout, result.stderr) == (code, "", f"qtops: error: {message}\n")
    monitored = fail(body, "-o", "nagios")
    assert (monitored.returncode, monitored.stdout, monitored.stderr) == (3, f"UNKNOWN: {message}\n", "")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("raise ValueError('hunter2')", "ValueError"),
        ("open('/nonexistent/hunter2')", "FileNotFoundError"),
        ("raise MemoryError('hunter2')", "MemoryError"),
        ("return act()", "RecursionError"),
        ("sys.exit('hunter2')", "SystemExit"),
    ],
)
def test_a_bug_is_one_line_without_what_may_be_secret(body, kind):
    result = fail(body)
    assert result.returncode == 70
    assert re.fullmatch(rf"qtops: error: a bug in qtops \S+: {kind} at \w+\.py:\d+; please report it with .*\n", result.stderr)
    assert "hunter2" not in result.stderr


def test_a_bug_shows_its_traceback_when_asked():
    result = fail("raise ValueError('hunter2')", QTOPS_DEBUG="1")
    assert result.returncode == 70
    assert "Traceback" in result.stderr
    assert "ValueError: hunter2" in result.stderr


@pytest.mark.parametrize(
    ("body", "code", "word"),
    [
        ("raise KeyboardInterrupt", 130, "interrupted"),
        ("os.kill(os.getpid(), signal.SIGINT); time.sleep(9)", 130, "interrupted"),
        ("os.kill(os.getpid(), signal.SIGTERM); time.sleep(9)", 143, "ended by signal 15"),
        ("os.kill(os.getpid(), signal.SIGHUP); time.sleep(9)", 129, "ended by signal 1"),
    ],
)
def test_a_signal_ends_quietly_and_in_order(body, code, word):
    in_order = f"import contextlib\n with contextlib.ExitStack() as s: s.callback(click.echo, 'closed'); {body}"
    result = fail(in_order)
    assert (result.returncode, result.stdout, result.stderr) == (code, "closed\n", "")
    assert fail(body, "-onagios").stdout == f"UNKNOWN: {word}\n"


def test_nohup_is_respected():
    result = qtops("os.kill(os.getpid(), signal.SIGHUP)", command=("nohup", sys.executable, "-c", FAILING))
    assert result.returncode == 0


@pytest.mark.parametrize("option", [("-o", "nagios"), ("--output", "nagios"), ("-onagios",), ("--output=nagios",)])
def test_a_monitoring_system_is_answered_in_its_own_terms(option):
    result = qtops("verify", "freshnes|s", *option)
    assert result.returncode == 3
    assert result.stdout.startswith("UNKNOWN: No such command 'freshnes/s'")
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verfy"], "No such command 'verfy'; did you mean 'verify'? See 'qtops --help'."),
        (["xyzzy"], "No such command 'xyzzy'; there are: run, verify, "),
        (["config", "shw"], "No such command 'shw'. Did you mean 'show'? See 'qtops config --help'."),
        (["config", "show", "--redis", "x"], "No such option '--redis'. It belongs before the command: qtops --redis …"),
        (["--color", "pink"], "Invalid value for '--color': 'pink' is not one of 'auto', 'always', 'never'. See 'qtops --help'."),
        (["schema", "confg"], "Invalid value for '[{config}]': "),
    ],
)
def test_a_wrong_command_line_is_one_line_that_helps(arguments, message):
    result = qtops(*arguments)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (64, "", 1)
    assert result.stderr.startswith(f"qtops: error: {message.partition('[')[0]}")


@pytest.mark.parametrize("arguments", [[], ["config"]])
def test_a_missing_command_is_answered_with_the_help(arguments):
    result = qtops(*arguments)
    assert (result.returncode, result.stdout) == (64, "")
    assert result.stderr.startswith("Usage: qtops")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [["--help"], ["schema", "config"], ["config", "show"]])
def test_a_reader_that_has_gone_is_no_error(arguments, unbuffered):
    read_end, write_end = os.pipe()
    os.close(read_end)  # what `qtops … | head -1` comes to
    result = subprocess.run(
        [*COMMAND, *arguments], stdout=write_end, stderr=subprocess.PIPE, env=environment(PYTHONUNBUFFERED=unbuffered), check=False
    )
    os.close(write_end)
    assert (result.returncode, result.stderr) == (141, b"")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_said(unbuffered):
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(
            [*COMMAND, "config", "show"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(PYTHONUNBUFFERED=unbuffered),
            check=False,
        )
    assert (result.returncode, result.stderr) == (75, b"qtops: error: standard output: No space left on device\n")


def test_a_closed_output_is_said():
    result = qtops(command=("sh", "-c", 'exec "$0" "$@" >&-', *COMMAND, "config", "show"))
    assert (result.returncode, result.stderr.count("\n")) == (75, 1)
    assert "standard output is closed" in result.stderr


def test_a_closed_standard_error_keeps_nothing_from_being_looked_at():
    closed = ("sh", "-c", 'exec "$0" "$@" 2>&-', *COMMAND, "--redis", "redis://127.0.0.1:1/0")
    for command in (("events",), ("verify", "proposals"), ("verify", "freshness"), ("doctor", "no-such-unit.service")):
        result = qtops(*command, command=closed)
        assert result.returncode in {2, 3}, command
        assert result.stdout, command


def test_an_error_that_cannot_be_said_keeps_its_code():
    result = qtops(command=("sh", "-c", 'exec "$0" "$@" 2>/dev/full >/dev/full', *COMMAND, "verfy"))
    assert result.returncode == 64
    result = qtops(command=("sh", "-c", 'exec "$0" "$@" 2>&- >/dev/full', *COMMAND, "verfy", "-onagios"))
    assert result.returncode == 3


def test_a_character_that_the_terminal_lacks_is_no_error():
    result = fail("click.echo('age ≤ 30 s \\ud800')", PYTHONIOENCODING="latin-1")
    assert (result.returncode, result.stdout) == (0, "age \\u2264 30 s \\ud800\n")
