"""What was true of a start before it took place: what a unit file says, and what the tree holds of it.

Paths are those that the service will see; texts are as read. No value of an environment variable is kept anywhere.
"""

from typing import Literal

import msgspec

PathState = Literal["file", "directory", "other", "missing", "broken_link", "unreadable", "outside", "unknown"]
"""``outside``: the tree that was given holds nothing of that part; ``unknown``: it depends on what no file tells."""


class PathFact(msgspec.Struct, frozen=True):
    """A path that a setting names, links followed."""

    setting: str
    where: str  # FILE:LINE of the setting
    path: str
    state: PathState
    detail: str = ""  # the link that leads nowhere, or why it could not be seen
    executable: bool = True  # some execute bit is set
    near: str = ""  # a name in the same directory that may have been meant
    real: str = ""  # the path without links, where something is there
    made: bool = False  # by systemd itself (LogsDirectory= and its kin), in the course of the start
    denied: str = ""  # what keeps the service's account from it: "/home/x is drwx------ root:root: qt may not search it"


class CommandFact(msgspec.Struct, frozen=True):
    """One Exec…= line: its program as the kernel will meet it."""

    setting: str
    where: str
    program: PathFact
    empty: bool = False
    shebang: PathFact | None = None  # the interpreter that the first line names; None where there is no such line
    shebang_ends_in_cr: bool = False
    format_known: bool = True  # an ELF file or a shebang
    ignore_failure: bool = False
    unconfined: bool = False  # a + before the program: it runs outside of the sandbox


class PathEntry(msgspec.Struct, frozen=True):
    """One entry of sys.path, and who put it there."""

    entry: str
    origin: str


class GuardedImport(msgspec.Struct, frozen=True):
    """An import that fails and is caught, so that something is off without a word."""

    module: str
    where: str
    message: str
    found: str  # what was found instead; empty where nothing was
    would_serve: tuple[str, ...]
    switched_off: tuple[str, ...]
    own: bool  # the project's own module, no distribution


class HidingFact(msgspec.Struct, frozen=True):
    """A setting of the sandbox that empties a directory for the service."""

    setting: str  # as written: "PrivateTmp=yes"
    where: str
    path: str


class ImportFailure(msgspec.Struct, frozen=True, kw_only=True):
    """An import that ends the program. ``kind`` is the engine's verdict: missing, shadowed, name_missing, circular, …."""

    kind: str
    message: str = ""  # the last line of the traceback
    module: str = ""
    name: str = ""  # the imported name that the module lacks
    importer: str = ""
    line: int = 0
    resolved_to: str = ""  # what was found instead
    broken_line: int = 0  # of a syntax error, in ``resolved_to``
    shadowed: tuple[str, ...] = ()  # what would have served
    won_by: PathEntry | None = None  # the entry of sys.path that offered what was found
    path: tuple[PathEntry, ...] = ()
    resolves_without: str = ""  # FILE:LINE of the edit of sys.path
    edited_line: str = ""  # that line, as written
    resolves_with: str = (
        ""  # a directory on PYTHONPATH that makes every import resolve, with ``resolves_without`` where both are needed
    )
    elsewhere: tuple[str, ...] = ()  # where the project has it, though no entry of sys.path leads there
    near: tuple[str, ...] = ()  # what the project has that may have been meant: another spelling, a .pyc whose source is gone
    distribution: bool = False  # nothing of the project: a distribution that is to be installed
    installed_in: tuple[str, ...] = ()  # other environments that have it

    @property
    def where(self) -> str:
        """The importing line."""
        return f"{self.importer}:{self.line}" if self.importer and self.line else ""

    @property
    def raised(self) -> str:
        """The exception that is raised, also where a server tells it in words of its own."""
        if self.kind == "name_missing" and not self.message.startswith("ImportError: "):
            return f"ImportError: cannot import name {self.name!r} from {self.module!r}"
        if self.kind == "missing" and not self.message.partition(":")[0].endswith("Error"):
            return f"ModuleNotFoundError: No module named {self.module!r}"
        return self.message

    @property
    def broken(self) -> str:
        """The place of a syntax error."""
        return (
            f"{self.resolved_to}:{self.broken_line}"
            if self.broken_line
            else self.resolved_to
            if self.kind == "syntax_error"
            else ""
        )


class ImportFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the import engine predicts. The first of ``failures`` is the traceback; the others come once those before are mended."""

    interpreter: str
    version: str = ""
    script: str = ""  # the file that the process begins with
    script_missing: str = ""  # what the interpreter prints where there is nothing to run
    failures: tuple[ImportFailure, ...] = ()
    unknown: str = ""  # why it cannot be told
    suspected: ImportFailure | None = None  # with ``unknown``: the import that may fail
    path: tuple[PathEntry, ...] = ()
    guarded: tuple[GuardedImport, ...] = ()
    third_party_missing: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()  # distributions that were taken to be installed
    files: int = 0  # how many files of the project were followed
    followed: tuple[str, ...] = ()  # and which, as far as there is room
    own_folders: tuple[str, ...] = ()  # directories of ``path`` that are the project's own, absolute
    distributions: tuple[str, ...] = ()  # files of installed distributions that are imported, one of each
    ignores_pythonpath: str = ""  # the flag of the interpreter (-I, -E) without which PYTHONPATH would make every import resolve


class AccountFact(msgspec.Struct, frozen=True):
    """``User=`` or ``Group=``."""

    setting: str
    where: str
    name: str
    known: bool | None  # None: there is no list to look into


class UnitReference(msgspec.Struct, frozen=True):
    """A unit that another one cannot start without."""

    setting: str
    where: str
    unit: str
    state: Literal["found", "missing", "masked", "unknown"]


class VariableFact(msgspec.Struct, frozen=True):
    """One assignment of an environment variable, without its value."""

    name: str
    where: str
    in_unit: bool  # Environment= rather than a file
    odd: tuple[Literal["carriage return", "inline comment", "quotes", "trailing blank", "unexpanded variable"], ...] = ()
    secret_like: bool = False
    replaces: str = ""  # FILE:LINE of the assignment that it overrides with another value


class SettingFact(msgspec.Struct, frozen=True):
    """A line that systemd ignores, refuses, or takes for something else than was meant."""

    where: str
    effect: Literal["noted", "ignored", "cut", "refused"]
    text: str


class RestartFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How often systemd starts the unit again. ``None`` where a value could not be read."""

    restart: str = "no"
    restart_s: float | None = 0.1
    interval_s: float | None = 10.0
    burst: int | None = 5
    where: str = ""  # FILE:LINE of the limit, or of Restart=; whichever says most
    limit_stated: bool = False  # by a line of the unit, even one that systemd ignores
    misplaced: str = ""  # FILE:LINE of a limit that stands where systemd does not read it


class StartFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known of one unit, or of one script without a unit."""

    subject: str
    unit_file: str = ""
    script: str = ""
    type: str = "simple"
    loads: bool = True  # False: masked, or a template; nothing starts from this file alone
    commands: tuple[CommandFact, ...] = ()
    paths: tuple[PathFact, ...] = ()
    imports: ImportFacts | None = None  # None: no Python start
    accounts: tuple[AccountFact, ...] = ()
    references: tuple[UnitReference, ...] = ()
    variables: tuple[VariableFact, ...] = ()
    environment_files: tuple[str, ...] = ()  # every EnvironmentFile= in force, in order, with its leading - where it has one
    settings: tuple[SettingFact, ...] = ()
    restart: RestartFacts = RestartFacts()
    on_failure: tuple[str, ...] = ()
    protect_home: str = "no"
    protect_home_where: str = ""
    hidden: tuple[HidingFact, ...] = ()  # besides what ProtectHome= hides
    log_file: str = ""  # where StandardError= puts what it says, in place of the journal
    log_silent: str = ""  # the setting that has it thrown away: "StandardError=null"
    bound: tuple[str, ...] = ()  # paths that the unit binds into its own view
    exits_at_once: str = ""  # FILE:LINE where a script ends that only defines things
    missing: tuple[str, ...] = ()  # what could not be looked at, and why
    outside: tuple[str, ...] = ()  # what the given tree does not hold, and was not asked for


class Preflight(msgspec.Struct, frozen=True):
    """One look at a fleet of starts."""

    host: str
    root: str  # what the services' paths are below; "/" on the host itself
    taken_at_s: float
    starts: tuple[StartFacts, ...]
