"""What a transaction does with systemd and with other programs, in one value: the real ones, unless a plan needs none of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from qtops.errors import Exit, QtopsError
from qtops.facts.text import printable
from qtops.steps import Verb

CALL_LIMIT_S: Final = 240.0  # systemd's own limits are 90 s to stop and 90 s to start (DefaultTimeoutStopSec=, …StartSec=)
RUN_LIMIT_S: Final = 900.0  # a distribution that is built from source
CallVerb: TypeAlias = Verb | Literal["stop"]


class CommandFailed(QtopsError):
    """A command that was asked for by name ended with a failure."""

    exit_code = Exit.NOT_APPLIED


@dataclass(frozen=True, slots=True)
class Hands:
    """Each raises a QtopsError where it could not do its part.

    ``call(verb, unit, timeout_s)`` asks systemd, ``run(argv, account, timeout_s)`` runs a command, and
    ``compiles(interpreter, account, content, name)`` asks a service's interpreter about a source.
    """

    call: Callable[[CallVerb, str, float], None]
    run: Callable[[Sequence[str], str, float], None]
    compiles: Callable[[Sequence[str], str, bytes, str], None]


def real_hands() -> Hands:
    """Those of this host, imported when they are first used."""
    return Hands(call=_call, run=_run, compiles=_compiles)


def _call(verb: CallVerb, unit: str, timeout_s: float) -> None:
    from qtops.actions.systemctl import call

    call(verb, unit, timeout_s)


def _run(argv: Sequence[str], account: str, timeout_s: float) -> None:
    from qtops.actions.commands import run_as

    done = run_as(argv, account, timeout_s)
    if done.returncode:
        raise CommandFailed(
            f"{printable(' '.join(argv))}: exited with {done.returncode}: {done.last_words}; run it by hand to see more"
        )


def _compiles(interpreter: Sequence[str], account: str, content: bytes, name: str) -> None:
    from qtops.actions.compiling import compiles

    compiles(interpreter, account, content, name)
