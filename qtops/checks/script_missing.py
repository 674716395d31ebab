"""The script that the interpreter is to run is not there.

What it is: ExecStart names an interpreter that exists and a script, or a ``-m`` module, that does not; a relative
script is looked for in WorkingDirectory, or in / where there is none.

Why it matters: Python exits with status 2 (1 for ``-m``) before it runs a line, on every start.

What to do: correct the path in ExecStart, deploy the file, or set WorkingDirectory where the script is relative.
"""

from collections.abc import Iterator

from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT103", "The script does not exist", Severity.CRITICAL, ("tree",))


def check(start: StartFacts) -> Iterator[Finding]:
    """One finding where there is nothing to run."""
    if not start.imports or not start.imports.script_missing:
        return
    if any(path.state == "outside" for path in start.paths if path.setting in {"script", "--script"}):
        return
    evidence = [start.imports.script_missing, "systemd will say: status=2/INVALIDARGUMENT"]
    for path in start.paths:
        if path.setting in {"script", "--script"}:
            evidence += [*filter(None, [path.detail])]
            evidence += [f"did you mean {path.near}?"] if path.near else []
    yield CHECK.finding(start.subject, f"{start.script}: no such file", tuple(evidence), "Correct the path, or deploy the file")
