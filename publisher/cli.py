"""The command line: ``python -m publisher`` publishes, ``conformance`` replays kernel vectors. Flags win over the environment."""

import sys
from math import isfinite
from pathlib import Path
from typing import Any, get_args

import click

from publisher.inputs import PositionSource
from publisher.options import DEFAULT_SYMBOLS, OptionError, Options, parse_publisher_id, parse_symbols
from publisher.proposing import Limits
from publisher.report import Report
from publisher.shard import parse_shard

USAGE, UNAVAILABLE, CONFIG = 64, 75, 78  # sysexits(3)
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class Seconds(click.FloatRange):
    """A finite number of seconds within bounds; FloatRange lets NaN through, because no comparison with it is true."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it; fails for what is no number, not finite or out of bounds."""
        number: float = super().convert(value, param, ctx)
        if not isfinite(number):
            self.fail(f"{value!r} is not a finite number of seconds.", param, ctx)
        return number


EXAMPLES = """\b
Examples:
  python -m publisher --redis-url redis://127.0.0.1:6379/0 --symbols BTCUSDT,ETHUSDT
  python -m publisher --once                       one cycle; 0 done, 1 some symbol refused, 75 Redis unavailable
  python -m publisher --redis-url redis+sentinel://s1:26379,s2:26379/master
  python -m publisher --redis-url redis+cluster://n1:7000,n2:7000 --shard 0/2
  python -m publisher --position-source synthetic  invented positions, marked as such in every hash
  python -m publisher conformance vectors.jsonl    replay kernel vectors
"""


@click.group(invoke_without_command=True, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--redis-url", envvar="REDIS_URL", default="redis://127.0.0.1:6379/0", show_default=True, show_envvar=True)
@click.option("--redis-password-file", envvar="REDIS_PASSWORD_FILE", type=click.Path(dir_okay=False), show_envvar=True)
@click.option("--redis-timeout", envvar="REDIS_TIMEOUT_SEC", type=Seconds(0.05, 60), default=1.0, show_default=True,
              show_envvar=True, help="Seconds to wait for any one answer.")  # fmt: skip
@click.option("--symbols", envvar="SYMBOLS", default=DEFAULT_SYMBOLS, show_default=True, show_envvar=True, help="Comma list.")
@click.option("--interval", envvar="PUBLISH_INTERVAL_SEC", type=Seconds(0.05, 3600), default=10.0, show_default=True,
              show_envvar=True, help="Seconds between cycles.")  # fmt: skip
@click.option("--position-source", envvar="POSITION_SOURCE", type=click.Choice(get_args(PositionSource)), default="auto",
              show_default=True, show_envvar=True)  # fmt: skip
@click.option("--stream/--no-stream", envvar="ENABLE_STREAM", default=False, show_default=True, show_envvar=True,
              help="Append every published proposal to quantum:stream:risk.proposal as well.")  # fmt: skip
@click.option("--shard", envvar="SHARD", default="0/1", show_default=True, show_envvar=True, metavar="I/N",
              help="Publish only this publisher's part of the symbols.")  # fmt: skip
@click.option("--publisher-id", envvar="PUBLISHER_ID", help="Name in every hash.  [default: host:pid]", show_envvar=True)
@click.option("--market-max-age", envvar="MARKET_MAX_AGE_SEC", type=Seconds(1), default=Limits().market_s,
              show_default=True, show_envvar=True, help="Older market states are refused, in seconds.")  # fmt: skip
@click.option("--position-max-age", envvar="POSITION_MAX_AGE_SEC", type=Seconds(1), default=Limits().position_s,
              show_default=True, show_envvar=True, help="Older positions are refused, in seconds.")  # fmt: skip
@click.option("--log-level", envvar="LOG_LEVEL", type=click.Choice(LEVELS, case_sensitive=False), default="INFO",
              show_default=True, show_envvar=True)  # fmt: skip
@click.option("--once", is_flag=True, help="One cycle, then end.")
@click.pass_context
def cli(context: click.Context, /, log_level: str, once: bool, **given: Any) -> None:
    """Publish adaptive stop-loss and take-profit proposals to Redis, one hash per symbol with an open position.

    Market state is read from quantum:marketstate:<symbol>, positions from quantum:state:positions. A symbol whose inputs are stale,
    incomplete or contradictory gets no proposal, and the log says why.
    """
    if context.invoked_subcommand:
        return
    options = _options(given)
    from publisher.narration import configure_log

    configure_log(log_level.upper())
    from publisher.loop import run, run_once

    if once:
        sys.exit(_once_code(run_once(options)))
    run(options)


def _options(given: dict[str, Any]) -> Options:
    from publisher.connection import UrlError, check_url

    try:
        check_url(given["redis_url"])
        return Options(
            redis_url=given["redis_url"],
            symbols=parse_symbols(given["symbols"]),
            interval_s=given["interval"],
            position_source=given["position_source"],
            stream=given["stream"],
            shard=parse_shard(given["shard"]),
            publisher_id=parse_publisher_id(given["publisher_id"]),
            password=_password(given["redis_password_file"]),
            redis_timeout_s=given["redis_timeout"],
            limits=Limits(given["market_max_age"], given["position_max_age"]),
        )
    except (OptionError, UrlError, ValueError) as error:
        raise click.UsageError(str(error)) from None


def _password(path: str | None) -> str | None:
    if path is None:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise OptionError(f"cannot read the password file {path!r}: {reason}") from None


def _once_code(report: Report) -> int:
    if report.trouble:
        return UNAVAILABLE
    return 1 if report.refused or report.stream_refused else 0


@cli.command()
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--show", default=10, show_default=True, help="Differences to print.")
def conformance(file: Any, show: int) -> None:
    """Replay the kernel vectors in FILE, through the scalar kernel and the batch, and count what differs.

    Exits with 0 when every case is equal to the last bit, errors by type, and with 1 otherwise.
    """
    from publisher.conformance import VectorError, difference, read_cases, replay_batch, replay_scalar

    try:
        cases = list(read_cases(file))
    except (VectorError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{file.name}: {error}") from None
    if not cases:
        raise click.UsageError(f"{file.name} holds no case: nothing would be compared")
    found: dict[str, str] = {}
    for name, replay in (("scalar", replay_scalar), ("batch", replay_batch)):
        for case, got in replay(cases):
            text = difference(case, got)
            if text:
                found.setdefault(case.id, f"{name}: {text}")
    for text in list(found.values())[:show]:
        click.echo(text, err=True)
    click.echo(f"{len(cases) - len(found)} equal, {len(found)} different")
    sys.exit(1 if found else 0)


def main() -> None:
    """Entry point; a wrong command line ends with 64, not with the 2 that monitoring takes for CRITICAL."""
    try:
        cli(prog_name="python -m publisher", standalone_mode=False)
    except click.UsageError as error:
        error.show()
        sys.exit(USAGE)
    except click.ClickException as error:
        error.show()
        sys.exit(CONFIG)
    except click.Abort:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(141)
