"""Ask systemd for something, by the very command that the plan shows, and wait until it is done.

That a service was started says nothing of its process: systemd counts a service of ``Type=simple`` as started before its program
runs. Whether it stays up is for the proof of the recovery to show.
"""

from typing import Final, Literal

from qtops.actions.commands import Done, NotStarted, OutOfTime, own_account, run_as
from qtops.errors import Exit, NotPermitted, QtopsError, Unavailable, UsageError
from qtops.facts.text import printable, quoted
from qtops.steps import Verb
from qtops.unitfile.names import parse_name

_ENVIRONMENT: Final = {"LC_ALL": "C", "TZ": "UTC", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": "cat", "SYSTEMD_URLIFY": "0"}
_NO_SYSTEMD: Final = ("not been booted with systemd", "failed to connect to bus", "transport endpoint", "connection reset")
_NO_RIGHT: Final = ("access denied", "authentication required", "permission denied", "not permitted")
_NOISE: Final = ("Warning: ", "See ", "To force a start ", "followed by ", "Hint: ", "Use ")
_TOO_OFTEN: Final = "that it was started too often (then: systemctl reset-failed {unit})"  # else told only if it never failed
_ADVICE: Final = (  # what systemctl says (252 to 257), and what to try; the first that fits
    ("attempted too often", "it was started too often: mend what ends it, then systemctl reset-failed {unit}"),
    ("is masked", "somebody forbade it: systemctl status {unit}; systemctl unmask {unit} if it is to run again"),
    ("not found", "systemctl list-unit-files '{stem}*' shows what there is; after a new unit file: systemctl daemon-reload"),
    ("bad unit file setting", "systemd-analyze verify {unit} names the line"),
    ("dependency job", "a unit that it requires did not start: systemctl list-dependencies {unit}"),
    ("cyclic", "units wait for each other: systemd-analyze verify {unit}"),
    ("refuse", "the unit may not be started or stopped by hand: systemctl cat {unit}"),
    ("canceled", "somebody asked for something else at the same time: systemctl status {unit}, then try again"),
    ("timeout was exceeded", "it did not become ready, or did not stop, in its own time: journalctl -u {unit} -n 50"),
    ("job for ", f"journalctl -u {{unit}} -n 50 says what its process did, or {_TOO_OFTEN}"),
)


class CallFailed(QtopsError):
    """systemd did not do what it was asked for, or had not done it in time."""

    exit_code = Exit.NOT_APPLIED


def command(verb: Verb | Literal["stop"], unit: str = "") -> tuple[str, ...]:
    """The command of a call, as a plan shows it and as it is run. Raises UsageError for what is no name of a service."""
    if verb == "daemon-reload":
        if unit:
            raise UsageError(f"systemctl daemon-reload is for all units, not for {quoted(unit)}")
        return ("systemctl", verb, "--no-ask-password")
    name = parse_name(unit)
    if name is None or name.type != "service" or name.is_template:
        raise UsageError(f"systemctl {verb}: {quoted(unit)} is no service: a name such as risk-proposal.service is wanted")
    return ("systemctl", verb, "--no-ask-password", "--", unit)


def call(verb: Verb | Literal["stop"], unit: str, timeout_s: float) -> None:
    """Have systemd do it, and wait for it. ``timeout_s`` has to allow for the unit's own times to stop and to start.

    What is not loaded has nothing to stop and no failure to forget: that is no error. Raises CallFailed with systemd's own words
    and what to try, NotPermitted, Unavailable where there is no systemd, UsageError.
    """
    argv = command(verb, unit)
    try:
        done = run_as(argv, own_account(), timeout_s, environ=_ENVIRONMENT)
    except NotStarted as error:
        raise Unavailable(f"{error}: this needs a host that runs systemd") from None
    except OutOfTime:
        try_next = f"systemctl list-jobs; systemctl status {unit}" if unit else "systemctl list-jobs"
        raise CallFailed(
            f"{_asked(verb, unit)} had not ended after {timeout_s:g} s; systemd may still be at it: {try_next}"
        ) from None
    if trouble := failure(verb, unit, done):
        raise trouble


def failure(verb: str, unit: str, done: Done) -> QtopsError | None:
    """What a systemctl that has ended means; None for a success."""
    words = _words(done)
    said = words.lower()
    if not done.returncode or (verb in {"stop", "reset-failed"} and "not loaded" in said):
        return None
    told = f"{_asked(verb, unit)}: {words or f'systemctl exited with {done.returncode}'}"
    if any(sign in said for sign in _NO_SYSTEMD):
        return Unavailable(f"{told} (is systemd running here? systemctl is-system-running)")
    if any(sign in said for sign in _NO_RIGHT):
        return NotPermitted(f"{told} (try again as root)")
    advice = next(
        (advice for sign, advice in _ADVICE if sign in said), "systemctl status {unit}" if unit else "journalctl -b -n 50"
    )
    return CallFailed(f"{told} ({advice.format(unit=unit, stem=unit.removesuffix('.service'))})")


def _asked(verb: str, unit: str) -> str:
    return f"systemctl {verb} {unit}".rstrip()


def _words(done: Done) -> str:
    """What systemd said, on one line: without warnings, and without its advice, which is repeated on many lines."""
    lines = [line.strip() for line in done.stderr.decode("utf-8", "backslashreplace").splitlines()]
    return printable(" ".join(line for line in lines if line and not line.startswith(_NOISE)))[:500]
