"""Run a predicted import in a throw-away process in the unit's own context: the cause, and the counterfactual, confirmed.

The process gets the sys.path that was predicted for that import, and imports that one module. Of the service itself nothing is
started, but what the module's own code does at import takes place: that is why it is only done when asked for.
"""

import json
import os
import pwd
import secrets
import subprocess
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from qtops.facts.preflight import ImportFailure, PathEntry, StartFacts
from qtops.facts.service import Missing, ProbeFacts
from qtops.facts.text import printable
from qtops.facts.unit import UnitState

LIMIT_S: Final = 20
LONGEST: Final = 65536  # bytes of what the process says
CODE: Final = """\
import json, sys
want = json.loads(sys.argv.pop())
sys.path[:] = want["path"]
said = found = ""
try:
    exec("from " + want["module"] + " import " + want["name"] if want["name"] else "import " + want["module"])
    found = getattr(sys.modules[want["module"]], "__file__", None) or ""
except BaseException as error:
    said = type(error).__name__ + ": " + str(error)
sys.stdout.write("\\n" + json.dumps([said, found]) + "\\n")
sys.stdout.flush()
"""
COPIED: Final = (
    "User", "Group", "SupplementaryGroups", "WorkingDirectory", "UMask", "PassEnvironment", "UnsetEnvironment", "NoNewPrivileges",
    "CapabilityBoundingSet", "AmbientCapabilities", "ProtectHome", "ProtectSystem", "PrivateTmp", "PrivateDevices",
    "PrivateNetwork", "PrivateUsers", "ProtectProc", "ProtectKernelTunables", "ProtectKernelModules", "ProtectControlGroups",
    "ReadWritePaths", "ReadOnlyPaths", "InaccessiblePaths", "ExecPaths", "NoExecPaths", "BindPaths", "BindReadOnlyPaths",
    "MemoryDenyWriteExecute", "RestrictAddressFamilies", "RestrictNamespaces", "LockPersonality", "SystemCallFilter",
    "SystemCallArchitectures", "DynamicUser",
)  # fmt: skip
"""Properties of a unit's context that systemd-run takes as ``systemctl show`` prints them (measured on systemd 252)."""
UNSET: Final = frozenset({"", "no", "[not set]", "infinity"})


class Asked(msgspec.Struct, frozen=True):
    """One run: import ``module`` (and ``name`` of it) with this sys.path."""

    path: tuple[str, ...]
    module: str
    name: str


def read_probe(
    unit: UnitState, start: StartFacts, environment: Mapping[str, str], files: Sequence[str]
) -> ProbeFacts | Missing | None:
    """Confirm or refute the first predicted failure; None where none was predicted that an import alone can show.

    ``environment`` is what the unit's own lines set, ``files`` its EnvironmentFile= as written.
    """
    imports = start.imports
    failure = next((f for f in imports.failures if f.kind != "syntax_error" and f.module), None) if imports else None
    if imports is None or failure is None or not imports.interpreter:
        return None
    way = _way(unit, environment, files)
    if isinstance(way, Missing):
        return way
    how, prefix, given = way
    directory = unit.working_directory.lstrip("!-") or "/"
    asked = Asked(_entries(failure.path), failure.module, failure.name)
    cause = _run(prefix, imports.interpreter, asked, given, directory)
    if isinstance(cause, Missing):
        return cause
    by, mended = _mended(failure)
    second = _run(prefix, imports.interpreter, Asked(mended, failure.module, failure.name), given, directory) if by else ("", "")
    if isinstance(second, Missing):
        return second
    return ProbeFacts(
        module=failure.module, how=how, expected=failure.message, said=cause[0], found=cause[1],
        mended_by=by, mended_said=second[0], mended_found=second[1],
    )  # fmt: skip


def _entries(path: Sequence[PathEntry]) -> tuple[str, ...]:
    return tuple(entry.entry for entry in path if not entry.entry.startswith("? ("))


def _mended(failure: ImportFailure) -> tuple[str, tuple[str, ...]]:
    """The change that was predicted to help, and sys.path with it."""
    edit, folder = failure.resolves_without, failure.resolves_with
    kept = [entry for entry in failure.path if not (edit and edit in entry.origin)]
    changes = ([f"without the edit at {edit}"] if edit else []) + ([f"with {folder} on PYTHONPATH"] if folder else [])
    return " and ".join(changes), (*([folder] if folder else []), *_entries(kept))


def _way(unit: UnitState, environment: Mapping[str, str], files: Sequence[str]) -> tuple[str, list[str], dict[str, str]] | Missing:
    """How to become like the unit: what to put before the command, and the environment to start that with."""
    me = pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() != 0:
        if (unit.user or "root") != me:
            return Missing("probe", f"only root can become {unit.user or 'root'}", f"sudo qtops doctor {unit.name} --probe")
        return "a child process", [], {**os.environ, **environment}
    shown = _shown(unit.name)
    if isinstance(shown, Missing):
        return shown
    name = f"qtops-probe-{secrets.token_hex(6)}"
    words = ["systemd-run", "--quiet", "--pipe", "--wait", "--collect", f"--unit={name}", "-p", f"RuntimeMaxSec={LIMIT_S}"]
    for key, value in shown:
        words += ["-p", f"{key}={value}"]
    words += [word for path in files for word in ("-p", f"EnvironmentFile={path}")]
    words += [f"--setenv={key}" for key in environment]  # the values go by our own environment: an argument is seen by everybody
    return f"systemd-run as {unit.user or 'root'}", [*words, "--"], {**os.environ, **environment}


def _shown(name: str) -> list[tuple[str, str]] | Missing:
    """Properties of the unit that make its context."""
    command = ["systemctl", "show", f"--property={','.join(COPIED)}", "--", name]
    try:
        done = subprocess.run(command, capture_output=True, timeout=LIMIT_S, check=True, text=True, errors="surrogateescape")
    except (OSError, subprocess.SubprocessError) as error:
        return Missing("probe", f"systemctl show: {type(error).__name__}")
    pairs = [line.partition("=")[::2] for line in done.stdout.splitlines()]
    return [(key, value) for key, value in pairs if value not in UNSET]


def _run(
    prefix: Sequence[str], interpreter: str, asked: Asked, environment: Mapping[str, str], directory: str
) -> tuple[str, str] | Missing:
    """What the import raised, and the file that was found."""
    words = [interpreter, "-c", CODE, msgspec.json.encode(asked).decode()]
    if prefix:
        words = [word.replace("$", "$$") for word in words]  # systemd-run expands variables in a command
    try:
        done = subprocess.run(
            [*prefix, *words],
            capture_output=True,
            timeout=LIMIT_S + 5,
            check=False,
            stdin=subprocess.DEVNULL,
            env=dict(environment),
            cwd="/" if prefix else directory,
        )
    except subprocess.TimeoutExpired:
        return Missing("probe", f"the import did not end within {LIMIT_S} s")
    except OSError as error:
        return Missing("probe", f"{(prefix or words)[0]}: {error.strerror}")
    for line in reversed(done.stdout[-LONGEST:].decode("utf-8", "replace").splitlines()):
        try:
            said, found = json.loads(line)
        except (ValueError, TypeError):
            continue
        return printable(str(said)), printable(str(found))
    words_said = printable(done.stderr[-200:].decode("utf-8", "replace").strip())
    return Missing("probe", f"the process ended with {done.returncode} and told nothing: {words_said}")
