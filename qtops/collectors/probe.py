"""Run a predicted import in a throw-away process in the unit's own context: the cause, and the counterfactual, confirmed.

The process gets the sys.path that was predicted for that import, and imports that one module. Of the service itself nothing is
started, but what the module's own code does at import takes place: that is why it is only done when asked for.
"""

import json
import os
import pwd
import secrets
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from tempfile import NamedTemporaryFile
from typing import Final, NamedTuple

import msgspec

from qtops.collectors.live_starts import LiveStart
from qtops.facts.preflight import ImportFailure, PathEntry
from qtops.facts.service import Missing, ProbeFacts
from qtops.facts.text import printable
from qtops.facts.unit import UnitState

LIMIT_S: Final = 20
RUN: Final = "/run"
CODE: Final = """\
import json, os, sys
want = json.loads(sys.argv.pop())
told = os.dup(1)
nowhere = os.open(os.devnull, os.O_WRONLY)
os.dup2(nowhere, 1)  # what the module prints, however much, is nobody's business
os.dup2(nowhere, 2)
sys.path[:] = want["path"]
said = found = ""
try:
    exec("from " + want["module"] + " import " + want["name"] if want["name"] else "import " + want["module"])
    found = getattr(sys.modules[want["module"]], "__file__", None) or ""
except BaseException as error:
    said = type(error).__name__ + ": " + str(error)
os.write(told, json.dumps([said[:10000], found]).encode())
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


class _Way(NamedTuple):
    """How to become like the unit: what to put before the command, and the environment of whatever that is."""

    how: str
    prefix: tuple[str, ...]
    environment: Mapping[str, str]


def read_probe(unit: UnitState, live: LiveStart) -> ProbeFacts | Missing | None:
    """Confirm or refute the first predicted failure; None where none was predicted that an import alone can show."""
    imports = live.start.imports if live.start else None
    failure = next(filter(_shows_by_import, imports.failures), None) if imports else None
    if imports is None or failure is None or not imports.interpreter:
        return None
    try:
        with _way(unit, live) as way:
            if isinstance(way, Missing):
                return way
            return _probed(way, imports.interpreter, failure, unit.working_directory.lstrip("!-") or "/")
    except OSError as error:
        return Missing("probe", f"{error.filename or RUN}: {error.strerror}")


def _probed(way: _Way, interpreter: str, failure: ImportFailure, directory: str) -> ProbeFacts | Missing:
    asked = Asked(_entries(failure.path), failure.module, failure.name)
    cause = _run(way, interpreter, asked, directory)
    if isinstance(cause, Missing):
        return cause
    by, mended = _mended(failure)
    second = _run(way, interpreter, Asked(mended, failure.module, failure.name), directory) if by else ("", "")
    if isinstance(second, Missing):
        return second
    return ProbeFacts(
        module=failure.module, how=way.how, expected=failure.raised, said=cause[0], found=cause[1],
        mended_by=by, mended_said=second[0], mended_found=second[1],
    )  # fmt: skip


def _entries(path: Sequence[PathEntry]) -> tuple[str, ...]:
    return tuple(entry.entry for entry in path if not entry.entry.startswith("? ("))


def _mended(failure: ImportFailure) -> tuple[str, tuple[str, ...]]:
    """The change that was predicted to help, and sys.path with it."""
    edit, folder = failure.resolves_without, failure.resolves_with
    kept = [entry for entry in failure.path if not (edit and edit in entry.origin)]
    changes = ([f"without the edit at {edit}"] if edit else []) + ([f"with {folder} on PYTHONPATH"] if folder else [])
    return " and ".join(changes), (*(folder.split(":") if folder else []), *_entries(kept))


def _shows_by_import(failure: ImportFailure) -> bool:
    """Whether an import alone shows it: one of a module by its full name, in an interpreter that starts at all."""
    parts = failure.module.split(".")
    return failure.kind != "syntax_error" and all(map(str.isidentifier, parts)) and not {"__main__", "encodings"} & {*parts}


@contextmanager
def _way(unit: UnitState, live: LiveStart) -> Iterator[_Way | Missing]:
    """What systemd-run makes is stopped with the block, however that ends. Raises OSError.

    The unit's own variables go by a file of root's: an argument is seen by everybody, and as its environment they would tell
    systemd-run, which is root, what to load and from where.
    """
    me, user = pwd.getpwuid(os.geteuid()).pw_name, unit.user or "root"
    if os.geteuid() != 0:
        yield (
            Missing("probe", f"only root can become {user}", f"sudo qtops doctor {unit.name} --probe")
            if user != me
            else _Way("a child process", (), {name: variable.value.reveal() for name, variable in live.environment.items()})
        )
        return
    shown = _shown(unit.name)
    if isinstance(shown, Missing):
        yield shown
        return
    name = f"qtops-probe-{secrets.token_hex(6)}"
    with NamedTemporaryFile(dir=RUN, prefix=f"{name}-", suffix=".env") as own:
        own.write(b"".join(_assignment(*item) for item in live.own.items()))
        own.flush()
        words = ["systemd-run", "--quiet", "--pipe", "--wait", "--collect", f"--unit={name}"]
        words += [f"--description=What {unit.name} imports, tried by qtops doctor"]
        settings = [("RuntimeMaxSec", str(LIMIT_S)), *shown]
        settings += [("EnvironmentFile", path) for path in (own.name, *live.environment_files)]
        words += [word for key, value in settings for word in ("-p", f"{key}={value}")]
        try:
            yield _Way(f"systemd-run as {user}", (*words, "--"), os.environ)
        finally:
            _stop(f"{name}.service")


def _assignment(name: str, value: str) -> bytes:
    """A line of an environment file (systemd.exec(5))."""
    escaped = "".join(f"\\{c}" if c in '"\\`$' else c for c in value)
    return f'{name}="{escaped}"\n'.encode("utf-8", "surrogateescape")


def _stop(name: str) -> None:
    """systemd-run leaves its unit behind where it is interrupted."""
    command = ["systemctl", "stop", "--", name]
    with suppress(OSError, subprocess.SubprocessError):
        subprocess.run(command, capture_output=True, timeout=LIMIT_S, check=False)


def _shown(name: str) -> list[tuple[str, str]] | Missing:
    """Properties of the unit that make its context."""
    command = ["systemctl", "show", f"--property={','.join(COPIED)}", "--", name]
    try:
        done = subprocess.run(command, capture_output=True, timeout=LIMIT_S, check=True, text=True, errors="surrogateescape")
    except (OSError, subprocess.SubprocessError) as error:
        return Missing("probe", f"systemctl show: {type(error).__name__}")
    pairs = [line.partition("=")[::2] for line in done.stdout.splitlines()]
    return [(key, value) for key, value in pairs if value not in UNSET]


def _run(way: _Way, interpreter: str, asked: Asked, directory: str) -> tuple[str, str] | Missing:
    """What the import raised, and the file that was found."""
    words = [interpreter, "-c", CODE, msgspec.json.encode(asked).decode()]
    if way.prefix:
        words = [word.replace("$", "$$") for word in words]  # systemd-run expands variables in a command
    try:
        done = subprocess.run(
            [*way.prefix, *words],
            capture_output=True,
            timeout=LIMIT_S + 5,
            check=False,
            stdin=subprocess.DEVNULL,
            env=dict(way.environment),
            cwd="/" if way.prefix else directory,
        )
    except subprocess.TimeoutExpired:
        return Missing("probe", f"the import did not end within {LIMIT_S} s")
    except OSError as error:
        return Missing("probe", f"{(way.prefix or words)[0]}: {error.strerror}")
    try:
        said, found = json.loads(done.stdout)
    except (ValueError, TypeError):
        words_said = printable(done.stderr[-200:].decode("utf-8", "replace").strip())
        return Missing("probe", f"the process ended with {done.returncode} and told nothing: {words_said}")
    return printable(str(said)), printable(str(found))
