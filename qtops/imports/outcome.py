"""What the import engine says: each import with its verdict, the predicted last line, and the edit that stands in the way."""

from dataclasses import dataclass
from enum import StrEnum

from qtops.imports.path import Entry


class ImportVerdict(StrEnum):
    """What becomes of an import, or of a whole start."""

    OK = "ok"
    MISSING = "missing"
    SHADOWED = "shadowed"
    NAME_MISSING = "name_missing"
    CIRCULAR = "circular"
    SYNTAX_ERROR = "syntax_error"
    SCRIPT_MISSING = "script_missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Site:
    """A place in the source."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Import:
    """One import that was carried out in the walk."""

    module: str
    """The absolute dotted name."""
    site: Site
    verdict: ImportVerdict
    resolved_to: str | None = None
    """The file or directory that answered the name, or the part of it that was found."""
    won_by: Entry | None = None
    """The entry of sys.path that offered the winner."""
    shadowed: tuple[str, ...] = ()
    """What else would have answered the name, in the order of sys.path. For a failing import: the files that would have served."""
    name: str | None = None
    """The imported name that the module lacks."""
    message: str | None = None
    """The last line of the traceback, as CPython prints it."""
    reason: str | None = None
    """Why it cannot be told."""
    guarded: bool = False
    """The failure is caught by the program."""
    switched_off: tuple[str, ...] = ()
    """Names that the handler binds instead: the feature that is silently off."""
    path: tuple[Entry, ...] = ()
    """sys.path at that moment; only kept for what is not ok."""

    @property
    def failed(self) -> bool:
        """Whether the import raises."""
        return self.verdict not in {ImportVerdict.OK, ImportVerdict.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Edit:
    """A statement that changed sys.path."""

    site: Site
    operation: str
    """``insert``, ``append``, ``assign`` …"""
    entries: tuple[Entry, ...] = ()
    """What it added."""

    def __str__(self) -> str:
        return str(self.site)


@dataclass(frozen=True, slots=True)
class Ending:
    """How the walk ended before the last line of the program, other than by an import: ``SystemExit``, ``KeyError: 'X'`` …."""

    what: str
    site: Site


@dataclass(frozen=True, slots=True)
class Outcome:
    """The prediction for one start."""

    verdict: ImportVerdict
    script: str | None
    """The file that the process begins with."""
    failing: Import | None = None
    """The first import that is not caught; with an unknown verdict, the one that is suspected."""
    reason: str | None = None
    """Why it cannot be told, or what is wrong with the script."""
    message: str | None = None
    """The last line on stderr, as CPython prints it; None when nothing fails, or the program handles it itself."""
    imports: tuple[Import, ...] = ()
    """All imports, in execution order, the guarded ones included."""
    edits: tuple[Edit, ...] = ()
    """All changes of sys.path, in execution order."""
    path: tuple[Entry, ...] = ()
    """sys.path at the failing import, or at the end."""
    third_party_missing: tuple[str, ...] = ()
    """Top-level names that neither the interpreter nor the project offers."""
    resolves_without: Edit | None = None
    """The single edit without which every import resolves."""
    ending: Ending | None = None
    assumptions: tuple[str, ...] = ()
    """Conditions that could not be decided and were taken not to end the program."""
    files: tuple[str, ...] = ()
    """The files of the project that were followed."""
    distributions: tuple[str, ...] = ()
    """The files of other people's packages and modules that were imported, one of each."""

    @property
    def guarded(self) -> tuple[Import, ...]:
        """Imports that fail and are caught."""
        return tuple(found for found in self.imports if found.guarded and found.failed)
