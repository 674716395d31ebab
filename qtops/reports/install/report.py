"""What came of `qtops install`."""

from typing import Literal

import msgspec

from qtops.errors import Exit
from qtops.installation.placing import Deed, Standing
from qtops.installation.shipped import Part

Outcome = Literal["planned", "nothing to do", "applied", "removed", "refused", "failed"]
Ran = Literal["to be run", "done", "failed", "not run"]


class FileLine(msgspec.Struct, frozen=True, kw_only=True):
    """One file: how it stands, and what is done to it. ``before`` and ``after`` are SHA-256, empty where there is no file."""

    path: str
    part: Part
    standing: Standing
    deed: Deed
    mode: str  # "0644"
    owner: str  # "root:root"
    why: str = ""
    before: str = ""
    after: str = ""


class CommandLine(msgspec.Struct, frozen=True, kw_only=True):
    """One command, and what became of it."""

    argv: tuple[str, ...]
    ran: Ran
    why: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="qtops.install/1"):
    """All of it: what ``-o json`` prints."""

    outcome: Outcome
    mode: Literal["apply", "remove"]
    prefix: str = ""  # the root of a package; empty: this host
    python: str = ""  # the interpreter that the units name
    why: str = ""
    files: tuple[FileLine, ...] = ()
    commands: tuple[CommandLine, ...] = ()
    granted: tuple[str, ...] = ()  # units that the supervisor may restart
    notes: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()  # what to do next

    @property
    def exit_code(self) -> Exit:
        """0: done, or nothing to do; 4: not applied, or not all of it: after a dry run, or with a file not safe to write."""
        is_hindered = any(file.standing in {"unsafe", "unknown"} for file in self.files)
        return Exit.NOT_APPLIED if self.outcome in {"planned", "refused", "failed"} or is_hindered else Exit.OK
