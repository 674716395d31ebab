"""A condition or assertion of the unit is not met.

What it is: a Condition…=, an Assert…= or ExecCondition= said no when the unit was last to be started.

Why it matters: systemd skips the unit. After a condition the start job even counts as done and the unit is inactive,
which is no failure; only an assertion makes the job fail.

What to do: provide what the condition looks at, or remove it from the unit. Where it is meant to switch the service off
on this host all is well.
"""

import re
from collections.abc import Iterator
from typing import Final

from qtops.checks.ending import ending
from qtops.checks.standing import is_daemon, is_wanted
from qtops.facts.journal import JournalFacts
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment
from qtops.facts.unit import ConditionFact, UnitState
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT207", "A condition of the unit is not met", Severity.WARNING, ("systemd",))
SAID: Final = re.compile(r"unmet condition check \(?(Condition\w+=.*?)\)?\.?$")
LOOKS_AT: Final = {
    "PathExists": "whether the path exists",
    "PathExistsGlob": "whether some path fits the pattern",
    "PathIsDirectory": "whether the path is a directory",
    "PathIsSymbolicLink": "whether the path is a link",
    "PathIsMountPoint": "whether something is mounted there",
    "PathIsReadWrite": "whether its file system may be written",
    "DirectoryNotEmpty": "whether the directory holds something",
    "FileNotEmpty": "whether the file holds something",
    "FileIsExecutable": "whether the file may be executed",
    "Host": "the name of this host",
    "Virtualization": "whether this is a virtual machine or a container",
    "Architecture": "the machine's architecture",
    "KernelCommandLine": "an option of the kernel's command line",
    "KernelVersion": "the version of the kernel",
    "Environment": "a variable of systemd's own environment",
    "User": "the user that the manager runs as",
    "ACPower": "whether it runs on mains",
    "FirstBoot": "whether this is the first boot",
    "NeedsUpdate": "whether /etc or /var is older than /usr",
    "Security": "a security module",
    "Capability": "a capability of the manager",
}


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding: an assertion is critical, a condition of what nothing needs is for information."""
    unit = service.unit
    if unit is None or ending(unit, service.journal).kind != "condition":
        return
    is_assert = unit.assert_s is not None and not unit.assert_result and unit.condition_result
    unmet = [fact for fact in (unit.asserts if is_assert else unit.conditions) if fact.met is False]
    names = " and ".join(map(_written, unmet)) or _unnamed(unit, service.journal, is_assert)
    tried_s = unit.assert_s if is_assert else unit.condition_s
    evidence = [f"{_written(fact)} looks at {LOOKS_AT.get(_kind(fact), 'the host')}" for fact in unmet]
    evidence += [f"last tried at {moment(tried_s, facts.taken_at_s)}"] if tried_s is not None else []
    evidence.append("the start job fails" if is_assert else "systemd skips the unit, and calls that success")
    needed = is_daemon(unit) and (is_wanted(unit) or bool(service.families))
    severity = Severity.CRITICAL if is_assert else Severity.WARNING if needed else Severity.INFO
    remedy = f"Provide what {names} asks for, or remove it from the unit; then `systemctl start {service.subject}`"
    yield CHECK.finding(
        service.subject, f"{names} is not met: systemd does not start it", tuple(evidence), remedy, severity=severity
    )


def _kind(fact: ConditionFact) -> str:
    return fact.kind.removeprefix("Condition").removeprefix("Assert")


def _written(fact: ConditionFact) -> str:
    """The line as it stands in the unit."""
    return f"{fact.kind}={'|' if fact.trigger else ''}{'!' if fact.negated else ''}{fact.argument}"


def _unnamed(unit: UnitState, journal: JournalFacts | None, is_assert: bool) -> str:
    """What systemd calls it in the journal: without D-Bus its conditions cannot be read."""
    if unit.result == "exec-condition":
        return "ExecCondition="
    for event in reversed(journal.events if journal else ()):
        if (found := SAID.search(event.text)) and not is_assert:
            return found[1]
    return "an assertion" if is_assert else "a condition"
