"""What becomes of a start's imports, asked of the import engine until every fault on the way is known.

A missing distribution hides what comes after it, so it is noted, taken to be installed, and the start is walked again.
"""

import ast
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from qtops.collectors.project_files import ProjectFiles, is_foreign
from qtops.collectors.shown import shown
from qtops.facts.preflight import GuardedImport, ImportFacts, ImportFailure, PathEntry
from qtops.imports.built_in import LOADED_AT_START
from qtops.imports.files import Files
from qtops.imports.interpreter import read_interpreter
from qtops.imports.launch import Application, Launch
from qtops.imports.outcome import Edit, Import, ImportVerdict, Outcome
from qtops.imports.path import Entry
from qtops.imports.predict import predict
from qtops.unitfile.variables import is_secret_like

MOST_WALKS: Final = 24  # a start that lacks more distributions than this has no environment at all
MOST_FOLLOWED: Final = 2_000  # files named: more have no place in a bundle
MOST_DISTRIBUTIONS: Final = 200
SHORTEST_SECRET: Final = 4  # characters: a shorter value would blacken every text


class Predictor:
    """Asks about many starts in one tree. ``environments`` are the folders of virtual environments that are known of, ``sources``
    further folders where the project is.
    """

    def __init__(
        self, files: Files, environments: Sequence[str] = (), *, sources: Sequence[str] = (), assume_installed: bool = False
    ) -> None:
        self._files = files
        self._project = ProjectFiles(files, environments, sources)
        self._assume = assume_installed

    def predict(self, launch: Launch) -> ImportFacts:
        """Every fault on the way of one start. What a variable keeps secret is not told, though a path be made of it."""
        facts = self._predict(launch)
        secrets = [value for name, value in launch.environment.items() if is_secret_like(name) and len(value) >= SHORTEST_SECRET]
        return msgspec.convert(_masked(msgspec.to_builtins(facts), secrets), ImportFacts) if secrets else facts

    def _predict(self, launch: Launch) -> ImportFacts:
        interpreter = read_interpreter(self._files.tree, launch)
        outcome = predict(self._files, launch)
        walked, absent, failures = launch, dict[str, None](), list[ImportFailure]()
        for _ in range(MOST_WALKS):
            names = self._absent(outcome, walked, interpreter.trouble)
            if not names:
                break
            if interpreter.trouble is None and not self._assume and outcome.failing is not None:
                failures.append(self._failure(outcome, outcome.failing, launch, distribution=True))
            absent |= dict.fromkeys(names)
            walked = replace(walked, installed=walked.installed | set(names))
            outcome = predict(self._files, walked)
        is_assumed = outcome.failing is not None and outcome.failing.module in walked.installed  # ``-m`` what is not in the tree
        if outcome.failing is not None and outcome.verdict not in {ImportVerdict.OK, ImportVerdict.UNKNOWN} and not is_assumed:
            failures.append(self._failure(outcome, outcome.failing, walked))
        elif self._assume and (own := self._own_but_unreachable(outcome, walked, interpreter.trouble)) is not None:
            failures.append(own)
        unknown = outcome.reason or "" if outcome.verdict is ImportVerdict.UNKNOWN else ""
        if not failures and not unknown and absent and not self._assume:
            unknown = f"{interpreter.trouble}, so whether it has {', '.join(absent)} is not known"
        missing = tuple(absent) if interpreter.trouble is None and not self._assume else ()
        return ImportFacts(
            interpreter=launch.interpreter,
            version=".".join(map(str, interpreter.version)) if interpreter.trouble is None else "",
            script=outcome.script or "",
            script_missing=outcome.message or "" if outcome.verdict is ImportVerdict.SCRIPT_MISSING else "",
            failures=tuple(failures),
            unknown="" if failures else unknown,
            suspected=self._failure(outcome, outcome.failing, launch) if unknown and outcome.failing is not None else None,
            path=tuple(map(_entry, outcome.path)),
            guarded=tuple(self._guarded(found, launch) for found in outcome.guarded),
            third_party_missing=missing,
            assumed=tuple(absent) if not missing else (),
            files=len(outcome.files),
            followed=tuple(dict.fromkeys((*(f.resolved_to for f in failures if f.resolved_to), *outcome.files)))[:MOST_FOLLOWED],
            own_folders=tuple(self._project.own_folders(outcome.path, launch, interpreter)),
            distributions=tuple(path for path in outcome.distributions if is_foreign(path))[:MOST_DISTRIBUTIONS],
            ignores_pythonpath=self._flag(launch) if failures else "",
        )

    def _flag(self, launch: Launch) -> str:
        """The flag that has the interpreter ignore PYTHONPATH, where all would be well without it."""
        if launch.uses_environment or not launch.environment.get("PYTHONPATH"):
            return ""
        flags = replace(launch.flags, isolated=False, ignore_environment=False)
        heeding = predict(self._files, replace(launch, flags=flags))
        return ("-I" if launch.flags.isolated else "-E") if heeding.verdict is ImportVerdict.OK else ""

    def _absent(self, outcome: Outcome, launch: Launch, trouble: str | None) -> list[str]:
        """Top-level names that only a distribution could answer, and that nothing answers."""
        candidates = [
            found.module
            for found in outcome.imports
            if (found.verdict is ImportVerdict.UNKNOWN and trouble is not None and found.reason == trouble)
            or (found is outcome.failing and found.verdict is ImportVerdict.MISSING and found.reason is None)
        ]
        names = dict.fromkeys(name for name in candidates if name and "." not in name and name not in launch.installed)
        return [name for name in names if not self._is_own(name, launch, trouble)]

    def _is_own(self, name: str, launch: Launch, trouble: str | None) -> bool:
        """Whether a name is the project's, though nothing answers it. What a server is told to import is, as a rule."""
        target = launch.target
        is_served = isinstance(target, Application) and target.module == name and trouble is None and not self._assume
        return (
            is_served
            or name in LOADED_AT_START
            or bool(self._project.elsewhere(name, launch) or self._project.near(name, "", launch))
        )

    def _own_but_unreachable(self, outcome: Outcome, launch: Launch, trouble: str | None) -> ImportFailure | None:
        """Distributions being taken to be installed, a name that the project itself has and no entry leads to is missing."""
        for found in outcome.imports:
            if (
                found.verdict is ImportVerdict.UNKNOWN
                and found.reason == trouble
                and trouble
                and self._project.elsewhere(found.module, launch)
            ):
                message = f"ModuleNotFoundError: No module named {found.module!r}"
                return self._failure(outcome, replace(found, verdict=ImportVerdict.MISSING, message=message), launch)
        return None

    def _failure(self, outcome: Outcome, found: Import, launch: Launch, *, distribution: bool = False) -> ImportFailure:
        is_missing = found.verdict is ImportVerdict.MISSING and not distribution
        elsewhere = self._project.elsewhere(found.module, launch) if is_missing else ()
        is_placed = bool(found.resolved_to) or "." not in found.module
        near = (
            self._project.near(found.module, found.resolved_to or "", launch) if is_missing and is_placed and not elsewhere else ()
        )
        edit, folder = (None, "") if distribution else self._mended(outcome, found, launch, elsewhere)
        top = found.module.partition(".")[0]
        return ImportFailure(
            kind=found.verdict,
            message=found.message or "",
            module=found.module,
            name=found.name or "",
            importer=found.site.file if found.site.line else "",
            line=found.site.line,
            resolved_to=found.resolved_to or "",
            broken_line=self._broken_line(found, launch) if found.verdict is ImportVerdict.SYNTAX_ERROR else 0,
            shadowed=found.shadowed,
            won_by=None if found.won_by is None else _entry(found.won_by),
            path=tuple(map(_entry, found.path or outcome.path)),
            resolves_without="" if edit is None else str(edit),
            edited_line="" if edit is None else self._line(edit),
            resolves_with=folder,
            elsewhere=elsewhere,
            near=near,
            distribution=distribution,
            installed_in=tuple(self._project.installed_in(top, launch)) if distribution else (),
        )

    def _mended(self, outcome: Outcome, found: Import, launch: Launch, elsewhere: Sequence[str]) -> tuple[Edit | None, str]:
        """What makes every import resolve, tried in the walk: an edit of sys.path away, directories on PYTHONPATH, or both."""
        if outcome.resolves_without is not None or not elsewhere:
            return outcome.resolves_without, ""
        folder = elsewhere[0].removesuffix("/__init__.py").removesuffix(".py").removesuffix("/" + found.module.replace(".", "/"))
        named = launch.variable("PYTHONPATH")
        parted = named.replace(";", ":") if ";" in named else ""
        for added, whole in ((folder, ":".join(filter(None, (folder, named)))), (parted, parted)):
            tried = predict(self._files, replace(launch, environment={**launch.environment, "PYTHONPATH": whole}))
            if added and (tried.verdict is ImportVerdict.OK or tried.resolves_without is not None):
                return tried.resolves_without, added
        return None, ""

    def _guarded(self, found: Import, launch: Launch) -> GuardedImport:
        elsewhere = self._project.elsewhere(found.module, launch)
        own = found.verdict is not ImportVerdict.MISSING or bool(elsewhere) or "." in found.module
        return GuardedImport(
            found.module, str(found.site), found.message or "", found.resolved_to or "", found.shadowed or elsewhere,
            found.switched_off, own and not is_foreign(found.resolved_to or ""),
        )  # fmt: skip

    def end_of_definitions(self, script: str, facts: ImportFacts) -> str:
        """FILE:LINE where a script ends that holds imports of the standard library, definitions and constants alone."""
        if facts.script != script or facts.failures or facts.unknown:
            return ""
        version = tuple(map(int, facts.version.split("."))) if facts.version else sys.version_info[:2]
        try:
            module = self._files.source(script, (version[0], version[1])).module
        except OSError:
            return ""
        body = module.body if module is not None else []
        defines = any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for node in body)
        return f"{script}:{body[-1].end_lineno}" if defines and all(map(_is_inert, body)) else ""

    def _broken_line(self, found: Import, launch: Launch) -> int:
        version = read_interpreter(self._files.tree, launch).version
        try:
            return self._files.source(found.resolved_to or "", version).line or 0
        except OSError:
            return 0

    def _line(self, edit: Edit) -> str:
        try:
            lines = self._files.read(edit.site.file).decode("utf-8", "replace").splitlines()
        except OSError:
            return ""
        return shown(lines[edit.site.line - 1].strip()) if 0 < edit.site.line <= len(lines) else ""


def _is_inert(node: ast.stmt) -> bool:
    """Whether a statement of a module's own level does nothing that lasts: what is called, or may be, is not inert."""
    if isinstance(node, ast.Import):
        return all(alias.name.partition(".")[0] in sys.stdlib_module_names for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return not node.level and (node.module or "").partition(".")[0] in sys.stdlib_module_names
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return not node.decorator_list
    if isinstance(node, ast.ClassDef):
        return not (node.decorator_list or node.bases or node.keywords) and all(map(_is_inert, node.body))
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return node.value is None or isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _masked(value: Any, secrets: list[str]) -> Any:
    match value:
        case str():
            for secret in secrets:
                value = value.replace(secret, "***")
        case list() | tuple():
            return [_masked(item, secrets) for item in value]
        case dict():
            return {key: _masked(item, secrets) for key, item in value.items()}
    return value


def _entry(entry: Entry) -> PathEntry:
    return PathEntry(entry.text if entry.text is not None else f"? ({entry.doubt})", str(entry.origin))
