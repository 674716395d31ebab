"""An import that fails and is caught, so that a feature is off without a word.

What it is: ``try: import x`` with ``except ImportError`` around it, where the import does fail in this start.

Why it matters: nothing is logged, the service runs, and what it turned off is missed only when it is needed: a
package that was never deployed has kept an exit rule off for weeks.

What to do: where the module is the project's own, deploy it or put it on sys.path. Where it is an optional
distribution, install it or leave it: a finding about those is for information alone.
"""

from collections.abc import Iterator

from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("IMPORT102", "A guarded import fails", Severity.WARNING, ("imports",), role="note")


def check(start: StartFacts) -> Iterator[Finding]:
    """One finding per import that fails and is caught."""
    for guarded in start.imports.guarded if start.imports else ():
        names = ", ".join(guarded.switched_off)
        effect = f"which decides {names} without a word" if names else "which is passed over without a word"
        evidence = [guarded.message, *([f"found instead: {guarded.found}"] if guarded.found else [])]
        evidence += [f"would have served: {path}" for path in guarded.would_serve]
        if guarded.own:
            severity, remedy = (
                Severity.WARNING,
                f"Deploy {guarded.module} or make it importable, and log in the handler that it is not there",
            )
        else:
            severity, remedy = (
                Severity.INFO,
                f"Nothing where {guarded.module} is optional; otherwise install it in the unit's interpreter",
            )
        summary = f"the guarded import of {guarded.module} at {guarded.where} fails, {effect}"
        yield CHECK.finding(start.subject, summary, tuple(evidence), remedy, where=guarded.where, severity=severity)
