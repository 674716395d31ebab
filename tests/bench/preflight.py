"""``qtops preflight`` of a fleet against the type checker pyright on the same tree, both with the founding fault in it.

Pyright is what a project would otherwise let guard its imports. It is no dependency: it is taken from PATH, or installed into a
throw-away environment from PyPI where there is a network; without it there is nothing to compare with, and the row says so.
"""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.measuring import TINY, Arm, Effort, Times, interleave, plain, ratio
from tests.bench.results import Result
from tests.cli.test_preflight_fleet import EACH, FLEET, PACKAGES, UNITS, fleet
from tests.preflight_trees import FOUNDING, FOUNDING_UNIT, MAIN, PROJECT, VENV, host

RISK = "quantum-risk-proposal.service"
FILES = UNITS + PACKAGES * EACH
INSTALL_LIMIT_S = 180
SLOW_ROUNDS = 3  # of a run that takes most of a minute
PREFLIGHT, PYRIGHT = "preflight", "pyright"


class NotThere(Exception):
    """Pyright cannot be had; the text says why."""


class Unsound(RuntimeError):
    """What was timed is not what was meant."""


def measure(effort: Effort) -> Iterator[Result]:
    """Both on the same tree, in turns, and what each says of the fault."""
    with TemporaryDirectory() as folder:
        root = host(Path(folder, "root"), {**fleet(), **FOUNDING, f"/etc/systemd/system/{RISK}": FOUNDING_UNIT})
        ours = Arm(PREFLIGHT, lambda: _preflight(root))
        name = f"qtops preflight of {UNITS} services and {FILES:,} files, and of the founding fault"
        try:
            program = pyright(Path(folder), install=effort is not TINY)
            theirs = Arm(PYRIGHT, lambda: _checked(program, root))
            rounds = min(SLOW_ROUNDS, effort.rounds)
            times = interleave([ours, theirs], rounds, warm_ups=1)
            yield _compared(name, times, _preflight(root), _checked(program, root))
        except NotThere as why:
            times = interleave([ours], effort.rounds, warm_ups=1)
            yield Result(
                name,
                times[PREFLIGHT].median,
                "s",
                spread=times[PREFLIGHT].spread,
                how=f"{times[PREFLIGHT]}; {_said(_preflight(root))}",
            )
            yield Result(f"{name}, against pyright", 0, "measured", how=f"not measured: {why}", timed=False)


def _compared(name: str, times: Mapping[str, Times], ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Result:
    rows = [row for row in theirs["generalDiagnostics"] if "ai_engine" in row["message"] or row["file"].endswith(MAIN)]
    said = rows[0]["message"] if rows else "clean"
    summary = theirs["summary"]
    return Result(
        f"{name}, against pyright", ratio(times[PREFLIGHT], times[PYRIGHT]), "× pyright",
        spread=max(times[PREFLIGHT].spread, times[PYRIGHT].spread),
        how=f"preflight {times[PREFLIGHT]}, which says of the fault: {_said(ours)}; "
        f"pyright {theirs['version']} {times[PYRIGHT]}, {summary['filesAnalyzed']:,} files, {summary['errorCount']} errors "
        f"in all, which says of it: {said}",
    )  # fmt: skip


def _said(document: Mapping[str, Any]) -> str:
    """What preflight says of the founding service. Raises Unsound where anything else is wrong."""
    if document["summary"]["ok"] != UNITS:
        raise Unsound(f"preflight: {document['summary']}")
    (row,) = [row for row in document["results"] if row["subject"] == RISK]
    imports = row["imports"]
    return f"{imports['verdict']} {imports['module']} by the edit at line {imports['resolves_without'].rpartition(':')[2]}"


def _preflight(root: str) -> Any:
    command = [sys.executable, "-m", "qtops", "preflight", f"{root}/etc/systemd/system", "--root", root, "-o", "json"]
    return json.loads(subprocess.run(command, env=plain(), capture_output=True, check=False).stdout)


def _checked(program: str, root: str) -> Any:
    done = subprocess.run(
        [program, "--project", _configuration(root), "--outputjson"], env=dict(os.environ), capture_output=True, check=False
    )
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise Unsound(f"pyright: {done.stderr.decode()[-300:]}") from None


def _configuration(root: str) -> str:
    """The tree as its services see it: pyright knows the project's folder and what PYTHONPATH and site-packages give."""
    path = Path(root, "pyrightconfig.json")
    packages = next(Path(f"{root}{VENV}").rglob("site-packages"))
    places = [f"{root}{PROJECT}", f"{root}{FLEET}"]
    path.write_text(json.dumps({"include": places, "extraPaths": [*places, str(packages)], "typeCheckingMode": "basic"}), "utf-8")
    return str(path)


def pyright(folder: Path, *, install: bool) -> str:
    """The program. Raises NotThere."""
    if found := which("pyright"):
        return found
    if not install:
        raise NotThere("pyright is not on PATH")
    venv.create(folder / "pyright", with_pip=True)
    place = folder / "pyright" / "bin"
    for command in ([place / "pip", "install", "--quiet", "pyright"], [place / "pyright", "--version"]):  # the second fetches it
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_LIMIT_S, check=False)
        except subprocess.TimeoutExpired:
            raise NotThere(f"{command[0].name} had not installed it after {INSTALL_LIMIT_S} s") from None
        if done.returncode:
            lines = (done.stderr or done.stdout).strip().splitlines()
            raise NotThere(f"{command[0].name}: {lines[-1] if lines else done.returncode}")
    return str(place / "pyright")
