"""The service's account may not read its script.

What it is: User= lacks the right to read the file that Python is to run, or to search a directory on the way to it:
code that was copied as root under a strict umask, or lies below a closed home.

Why it matters: Python exits with status 2 before it runs a line, on every start; by hand, as root, the script runs.

What to do: give the account the right that the finding names (`chgrp -R`, `chmod -R g+rX`), and look at the rest of the
code as well: what was copied together is closed together.
"""

from collections.abc import Iterator

from qtops.checks.rights_missing import REMEDY
from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT116", "The account may not read the script", Severity.CRITICAL, ("tree",))


def check(start: StartFacts) -> Iterator[Finding]:
    """At most one finding; none where the same obstacle keeps the program itself from starting."""
    earlier = {path.denied for path in start.paths if path.setting == "WorkingDirectory"}
    earlier |= {file.denied for command in start.commands for file in (command.program, command.shebang) if file is not None}
    for path in start.paths:
        if path.setting == "script" and path.denied and path.denied not in earlier:
            said = f"Python will say: can't open file '{path.path}': [Errno 13] Permission denied"
            evidence = (said, "systemd will say: status=2/INVALIDARGUMENT")
            yield CHECK.finding(start.subject, path.denied, evidence, REMEDY, where=path.where)
