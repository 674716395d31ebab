"""A third-party distribution that the unit's interpreter does not have.

What it is: an import that is not caught names a package which neither the project nor the site-packages of the
interpreter in ExecStart hold. All of them are listed, not only the first that Python would stop at.

Why it matters: the service ends with ModuleNotFoundError on every start. It works in the shell of whoever installed
the package, since that shell uses another interpreter.

What to do: install the distributions with the unit's own interpreter (``INTERPRETER -m pip install …``), or let
ExecStart name the environment that has them.
"""

import sys
from collections.abc import Iterator

from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("IMPORT103", "A distribution is missing in the unit's interpreter", Severity.CRITICAL, ("imports",))


def check(start: StartFacts) -> Iterator[Finding]:
    """One finding that names all that are missing."""
    imports = start.imports
    missing = [failure for failure in imports.failures if failure.distribution] if imports else []
    if imports is None or not missing:
        return
    names = ", ".join(failure.module for failure in missing)
    evidence = [f"{failure.message} at {failure.where or 'the start'}" for failure in missing]
    evidence += [f"{failure.module} is installed in {place}" for failure in missing for place in failure.installed_in]
    standard = [failure.module for failure in missing if failure.module in sys.stdlib_module_names]
    homes = {failure.installed_in for failure in missing}
    remedy = f"{imports.interpreter} -m pip install the distributions that provide {names}; deploy what is the project's own"
    if standard:
        part = f"{', '.join(standard)} of the standard library"
        remedy = f"Install what {imports.interpreter} lacks: {part} (Debian: libpython3-stdlib, python3-tk, python3-distutils …)"
    if len(homes) == 1 and (home := homes.pop()):
        remedy = f"Use {home[0]}/bin/python in ExecStart, or: {remedy}"
    yield CHECK.finding(
        start.subject, f"{names}: not installed for {imports.interpreter}", tuple(evidence), remedy, where=missing[0].where
    )
