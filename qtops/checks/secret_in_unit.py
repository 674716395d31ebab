"""A secret in the text of a unit.

What it is: Environment= sets a variable whose name says that it is a password, token or key.

Why it matters: every user of the host may ask systemd for it (`systemctl show -p Environment`), and it goes wherever
the unit file goes.

What to do: LoadCredential=, or a file of root with mode 0600 in EnvironmentFile=; then change the secret, since it
has been readable.
"""

from collections.abc import Iterator

from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("ENV103", "A secret stands in the unit", Severity.WARNING, ("unit",), role="note")


def check(start: StartFacts) -> Iterator[Finding]:
    """One finding per variable. The value itself is not shown."""
    for variable in start.variables:
        if variable.in_unit and variable.secret_like:
            evidence = (f"Environment= at {variable.where}: any user may read it with systemctl show",)
            remedy = "Use LoadCredential=, or EnvironmentFile= with a file of mode 0600, and change the secret"
            yield CHECK.finding(start.subject, f"{variable.name} is set in the unit itself", evidence, remedy, where=variable.where)
