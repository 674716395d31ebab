"""Carry out remedies in memory: files as they are, files as they would be, and one step for each of them."""

import hashlib
import os
import posixpath
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qtops.actions.files import examine
from qtops.collectors.doctor import redactor_of
from qtops.collectors.redact import Redactor
from qtops.errors import QtopsError
from qtops.facts.unit import UnitState
from qtops.patching import CannotPatch
from qtops.patching.diff import unified
from qtops.patching.drop_in import drop_in_path, drop_in_text
from qtops.recovery.looking import Looked
from qtops.steps import DropIn, FileState, MakeExecutable, Remedy, RemoveStatement, Replace, Shebang, Step, UnixLineEnds

NEW_FILE = 0o644


class CannotDraft(QtopsError):
    """A remedy cannot be carried out on the files as they are; the text says why. ``remedy`` is its name."""

    def __init__(self, remedy: str, why: str) -> None:
        super().__init__(why)
        self.remedy = remedy


@dataclass(frozen=True)
class Change:
    """One file before and after, and why."""

    path: str
    before: FileState | None
    old: bytes | None
    after: FileState
    new: bytes
    why: str
    is_python: bool
    shows_content: bool  # an environment file's lines are never shown


@dataclass
class Draft:
    """All files of a plan."""

    changes: dict[str, Change] = field(default_factory=dict)
    drop_ins: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    steps: tuple[Step, ...] = ()

    @property
    def new(self) -> dict[str, bytes]:
        """Contents as they would be, by path."""
        return {path: change.new for path, change in self.changes.items()}

    @property
    def modes(self) -> dict[str, int]:
        """Permission bits that would differ, by path."""
        return {p: c.after.mode for p, c in self.changes.items() if c.before is not None and c.before.mode != c.after.mode}

    @property
    def contents(self) -> dict[str, bytes]:
        """All contents, of before and after, by hash."""
        after = {change.after.sha256: change.new for change in self.changes.values()}
        before = {c.before.sha256: c.old for c in self.changes.values() if c.before is not None and c.old is not None}
        return after | before


def draft(looked: Looked, chosen: Sequence[Remedy]) -> Draft:
    """Apply the changes of all remedies, one after the other. Raises CannotDraft; and NotPermitted, Refused for a file that no
    plan may touch.
    """
    made = Draft()
    for remedy in chosen:
        for change in (one for one in remedy.changes if not isinstance(one, DropIn)):
            try:
                _edit(made, change, remedy)
            except CannotPatch as error:
                raise CannotDraft(remedy.name, f"{change.path}: {error}") from None
        _drop_in(made, remedy)
    redactor = redactor_of([looked.service.unit or UnitState(name=looked.unit)], looked.request.settings)
    made.steps = tuple(_step(looked, change, redactor) for change in made.changes.values())
    return made


def _edit(made: Draft, change: RemoveStatement | UnixLineEnds | Shebang | MakeExecutable, remedy: Remedy) -> None:
    path = real(change.path, remedy.name)
    known = made.changes.get(path)
    if known is None:
        found = examine(path)
        if found is None:
            raise CannotDraft(remedy.name, f"{path}: it is not there any more")
        before, old = found
        known = Change(path, before, old, before, old, remedy.title, is_python=False, shows_content=True)
    new, mode = known.new, known.after.mode
    match change:
        case RemoveStatement(line=line):
            from qtops.patching.python_source import remove_statement

            patched = remove_statement(new, line)
            new = patched.content
            made.notes += [f"{path}: `{name}` is imported and no longer used; it was left alone" for name in patched.unused]
        case UnixLineEnds():
            from qtops.patching.line_ends import unix

            new = unix(new)
        case Shebang(interpreter=interpreter):
            from qtops.patching.shebang import with_interpreter

            new = with_interpreter(new, interpreter)
        case MakeExecutable():
            mode |= (mode & (stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)) >> 2
    made.changes[path] = Change(
        path, known.before, known.old, _state(known.after, new, mode), new, known.why,
        is_python=known.is_python or isinstance(change, RemoveStatement),
        shows_content=known.shows_content and not isinstance(change, UnixLineEnds),
    )  # fmt: skip


