"""Asking systemd through ``systemctl show``: one child process for many units, and one more for those that a few name."""

import os
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

from qtops.collectors.systemd.conditions import with_conditions
from qtops.collectors.systemd.properties import KINDS, Brief, Properties, brief
from qtops.collectors.systemd.show import blocks
from qtops.collectors.systemd.source import FAILED, INSTALL, MOST_FAILED, NoManager, NotText
from qtops.facts.service import Missing
from qtops.facts.text import printable

_MANY: Final = 20
_QUIET: Final = ("--no-pager", "--no-ask-password")
_BRIEF: Final = ("Id", "LoadState", "ActiveState", "Result", "UnitFileState")
_ENVIRONMENT: Final = {"LC_ALL": "C", "TZ": "UTC", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": "", "SYSTEMD_LOG_LEVEL": "err"}
_LIBRARIES: Final = ("usr/lib/systemd", "lib/systemd", "usr/lib64/systemd", "usr/lib/*/systemd")  # the last is Debian's


class Systemctl:
    """systemd, asked through its command. ``timeout_s`` is for all child processes of one question together."""

    via: Literal["systemctl"] = "systemctl"

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._found: dict[str, Properties] = {}  # what a search brought along, until it is asked for
        self._around: dict[str, Brief] = {}  # units that were shown besides those asked for

    @property
    def version(self) -> str:
        """Of what is installed, as its library is called: to ask would be one more process."""
        paths = (path for folder in _LIBRARIES for path in Path("/").glob(f"{folder}/libsystemd-shared-*.so"))
        found = {path.stem.rpartition("-shared-")[2] for path in paths}
        return found.pop().partition("-")[0] if len(found) == 1 else ""

    def find(self, patterns: Sequence[str], names: Sequence[str]) -> list[str]:
        """See Source."""
        deadline = time.monotonic() + self._timeout_s
        shown, trouble = self._show([*names, *patterns, *_also(names)], KINDS, deadline)
        self._found = dict(zip(names, shown, strict=False))
        matching = {found["Id"]: found for found in shown[len(names) :]}
        self._around |= {name: brief(found) for name, found in matching.items()}
        if trouble:  # of one unit, perhaps: its name can be had all the same
            matching |= {name: {} for name, load in self._listed(patterns, deadline) if load != "not-found"}
        self._found |= {name: found for name, found in matching.items() if found}
        return [name for name, found in matching.items() if found.get("LoadState") != "not-found"]

    def properties(self, names: Sequence[str]) -> dict[str, Properties | Missing]:
        """See Source. A unit that cannot be shown ends the output, so that those after it are asked for once more."""
        deadline = time.monotonic() + self._timeout_s
        found: dict[str, Properties | Missing] = {name: self._found.pop(name) for name in names if name in self._found}
        wanted = [name for name in names if name not in found]
        while wanted:
            shown, trouble = self._show([*wanted, *_also(wanted)], KINDS, deadline)
            found |= zip(wanted, shown, strict=False)
            self._around |= {other["Id"]: brief(other) for other in shown[len(wanted) :]}
            wanted = wanted[len(shown) :]
            if trouble:
                unshown = wanted[:1] if isinstance(trouble, NotText) else wanted
                found |= dict.fromkeys(unshown, trouble.missing)
                wanted = wanted[len(unshown) :]
        return {name: value if isinstance(value, Missing) else with_conditions(_with_job(value)) for name, value in found.items()}

    def briefs(self, names: Sequence[str]) -> Mapping[str, Brief]:
        """See Source."""
        unknown = [name for name in names if name not in self._around]
        shown, _ = self._show(unknown, _BRIEF, time.monotonic() + self._timeout_s) if unknown else ([], None)
        return self._around | {name: brief(found) for name, found in zip(unknown, shown, strict=False)}

    def failed(self) -> list[Properties]:
        """See Source."""
        deadline = time.monotonic() + self._timeout_s
        names = sorted(name for name, _ in self._listed((), deadline, "--state=failed"))
        shown, trouble = self._show(names[:MOST_FAILED], FAILED, deadline) if names else ([], None)
        if trouble:
            raise trouble
        return [*shown, *({"Id": name, "ActiveState": "failed"} for name in names[MOST_FAILED:])]

    def close(self) -> None:
        """See Source: there is nothing to end."""

    def _listed(self, patterns: Sequence[str], deadline: float, *options: str) -> list[tuple[str, str]]:
        """Names of units that systemd knows, with their load states. Raises NoManager."""
        done = _run(("list-units", "--all", "--full", "--plain", "--no-legend", *options, "--", *patterns), deadline)
        if done.returncode:
            raise _trouble(done)
        rows = (line.split() for line in done.stdout.decode("utf-8", "replace").splitlines())
        return [(row[0], row[1]) for row in rows]

    def _show(self, names: Sequence[str], properties: Iterable[str], deadline: float) -> tuple[list[Properties], NoManager | None]:
        """What is shown of the names, until the first that cannot be; why the rest is not."""
        options = ("show", "--all", "--timestamp=us+utc", f"--property={','.join(properties)}")
        try:
            done = _run((*options, "--", *names), deadline)
        except NoManager as trouble:
            return [], trouble
        return list(blocks(done.stdout.decode("utf-8", "surrogateescape"))), _trouble(done) if done.returncode else None


def _also(names: Sequence[str]) -> tuple[str, ...]:
    """Of many units, those that they name are most of what is loaded: all of it at once saves asking again."""
    return ("*",) if len(names) >= _MANY else ()


def _run(arguments: Sequence[str], deadline: float) -> subprocess.CompletedProcess[bytes]:
    """Run systemctl until it ends or the time is over. Raises NoManager."""
    left_s = deadline - time.monotonic()
    command = ("systemctl", *_QUIET, *arguments)
    environ = {**os.environ, **_ENVIRONMENT}
    try:
        if left_s <= 0:
            raise subprocess.TimeoutExpired(command, 0)
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=left_s, check=False, env=environ)
    except subprocess.TimeoutExpired:
        raise NoManager("systemctl did not answer in time", "systemctl is-system-running") from None
    except OSError as error:
        raise NoManager(f"systemctl cannot be run: {error.strerror}", "qtops preflight needs no systemd") from None


def _trouble(done: subprocess.CompletedProcess[bytes]) -> NoManager:
    """Why systemctl failed, in its own last words."""
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    last = printable(lines[-1]) if lines else f"systemctl exited with status {done.returncode}"
    if "Invalid argument" in last:
        return NotText("systemctl cannot show it: a command line of it is no UTF-8", INSTALL)
    if "unrecognized option" in last:
        return NoManager("this systemctl is older than 247", INSTALL)
    return NoManager(f"systemctl: {last}", "run it as root" if "denied" in last.lower() else "systemctl is-system-running")


def _with_job(found: Properties) -> Properties:
    """Of a job only the number is shown: which one it is follows from the state, but for restarts and reloads."""
    job = found.get("Job")
    return found | {"Job": ("stop" if found.get("ActiveState") in {"active", "deactivating"} else "start") if job else ""}
