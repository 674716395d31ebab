"""A file that Python refuses to read.

What it is: the entry script, or a module that it imports, has a syntax error for the Python version of the unit's
interpreter; conflict markers of an unfinished merge are the usual case.

Why it matters: the service exits with status 1 on every start. Python prints no "Traceback" line for it, so searches
for that word in the journal miss it.

What to do: open the file at the line named, finish the merge or correct the line, and compile it with the unit's own
interpreter (``INTERPRETER -m py_compile FILE``) before it is deployed.
"""

from collections.abc import Iterator

from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("CODE101", "A source file has a syntax error", Severity.CRITICAL, ("imports",))


def check(start: StartFacts) -> Iterator[Finding]:
    """One finding for the first file that cannot be compiled."""
    imports = start.imports
    for failure in imports.failures if imports else ():
        if imports and failure.kind == "syntax_error":
            importer = f"imported at {failure.where}" if failure.where else "the entry script itself"
            evidence = (importer, f"read as Python {imports.version}" if imports.version else "read as this Python")
            file = failure.resolved_to or start.script
            where = f"{file}:{failure.broken_line}" if failure.broken_line else file
            yield CHECK.finding(
                start.subject, f"{failure.message or 'SyntaxError'} in {where}", evidence, f"Correct {where}", where=where
            )