def _state(state: FileState, content: bytes, mode: int) -> FileState:
    from msgspec.structs import replace

    return replace(state, sha256=hashlib.sha256(content).hexdigest(), size=len(content), mode=mode)


def _drop_in(made: Draft, remedy: Remedy) -> None:
    lines = [change for change in remedy.changes if isinstance(change, DropIn)]
    if not lines:
        return
    path = drop_in_path(lines[0].unit, remedy.code)
    content = drop_in_text(lines, f"{remedy.code}: {remedy.title}")
    found = examine(path) if os.path.lexists(path) else None
    after = FileState(sha256="", size=0, mode=NEW_FILE, uid=0, gid=0) if found is None else found[0]
    before, old = found if found is not None else (None, None)
    if old == content:
        raise CannotDraft(remedy.name, f"{path} says so already, and it did not help")
    made.changes[path] = Change(
        path, before, old, _state(after, content, after.mode), content, remedy.title, is_python=False, shows_content=True
    )
    made.drop_ins.add(path)


def _step(looked: Looked, change: Change, redactor: Redactor) -> Step:
    interpreter, account = _compiler(looked) if change.is_python else ((), "")
    folder = posixpath.dirname(change.path)
    action = Replace(
        path=change.path,
        before=change.before,
        after=change.after,
        makes=tuple(_absent(folder)),
        interpreter=interpreter,
        account=account,
    )
    diff = unified(change.old, change.new, change.path) if change.shows_content else ""
    back = f"the file as it is now, from the backup: {change.before.sha256[:12]}" if change.before else f"remove {change.path}"
    return Step(("install", "…", change.path), change.why, _effect(change), back, action=action, diff=redactor.text(diff))


def _effect(change: Change) -> str:
    if change.old is None:
        return f"makes {change.path}"
    if change.old == change.new and change.before is not None:
        return f"mode {change.before.mode:04o} → {change.after.mode:04o}"
    before, after = change.old.count(b"\n"), change.new.count(b"\n")
    ends = change.old.count(b"\r\n") - change.new.count(b"\r\n")
    what = f"{ends} lines lose their carriage return" if not change.shows_content else f"{before} → {after} lines"
    return f"{what}; owner and mode stay"


def _compiler(looked: Looked) -> tuple[tuple[str, ...], str]:
    """The unit's own interpreter, and the account that the unit runs as."""
    start, unit = looked.service.start, looked.service.unit
    interpreter = start.imports.interpreter if start is not None and start.imports is not None else ""
    return (interpreter,) if interpreter else (), unit.user if unit is not None else ""


def _absent(folder: str) -> Iterator[str]:
    """Directories that have to be made, the uppermost first."""
    missing = []
    while folder != "/" and not os.path.lexists(folder):
        missing.append(folder)
        folder = posixpath.dirname(folder)
    yield from reversed(missing)


def real(path: str, remedy: str, status: Callable[[str], os.stat_result] = os.lstat) -> str:
    """The path without links. A link that is not root's may only lead to what belongs to its own owner: whoever owns the link
    could otherwise have root change somebody else's file. Raises CannotDraft.
    """
    if not path.startswith("/"):
        raise CannotDraft(remedy, f"{path}: no absolute path")
    owners, here = set[int](), path
    for _ in range(40):
        link = next((str(p) for p in [*list(Path(here).parents)[::-1], Path(here)] if stat.S_ISLNK(_mode(str(p), status))), None)
        if link is None:
            break
        owners.add(status(link).st_uid)
        target = posixpath.join(posixpath.dirname(link), os.readlink(link))  # noqa: PTH115  (text in, text out)
        here = posixpath.normpath(target + here[len(link) :])
    else:
        raise CannotDraft(remedy, f"{path}: too many links")
    strangers = owners - {0}
    if strangers and strangers != {status(here).st_uid}:
        raise CannotDraft(remedy, f"{path}: a link on the way belongs to user {min(strangers)}, and {here} does not")
    return here


def _mode(path: str, status: Callable[[str], os.stat_result]) -> int:
    try:
        return status(path).st_mode
    except FileNotFoundError:
        return 0
    except (NotADirectoryError, PermissionError):
        return 0
