"""The service's account may not read the code that its script imports.

What it is: User= lacks the right to read a module, or to list the directory that it is in: a package that was copied as
root under a strict umask, a distribution that `sudo pip install` put into the environment.

Why it matters: Python says "No module named", of a module that is there for everybody who looks, and root's own try
succeeds.

What to do: give the account the one right that the finding names, for the whole folder; what was copied together is
closed together.
"""

from collections.abc import Iterator

from qtops.checks.rights_missing import REMEDY
from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT117", "The account may not read its code", Severity.WARNING, ("tree",))


def check(start: StartFacts) -> Iterator[Finding]:
    """At most one finding; none where the same obstacle keeps the script from being read."""
    earlier = {path.denied for path in start.paths if path.setting != "import"}
    for path in start.paths:
        if path.setting == "import" and path.denied and path.denied not in earlier:
            evidence = (f"{path.path} is imported", "Python will say that it finds no such module, or: Permission denied")
            yield CHECK.finding(start.subject, path.denied, evidence, REMEDY, where=path.path)
