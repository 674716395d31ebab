"""``qtops``: the frame of every command, and the one place where errors become exit codes.

Only click and the standard library are imported here, so that ``--help``, ``--version`` and completion stay quick.
"""

import os
import resource
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from qtops import __version__
from qtops.cli import output
from qtops.cli.commands import CommandTable
from qtops.cli.context import Color, Context
from qtops.errors import Exit, QtopsError
from qtops.facts.text import printable

COMPLETION_VARIABLE = "_QTOPS_COMPLETE"
INTERRUPTED = 128 + signal.SIGINT  # as a shell reports it
OURS = tuple(str(Path(__file__).parents[2] / package) + os.sep for package in ("qtops", "publisher"))
EXAMPLES = """\b
Examples:
  qtops verify freshness
  qtops --redis unix:///run/redis/redis.sock verify freshness --watch
  qtops config show --origin
"""


@click.group(cls=CommandTable, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", prog_name="qtops", message="%(prog)s %(version)s")
@click.option(
    "--config",
    "config_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Read this configuration file instead of those in /etc/qtops, ~/.config/qtops and here.",
)
@click.option(
    "--redis",
    "redis_url",
    metavar="URL",
    help="Which Redis: redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://.  [default: the configured one]",
)
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="When to use colours; over NO_COLOR, FORCE_COLOR and TERM=dumb.",
)
@click.pass_context
def qtops(ctx: click.Context, config_file: Path | None, redis_url: str | None, color: Color) -> None:
    """The operator's toolkit for Python services under systemd with Redis as the state bus.

    \b
    Exit codes: 0 ok, 1 warning, 2 critical, 3 could not tell; recover: 4 not applied, 5 not undone;
    64 usage, 70 a bug of ours, 75 busy or not reachable, 77 not permitted, 78 bad configuration.
    """  # noqa: D301
    ctx.obj = Context(config_file, redis_url, color)


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run one command and end the process with its exit code. ``argv`` is the command line without the program's name."""
    sys.exit(_run(sys.argv[1:] if argv is None else argv))


def _run(argv: Sequence[str]) -> int:
    try:
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores SIGHUP, and means it
                signal.signal(number, _end_on_signal)
        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, most))  # what is known to be secret is in memory: no core file holds it
        output.install()
        code = _invoke(argv)
        sys.stdout.flush()
    # The outermost frame of the process. Python would end with a traceback and exit code 1, which a monitoring system reads as a
    # warning: whatever goes wrong, known to us or not, has to become one line and a code of its own.
    except BaseException as error:  # noqa: BLE001
        code, message = _ending(error)
        if message and os.environ.get("QTOPS_DEBUG") == "1":
            click.echo(_shown(error), err=True, nl=False)
        code = _tell(code, message, nagios=_wants_nagios(argv))
    output.let_go()
    return code


def _shown(error: BaseException) -> str:
    """A traceback without what looks like a secret: messages quote what they were given, and source lines stand in it."""
    try:
        from qtops.collectors.known_secrets import learned
        from qtops.collectors.redact import Redactor

        return Redactor([*learned()]).text("".join(traceback.format_exception(error)))
    except Exception:  # noqa: BLE001  # what hides secrets may be what is broken: then no message is shown at all
        return "".join(traceback.format_tb(error.__traceback__))


def _end_on_signal(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)  # so that whatever is open is closed on the way out


def _invoke(argv: Sequence[str]) -> int:
    """The command's exit code: what it returns, or hands to ``ctx.exit``; 0 where it does neither."""
    instruction = os.environ.get(COMPLETION_VARIABLE)
    if instruction:
        from click.shell_completion import shell_complete

        return shell_complete(qtops, {}, "qtops", COMPLETION_VARIABLE, instruction)
    with qtops.make_context("qtops", [*argv]) as ctx:
        result = qtops.invoke(ctx)
    return result if isinstance(result, int) else Exit.OK


def _ending(error: BaseException) -> tuple[int, str]:
    """Exit code and message of whatever ended a command."""
    match error:
        case click.exceptions.Exit():
            return error.exit_code, ""
        case SystemExit(code=None):
            return Exit.OK, ""
        case SystemExit(code=int(code)):
            return code, f"ended by signal {code - 128}" if code > 128 else ""
        case KeyboardInterrupt() | click.Abort():
            return INTERRUPTED, "interrupted"
        case QtopsError():
            return error.exit_code, str(error)
        case output.OutputError():
            return error.exit_code, f"standard output: {error.strerror}"
        case click.exceptions.NoArgsIsHelpError():
            click.echo(error.format_message(), err=True)
            return Exit.USAGE, ""
        case click.UsageError():
            return Exit.USAGE, _usage(error)
        case click.ClickException():
            return Exit.USAGE, error.format_message()
    # Not the error's own text: what we did not foresee may hold a password.
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(OURS)]
    return Exit.BUG, (
        f"a bug in qtops {__version__}: {type(error).__name__} at {Path(frames[-1].filename).name}:{frames[-1].lineno}; "
        "please report it with what the same command says under QTOPS_DEBUG=1"
    )


def _usage(error: click.UsageError) -> str:
    hint = f"See '{error.ctx.command_path if error.ctx else 'qtops'} --help'."
    if isinstance(error, click.NoSuchOption) and error.option_name in {name for option in qtops.params for name in option.opts}:
        hint = f"It belongs before the command: qtops {error.option_name} …"
    return f"{error.format_message()} {hint}"


def _tell(code: int, message: str, *, nagios: bool) -> int:
    """Say why the command ended; the exit code that the caller expects for it.

    A monitoring system reads one line on standard output and knows the codes 0 to 3 only.
    """
    line = printable(" ".join(message.split()))
    with suppress(OSError):  # nobody listens: the exit code must do
        if nagios and code > Exit.UNKNOWN:
            click.echo(f"UNKNOWN: {line.replace('|', '/')}")  # what follows a bar would be read as figures
        elif line and code < 128:
            click.echo(f"qtops: error: {line}", err=True)
    return Exit.UNKNOWN if nagios and code > Exit.UNKNOWN else code


def _wants_nagios(argv: Sequence[str]) -> bool:
    """Whether the output was asked for in the form of monitoring plugins, even where the command line is otherwise wrong."""
    return any(f"{option} {value}" in ("-o nagios", "--output nagios") for option, value in pairwise(argv)) or any(
        word in ("-onagios", "--output=nagios") for word in argv
    )
