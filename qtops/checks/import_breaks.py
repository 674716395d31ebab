"""An import that ends the program before it does anything.

What it is: walking the start as Python would, one import of the project finds nothing, the wrong package, or a module
that lacks the name; the last line of the traceback is predicted. The interpreter's own words never say which package
won and which one lost.

Why it matters: the service exits with status 1 on every start, systemd tries again until the start limit, and it
stays down.

What to do: the remedy names the smallest change that makes every import of this start resolve. Where an edit of
sys.path stands in the way, that is the edit to remove: PYTHONPATH is searched after it.
"""

from collections.abc import Iterator

from qtops.checks.import_remedies import pythonpath, remedy
from qtops.facts.preflight import ImportFailure, StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("IMPORT101", "An import of the project breaks", Severity.CRITICAL, ("imports",))
SHOWN_ENTRIES = 8  # of sys.path: the standard library's own, at the end, explain nothing


def check(start: StartFacts) -> Iterator[Finding]:
    """One finding per import that is not caught."""
    for failure in start.imports.failures if start.imports else ():
        if failure.kind != "syntax_error" and not failure.distribution:
            yield CHECK.finding(
                start.subject, _summary(failure), tuple(_evidence(failure, start)), remedy(failure, start), where=_where(failure)
            )


def _where(failure: ImportFailure) -> str:
    return failure.resolves_without or failure.where


def _summary(failure: ImportFailure) -> str:
    told = f"{failure.message or f'{failure.module} cannot be imported'} at {failure.where or 'the start'}"
    if not failure.resolves_without:
        return told
    file, _, line = failure.resolves_without.rpartition(":")
    edit = f"line {line}" if file == failure.importer else failure.resolves_without
    return f"{told}, because of the edit of sys.path at {edit}"


def _evidence(failure: ImportFailure, start: StartFacts) -> Iterator[str]:
    if failure.resolved_to:
        by = f", through {failure.won_by.entry or 'it'} ({failure.won_by.origin})" if failure.won_by else ""
        yield f"found instead: {failure.resolved_to}{by}"
    yield from (f"shadowed, would have served: {path}" for path in failure.shadowed)
    yield from (f"in the project, but no entry of sys.path leads there: {path}" for path in failure.elsewhere)
    yield from (f"the project has something like it: {path}" for path in failure.near)
    named = [entry.entry for entry in failure.path if entry.origin == "PYTHONPATH"]
    if failure.resolves_without and named and not failure.resolves_with:
        edit = failure.resolves_without
        yield f"PYTHONPATH ({':'.join(named)}) is right, and overridden: it is searched after what the edit at {edit} puts first"
    changes = [f"without the edit at {failure.resolves_without}"] if failure.resolves_without else []
    changes += [f"with {failure.resolves_with} on PYTHONPATH"] if failure.resolves_with else []
    if changes:
        yield f"{' and '.join(changes)} every import of this start resolves"
    yield from _pythonpath(failure, start)
    yield from (f"sys.path[{i}] = {entry.entry!r} ({entry.origin})" for i, entry in enumerate(failure.path[:SHOWN_ENTRIES]))


def _pythonpath(failure: ImportFailure, start: StartFacts) -> Iterator[str]:
    """Who says what PYTHONPATH is, where that matters."""
    variable = pythonpath(start)
    if variable is None:
        return
    flag = start.imports.ignores_pythonpath if start.imports else ""
    if flag:
        yield f"PYTHONPATH at {variable.where} is ignored under {flag}; without {flag} every import of this start resolves"
    elif any(entry.origin == "PYTHONPATH" for entry in failure.path):
        replaced = f", in place of what {variable.replaces} says" if variable.replaces else ""
        yield f"PYTHONPATH is set at {variable.where}{replaced}"
