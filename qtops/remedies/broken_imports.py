"""What to do about an import that breaks: take the edit of sys.path out, put a folder on PYTHONPATH, or both.

The smaller change comes first: taking one line out undoes the cause, a folder on PYTHONPATH outvotes it. A line of sys.path is
never rewritten, since what it was meant to say is a guess; nor is a file ever renamed.
"""

import posixpath
from collections.abc import Iterator
from shlex import join
from typing import Final

from qtops.facts.preflight import ImportFailure
from qtops.facts.service import Facts, ServiceFacts
from qtops.findings import Finding
from qtops.remedies.behind import assignment, import_failure
from qtops.remedies.unit_lines import assigned, is_writable
from qtops.steps import Change, DropIn, Remedy, RemoveStatement

CODE: Final = "IMPORT101"
BEFORE_ALL: Final = "encodings"  # what an interpreter imports before it can do anything
NO_SOURCE: Final = (".pth", ".egg-link", ".pyc", ".so")  # name entries of sys.path, or hold code, and no statements to take out


def remedies(finding: Finding, service: ServiceFacts, _: Facts) -> Iterator[Remedy]:
    """What makes every import of the start resolve, as the walk of it has tried."""
    failure, start = import_failure(finding, service), service.start
    if failure is None or start is None or start.imports is None:
        return
    if failure.module == BEFORE_ALL:
        yield from _without_home(service)
    elif start.imports.ignores_pythonpath and not failure.resolves_without:
        flag, interpreter = start.imports.ignores_pythonpath, start.imports.interpreter
        why = f"PYTHONPATH is right, and {flag} has {interpreter} ignore it"
        stays = f"somebody wrote {flag} to keep the environment out: whether it may come in is theirs to say"
        yield _by_hand("start-without-flag", f"Start {interpreter} without {flag}", why, stays)
    elif failure.resolves_without:
        yield from _edit_away(failure, service)
    elif failure.resolves_with:
        yield from _with_folder(
            failure, service, failure.resolves_with, "with it on PYTHONPATH every import of this start resolves"
        )
    elif failure.kind == "shadowed" and failure.resolved_to:
        yield _renamed(failure)
    else:
        stays = "what the code is to import, or which file is to be deployed, is for its author to say"
        yield _by_hand("correct-the-import", finding.remedy, finding.summary, stays)


def _edit_away(failure: ImportFailure, service: ServiceFacts) -> Iterator[Remedy]:
    """Without the edit; and beside that with a folder in front of it, where PYTHONPATH is searched before what the edit adds."""
    edit, folder = failure.resolves_without, failure.resolves_with
    file, _, line = edit.rpartition(":")
    if not line.isdigit() or file.endswith(NO_SOURCE):
        stays = "it is no line of a Python source"
        yield _by_hand("remove-path-edit", f"Remove what {edit} adds to sys.path", "without it every import resolves", stays)
        return
    removal, title = RemoveStatement(file, int(line)), f"Remove the edit of sys.path at {edit}"
    if folder:
        both = "neither alone mends it: the edit hides what is needed, and no other entry of sys.path leads there"
        yield from _with_folder(failure, service, folder, both, removal, title)
        return
    other = _in_front(failure)
    second = f"; {other} on PYTHONPATH would serve as well, and leave the cause" if other else _why_alone(failure)
    shared = "" if service.start is None or file == service.start.script else f"; whoever else imports {file} goes without it too"
    why = f"taking one line out undoes the cause: without it every import of this start resolves{second}{shared}"
    yield Remedy(name="remove-path-edit", code=CODE, title=title, why=why, changes=(removal,), verb="start")
    if other:
        hides = f"is searched before what the edit at {edit} adds: that hides the cause and leaves the edit in place"
        yield from _with_folder(failure, service, other, hides)


def _why_alone(failure: ImportFailure) -> str:
    if failure.won_by is None:
        return ""
    return "; PYTHONPATH cannot mend it, since it is searched after what the edit puts first"


