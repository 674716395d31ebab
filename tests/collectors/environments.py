"""The effective environment of a service, as a collector gets it."""

from collections.abc import Mapping

from qtops.unitfile.diagnostics import Origin
from qtops.unitfile.variables import Secret, Variable

FILE = "/etc/app.env"


def environment(**values: str) -> Mapping[str, Variable]:
    """Variables, one a line."""
    return {name: Variable(name, Secret(text), Origin(FILE, line)) for line, (name, text) in enumerate(values.items(), 1)}
