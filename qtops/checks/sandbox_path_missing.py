"""A path that the sandbox is to change does not exist.

What it is: ReadWritePaths= or one of its kin names a path that is not there, without a leading `-`.

Why it matters: systemd cannot set up the service's view of the file system and gives up with status=226/NAMESPACE.

What to do: create the path, let systemd create it (StateDirectory=, LogsDirectory=), or write `-/path` where it may
be missing.
"""

from collections.abc import Iterator

from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT108", "A path of the sandbox does not exist", Severity.CRITICAL, ("tree",))
SETTINGS = ("ReadWritePaths", "ReadOnlyPaths", "InaccessiblePaths", "ExecPaths", "NoExecPaths", "BindPaths", "BindReadOnlyPaths")


def check(start: StartFacts) -> Iterator[Finding]:
    """One finding per path."""
    for path in start.paths:
        if path.setting in SETTINGS and not path.made and path.state in {"missing", "broken_link"}:
            evidence = (*filter(None, [path.detail]), "systemd will say: Failed to set up mount namespacing; status=226/NAMESPACE")
            remedy = f"Create {path.path}, or write {path.setting}=-{path.path} at {path.where}"
            summary = f"{path.setting}={path.path}: no such path"
            yield CHECK.finding(start.subject, summary, evidence, remedy, where=path.where)
