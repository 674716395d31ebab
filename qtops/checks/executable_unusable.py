"""A program in ExecStart, or in one of its kin, that cannot be executed.

What it is: the file does not exist, a link on the way to it leads nowhere (a virtual environment whose base Python is
gone), it is a directory, or nobody has the right to execute it.

Why it matters: systemd gives up before the program runs, with status=203/EXEC. The message names the path and not the
link that is broken; systemd 255 says nothing at all.

What to do: create the virtual environment again, correct the path, or `chmod +x` the file.
"""

from collections.abc import Iterator
from typing import Final

from qtops.facts.preflight import CommandFact, StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT101", "A program cannot be executed", Severity.CRITICAL, ("tree",))
ENDS_THE_START = frozenset(
    {"ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost", "--python"}
)  # others fail later, or aside

OF_A_SHELL: Final = frozenset({"cd", "source", "export", "exec", "set", "ulimit", "umask", "eval"})  # no programs


def check(start: StartFacts) -> Iterator[Finding]:
    """One finding per program."""
    for command in start.commands:
        program = command.program
        trouble = _trouble(command)
        if not trouble:
            continue
        evidence = [program.detail] if program.detail else []
        evidence += [f"did you mean {program.near}?"] if program.near else []
        evidence.append(f"{command.setting}= at {command.where}; systemd will say: status=203/EXEC")
        severity = Severity.CRITICAL if command.setting in ENDS_THE_START else Severity.WARNING
        severity = Severity.INFO if command.ignore_failure else severity  # its author says that it may fail
        yield CHECK.finding(
            start.subject, f"{program.path} {trouble}", tuple(evidence), _remedy(command), where=command.where, severity=severity
        )


def _trouble(command: CommandFact) -> str:
    match command.program.state:
        case "missing":
            return "does not exist"
        case "broken_link":
            return "is a link that leads nowhere"
        case "directory" | "other":
            return "is no regular file"
        case "file" if not command.program.executable:
            return "is not executable"
    return ""


def _remedy(command: CommandFact) -> str:
    path = command.program.path
    if path.rpartition("/")[2] in OF_A_SHELL:
        return f"{command.setting}= is read by no shell: put /bin/bash -c and quotes around the line, or use WorkingDirectory="
    if command.program.state == "file":
        return f"chmod +x {path}"
    if command.program.state == "broken_link" and "/bin/python" in path:
        return f"Create the virtual environment again: its link {command.program.detail} has lost its target"
    return f"Install {path}, or correct {command.setting}= at {command.where}"
