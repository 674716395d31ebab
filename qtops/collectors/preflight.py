"""Look at starts before they take place: unit files, and scripts that no unit starts. Nothing of theirs is executed."""

import os
import platform
import posixpath
import re
import time
from collections.abc import Callable
from typing import Any, Final

import msgspec

from qtops.collectors.imports import Predictor
from qtops.collectors.tree import RootedTree, host_path
from qtops.collectors.unit_files import UnitFiles
from qtops.collectors.unit_starts import Looker, unique_subjects
from qtops.errors import UsageError
from qtops.facts.preflight import PathFact, Preflight, StartFacts
from qtops.imports.files import Files
from qtops.imports.launch import Launch, Script

USUAL_PYTHON: Final = "/usr/bin/python3"
PROGRAM: Final = re.compile(rb"^ExecStart[^=]*=[ \t]*[-@:+!]*(/[^\s]+)/bin/[^/\s]+", re.MULTILINE)
Tell = Callable[[str, float, float], None]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What to look at. ``units`` and ``root`` are paths of this host; the others are those that the process will see."""

    root: str = "/"
    units: tuple[str, ...] = ()
    script: str | None = None
    python: str | None = None
    directory: str | None = None
    pythonpath: tuple[str, ...] = ()
    assume_installed: bool = False


def look_at(request: Request, tell: Tell) -> Preflight:
    """Read everything once. Raises UsageError for what was asked for and is not there."""
    root = host_path(request.root)
    if not os.path.isdir(root):  # noqa: PTH112  (text in, text out)
        raise UsageError(f"--root {request.root!a}: no such directory")
    tree = RootedTree(root)
    files = Files(tree)
    starts = [_script(request, request.script, root, tree, files)] if request.script is not None else []
    units = UnitFiles(tree, root, request.units)
    environments = _environments(tree, units)
    predictor = Predictor(files, environments, assume_installed=request.assume_installed)
    looker = Looker(tree, files, units, predictor)
    for done, (unit, subject) in enumerate(zip(units.services, unique_subjects(units.services), strict=True)):
        tell(str(unit.name), done, len(units.services))
        starts.append(looker.look(unit, subject))
    return Preflight(platform.node(), root, time.time(), tuple(starts))


def _environments(tree: RootedTree, units: UnitFiles) -> tuple[str, ...]:
    """Virtual environments that the units' programs are in: what one lacks another may have."""
    found = {match[1].decode("utf-8", "replace") for unit in units.services for match in PROGRAM.finditer(unit.data)}
    return tuple(sorted(place for place in found if _exists(tree, f"{place}/pyvenv.cfg")))


def _script(request: Request, script: str, root: str, tree: RootedTree, files: Files) -> StartFacts:
    """A script that is started by hand: ``cd DIRECTORY && PYTHONPATH=… PYTHON SCRIPT``."""
    directory = _seen(request.directory or ".", root, tree)
    path = _seen(script, root, tree)
    if request.directory is not None and _exists(tree, in_directory := posixpath.join(directory, script)):
        path = in_directory
    python = request.python or USUAL_PYTHON
    named = tuple(part for entry in request.pythonpath for part in entry.split(":"))
    environment = (
        {"PYTHONPATH": ":".join(_seen(part, root, tree) if part.startswith("/") else part for part in named)} if named else {}
    )
    facts = [tree.fact("--script", "", path), tree.fact("--workdir", "", directory)]
    commands = (tree.command("--python", "", python, ignore_failure=False),) if request.python else ()
    predictor = Predictor(files, assume_installed=request.assume_installed)
    return StartFacts(
        subject=script,
        script=path,
        commands=commands,
        paths=tuple(facts),
        imports=predictor.predict(Launch(python, Script(path), directory, environment)),
        **told(*facts),
    )


def _seen(path: str, root: str, tree: RootedTree) -> str:
    """A path as the process sees it. One that only exists on this host, inside the root, is taken without the root."""
    if root == "/":
        return host_path(path)
    if path.startswith("/") and _exists(tree, path):
        return posixpath.normpath(path)
    here = host_path(path)
    return (
        posixpath.normpath("/" + posixpath.relpath(here, root))
        if f"{here}/".startswith(f"{root}/")
        else posixpath.normpath("/" + path)
    )


def _exists(tree: RootedTree, path: str) -> bool:
    try:
        return tree.kind(path) is not None
    except OSError:
        return True


def told(*facts: PathFact) -> dict[str, Any]:
    """Which paths could not be looked at, and which the given tree does not hold."""
    missing = tuple(f"{fact.setting}={fact.path}: {fact.detail}" for fact in facts if fact.state in {"unreadable", "unknown"})
    outside = tuple(f"{fact.setting}={fact.path}" for fact in facts if fact.state == "outside")
    return {"missing": missing, "outside": outside}
