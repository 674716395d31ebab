"""A script that only defines things, started as if it ran for ever.

What it is: the file that ExecStart runs holds imports of the standard library, functions, classes and constants, and
nothing that calls them.

Why it matters: it exits with status 0 at once. With Restart=always it is started again and again; with
Restart=on-failure it is simply not running, and is not among the failed units either.

What to do: call its main function under `if __name__ == "__main__":`, or start the module that does.
"""

from collections.abc import Iterator

from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("CODE102", "The script ends at once", Severity.CRITICAL, ("imports",))


def check(start: StartFacts) -> Iterator[Finding]:
    """At most one finding, for services that are to stay."""
    if start.exits_at_once and start.type not in {"oneshot", "forking"}:
        evidence = (
            "it defines things and calls none of them",
            f"Type={start.type}, Restart={start.restart.restart}: status=0, again and again",
        )
        remedy = f"Call the main function at the end of {start.script}, or start the module that does"
        yield CHECK.finding(
            start.subject, f"{start.script} exits with status 0 at once", evidence, remedy, where=start.exits_at_once
        )
