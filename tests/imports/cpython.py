"""The real interpreter as the judge: start a small tree for real, and hold the prediction against what happened."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from qtops.imports.launch import Code, Flags, Launch, Module, Script, Target
from qtops.imports.outcome import ImportVerdict, Outcome
from qtops.imports.predict import predict
from qtops.imports.tree import HostTree

WITNESS = """
import sys as _sys, json as _json
_all = {n: getattr(m, "__file__", None) for n, m in list(_sys.modules.items())}
print("WITNESS" + _json.dumps([[str(p) for p in _sys.path], _all]))
"""
_ABOUT_IMPORTS = (
    "ImportError",
    "ModuleNotFoundError",
    "SyntaxError",
    "IndentationError",
    "AttributeError: partially",
    "AttributeError: module",
)


@dataclass(frozen=True)
class Case:
    """A small tree and how it is started, relative to the folder that it is written to."""

    files: Mapping[str, str | bytes]
    target: Target = Script("main.py")  # noqa: RUF009  (frozen)
    directory: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    flags: str = ""
    links: Mapping[str, str] = field(default_factory=dict)


def write(root: Path, case: Case) -> None:
    """Lay the tree out on disk; a name that ends in a slash is an empty directory. ROOT in a text becomes the folder."""
    for name, text in case.files.items():
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.replace("ROOT", str(root)).encode() if isinstance(text, str) else text)
    for name, target in case.links.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(target)


def judge(python: str, root: Path, case: Case) -> tuple[str, str]:
    """``equal``, ``unknown`` or ``wrong``, and what was said on both sides."""
    write(root, case)
    directory = root / case.directory
    environment = {"HOME": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {name: text.replace("ROOT", str(root)) for name, text in case.environment.items()}
    flags = Flags("I" in case.flags, "E" in case.flags, "s" in case.flags, "S" in case.flags, "P" in case.flags)
    target = case.target
    if isinstance(target, Script):
        target = Script(target.path.replace("ROOT", str(root)))
    done = subprocess.run(
        [python, *(f"-{flag}" for flag in case.flags), *_arguments(target)],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    found = predict(HostTree(), Launch(python, target, str(directory), environment, flags))
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    return compare(found, lines[-1] if done.returncode and lines else "", done.stdout)


def _arguments(target: Target) -> Sequence[str]:
    match target:
        case Script(path):
            return [path]
        case Module(name):
            return ["-m", name]
        case Code(text):
            return ["-c", text]
    raise AssertionError(target)


def compare(found: Outcome, last_line: str, stdout: str) -> tuple[str, str]:
    """Hold a prediction against the last line of stderr, and sys.path and the files of the modules that the witness printed."""
    shown = f"predicted {found.verdict} {found.message!r} ({found.reason}); really {last_line!r}"
    if found.verdict is ImportVerdict.UNKNOWN:
        return "unknown", shown
    if found.verdict is not ImportVerdict.OK:
        return ("equal" if same(found, last_line) else "worded" if found.message is None else "wrong"), shown
    if last_line.startswith(_ABOUT_IMPORTS):
        return "wrong", shown
    for line in stdout.splitlines():
        if line.startswith("WITNESS"):
            path, files = json.loads(line.removeprefix("WITNESS"))
            mine = [entry.text for entry in found.path]
            if None not in mine and not any(entry.doubt for entry in found.path) and mine != path:
                return "wrong", f"{shown}; sys.path {mine} is really {path}"
            for one in found.imports:
                if one.verdict is ImportVerdict.OK and one.module in files and files[one.module] not in {one.resolved_to, None}:
                    return "wrong", f"{shown}; {one.module} is {one.resolved_to}, really {files[one.module]}"
    return "equal", shown


def same(found: Outcome, last_line: str) -> bool:
    """Equal words; CPython may add what it thinks was meant."""
    message = found.message or ""
    return last_line == message or (bool(message) and last_line.startswith(f"{message}. Did you mean"))


def with_witness(case: Case) -> Case:
    """The same case, its main.py telling at the end what it got."""
    main = case.files.get("main.py")
    return replace(case, files={**case.files, "main.py": main + WITNESS}) if isinstance(main, str) else case