def _in_front(failure: ImportFailure) -> str:
    """The folder that would serve, where PYTHONPATH stands before the entry that offered what was found."""
    won, entries = failure.won_by, list(failure.path)
    below = "/" + failure.module.replace(".", "/")
    served = next((path for path in failure.shadowed if f"{below}." in path or f"{below}/__init__." in path), "")
    if won is None or won not in entries or not served:
        return ""
    places = [number for number, entry in enumerate(entries) if entry.origin in {"PYTHONPATH", "standard library"}]
    folder = served[: served.rindex(below)]
    return folder if places and entries.index(won) >= places[0] else ""


def _with_folder(
    failure: ImportFailure, service: ServiceFacts, folder: str, why: str, removal: RemoveStatement | None = None, title: str = ""
) -> Iterator[Remedy]:
    """A folder in front of what PYTHONPATH names already, by a drop-in. What a file of EnvironmentFile= sets wins over that."""
    value = _value(failure, folder)
    told = f"{title}, and put {folder} on PYTHONPATH" if title else f"Put {folder} on PYTHONPATH"
    name = "remove-path-edit-and-add-pythonpath" if removal else "add-pythonpath"
    why = f"{folder}: {why}" if not title else why
    set_at = assignment("PYTHONPATH", service)
    changes: tuple[Change, ...] = (removal,) if removal else ()
    if set_at is not None and not set_at.in_unit:
        stays = f"PYTHONPATH is set at {set_at.where}, which wins over Environment= (systemd.exec(5)): write {value} there"
        yield _by_hand(name, f"{told} at {set_at.where}", why, stays)
    elif not is_writable(value) or any(entry.startswith("? (") for entry in value.split(":")):
        yield _by_hand(name, told, why, "what PYTHONPATH names now is not known as a whole, or cannot stand in a unit")
    else:
        drop_in = DropIn(service.subject, "Service", (assigned("PYTHONPATH", value),))
        yield Remedy(name=name, code=CODE, title=told, why=why, changes=(*changes, drop_in), verb="start")


def _value(failure: ImportFailure, folder: str) -> str:
    """All of PYTHONPATH: ``folder`` may be the whole of it already, where only what stood between its parts was wrong."""
    named = [entry.entry for entry in failure.path if entry.origin == "PYTHONPATH"] if ":" not in folder else []
    return ":".join(dict.fromkeys((*folder.split(":"), *named)))


def _without_home(service: ServiceFacts) -> Iterator[Remedy]:
    home = assignment("PYTHONHOME", service)
    if home is None:
        return
    why = "an interpreter finds its own library; with PYTHONHOME it looks for it elsewhere, and finds none"
    line = DropIn(service.subject, "Service", ("UnsetEnvironment=PYTHONHOME",))
    title = f"Take PYTHONHOME, set at {home.where}, out of the environment"
    yield Remedy(name="unset-pythonhome", code=CODE, title=title, why=why, changes=(line,), verb="start")


def _renamed(failure: ImportFailure) -> Remedy:
    """Proposed in words alone: who else imports it by its name is not known."""
    found = posixpath.dirname(failure.resolved_to) if failure.resolved_to.endswith("/__init__.py") else failure.resolved_to
    stem, suffix = posixpath.splitext(found)
    hidden = next(iter(failure.shadowed), "")
    command = join(("git", "mv", found, f"{stem}_own{suffix}"))
    why = f"it is found in place of {hidden or failure.module}"
    stays = "who else imports it by its name is not known: rename it in the repository, and correct those imports with it"
    return _by_hand("rename-shadowing-file", f"`{command}`: it shadows {failure.module}", why, stays)


def _by_hand(name: str, title: str, why: str, by_hand: str) -> Remedy:
    return Remedy(name=name, code=CODE, title=title, why=why, by_hand=by_hand, verb="start")
