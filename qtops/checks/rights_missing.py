"""The service's account may not enter its working directory, or execute its program.

What it is: User= (with Group= and SupplementaryGroups=) lacks the right to search a directory on the way, or to execute
the file or the interpreter in its first line: code below a home that is closed, an environment of root's own.

Why it matters: systemd gives up with status=200/CHDIR or 203/EXEC before the program runs, and by hand, as root, the same
command works.

What to do: give the account the one right that the finding names, or move code and environment to /opt or /srv.
Environment files and log files of StandardOutput= need nothing: systemd opens them as root.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT115", "The account may not enter or execute what it needs", Severity.CRITICAL, ("tree",))
ENDS_THE_START: Final = frozenset({"ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost"})
REMEDY: Final = "Give the account that right (`namei -l PATH` shows the way; chmod, chgrp, setfacl), or move it to /opt or /srv"


class Need(NamedTuple):
    """Something that a start needs and is denied."""

    obstacle: str
    setting: str
    where: str
    status: str
    severity: Severity


def check(start: StartFacts) -> Iterator[Finding]:
    """One finding per obstacle, with all that it keeps from starting."""
    needs = list(_needs(start))
    for obstacle in dict.fromkeys(need.obstacle for need in needs):
        kept = [need for need in needs if need.obstacle == obstacle]
        evidence = dict.fromkeys(f"{need.setting}= at {need.where}; systemd will say: status={need.status}" for need in kept)
        severity = max((need.severity for need in kept), key=list(Severity).index)
        yield CHECK.finding(start.subject, obstacle, tuple(evidence), REMEDY, where=kept[0].where, severity=severity)


def _needs(start: StartFacts) -> Iterator[Need]:
    """In the order in which systemd comes to them."""
    for path in start.paths:
        if path.setting == "WorkingDirectory" and path.denied:
            yield Need(path.denied, path.setting, path.where, "200/CHDIR", Severity.CRITICAL)
    for command in start.commands:
        severity = Severity.CRITICAL if command.setting in ENDS_THE_START else Severity.WARNING
        severity = Severity.INFO if command.ignore_failure else severity  # its author says that it may fail
        for file in filter(None, (command.program, command.shebang)):
            if file.denied:
                yield Need(file.denied, command.setting, command.where, "203/EXEC, Permission denied", severity)
