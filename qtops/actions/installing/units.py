"""Units that are about to go, or to come: which of them run or are enabled, and the commands that change that."""

import posixpath
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from qtops.actions.commands import Done, NotStarted, OutOfTime, own_account, run_as
from qtops.actions.systemctl import CallFailed, failure
from qtops.errors import Exit, QtopsError, Unavailable
from qtops.installation.afterwards import Command

ADMINISTRATORS: Final = "/etc/systemd/system"
_RUNNING: Final = "active,activating,reloading,deactivating"
_ENVIRONMENT: Final = {"LC_ALL": "C", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": "cat"}
_WITHIN_S: Final = 120.0


class CommandFailed(QtopsError):
    """A command that makes the host take notice did not do so."""

    exit_code = Exit.NOT_APPLIED


def run(command: Command) -> None:
    """Run one of the commands. Raises CommandFailed, or what systemctl's answer means, with its own words."""
    try:
        done = _asked(command)
    except (NotStarted, OutOfTime) as error:
        raise CommandFailed(str(error)) from None
    if done.returncode and command[0] == "systemctl":
        raise failure(command[1], command[-1] if "--" in command else "", done) or CallFailed(done.last_words)
    if done.returncode:
        raise CommandFailed(f"{' '.join(command)}: {done.last_words or f'exited with {done.returncode}'}")


def running(paths: Sequence[str]) -> tuple[str, ...]:
    """Units of these files, instances of templates among them, that run now. None do where there is no systemd.

    What a timer of these starts is not among them: it ends by itself, and so soon that it hinders nobody.
    """
    names = _units(paths)
    timed = {f"{name.removesuffix('.timer')}.service" for name in names if name.endswith(".timer")}
    patterns = [name.replace("@.", "@*.") for name in names if name not in timed]
    if not patterns:
        return ()
    listing = ("systemctl", "list-units", "--all", "--plain", "--no-legend", f"--state={_RUNNING}", "--", *patterns)
    with suppress(NotStarted, Unavailable):
        done = _asked(listing)
        if trouble := failure("list-units", "", done):
            raise trouble
        return tuple(line.split()[0] for line in done.stdout.decode("utf-8", "replace").splitlines() if line.split())
    return ()


def enabled(paths: Sequence[str]) -> tuple[str, ...]:
    """Units of these files, instances of templates among them, that other units pull in: by the links that say so."""
    names = _units(paths)
    links = [link.name for kind in ("wants", "requires") for link in Path(ADMINISTRATORS).glob(f"*.{kind}/*")]
    return tuple(dict.fromkeys(link for link in links if link in names or _template(link) in names))


def _template(name: str) -> str:
    stem, _, kind = name.rpartition(".")
    return f"{stem.partition('@')[0]}@.{kind}" if "@" in stem else ""


def _units(paths: Sequence[str]) -> list[str]:
    return [posixpath.basename(path) for path in paths if "/systemd/system/" in path and path.endswith((".service", ".timer"))]


def _asked(command: Sequence[str]) -> Done:
    return run_as(command, own_account(), _WITHIN_S, environ=_ENVIRONMENT)
