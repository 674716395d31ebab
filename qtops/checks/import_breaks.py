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

from qtops.facts.preflight import ImportFailure, StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("IMPORT101", "An import of the project breaks", Severity.CRITICAL, ("imports",))
SHOWN_ENTRIES = 8  # of sys.path: the standard library's own, at the end, explain nothing


def check(start: StartFacts) -> Iterator[Finding]:
    """One finding per import that is not caught."""
    for failure in start.imports.failures if start.imports else ():
        if failure.kind != "syntax_error" and not failure.distribution:
            yield CHECK.finding(
                start.subject, _summary(failure), tuple(_evidence(failure)), _remedy(failure), where=_where(failure)
            )


def _where(failure: ImportFailure) -> str:
    return failure.resolves_without or failure.where


def _summary(failure: ImportFailure) -> str:
    return f"{failure.message} at {failure.where or 'the start'}"


def _evidence(failure: ImportFailure) -> Iterator[str]:
    if failure.resolved_to:
        by = f", through {failure.won_by.entry} ({failure.won_by.origin})" if failure.won_by else ""
        yield f"found instead: {failure.resolved_to}{by}"
    yield from (f"shadowed, would have served: {path}" for path in failure.shadowed)
    yield from (f"in the project, but no entry of sys.path leads there: {path}" for path in failure.elsewhere)
    named = [entry.entry for entry in failure.path if entry.origin == "PYTHONPATH"]
    if failure.resolves_without and named and not failure.resolves_with:
        edit = failure.resolves_without
        yield f"PYTHONPATH ({':'.join(named)}) is right, and overridden: it is searched after what the edit at {edit} puts first"
    changes = [f"without the edit at {failure.resolves_without}"] if failure.resolves_without else []
    changes += [f"with {failure.resolves_with} on PYTHONPATH"] if failure.resolves_with else []
    if changes:
        yield f"{' and '.join(changes)} every import of this start resolves"
    yield from (f"sys.path[{i}] = {entry.entry!r} ({entry.origin})" for i, entry in enumerate(failure.path[:SHOWN_ENTRIES]))


def _remedy(failure: ImportFailure) -> str:
    setting = f"set PYTHONPATH={failure.resolves_with} in the unit" if failure.resolves_with else ""
    if failure.resolves_without:
        line = f": {failure.edited_line}" if failure.edited_line else ""
        return f"Remove the edit of sys.path at {failure.resolves_without}{line}" + (f"; and {setting}" if setting else "")
    if setting:
        return f"S{setting[1:]}"
    if failure.kind == "shadowed":
        return f"Rename {failure.resolved_to}, or bring {failure.shadowed[0]} forward on sys.path"
    if failure.kind == "name_missing":
        return (
            f"{failure.resolved_to} binds no {failure.name}: correct the name at {failure.where}, or deploy the version that has it"
        )
    if failure.kind == "circular":
        return f"Move the import at {failure.where} into the function that needs it, or what both modules need into a third"
    return f"Deploy the file that holds {failure.module}, or correct the import at {failure.where}"
