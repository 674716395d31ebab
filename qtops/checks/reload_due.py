"""The unit's files are newer than what systemd has read.

What it is: a unit file or a drop-in changed on disk and `systemctl daemon-reload` has not been run since
(NeedDaemonReload).

Why it matters: what everybody reads in the file is not what is in force; the next restart uses the old text, and the
next reload, perhaps by a package upgrade at night, the new one.

What to do: `systemctl daemon-reload`, then a restart at a time that you choose.
"""

from collections.abc import Iterator

from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT216", "A daemon-reload is due", Severity.WARNING, ("systemd",), role="note")


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding."""
    unit = service.unit
    if unit is None or not unit.need_daemon_reload or unit.load_state == "bad-setting":  # systemd says so of each that has drop-ins
        return
    changed = [file for file in service.changed if file.kind == "unit"]
    evidence = [f"{file.path} changed at {moment(file.changed_s, facts.taken_at_s)}" for file in changed]
    evidence = evidence or [path for path in (unit.fragment_path, *unit.drop_ins) if path] or ["NeedDaemonReload=yes"]
    remedy = f"`systemctl daemon-reload`, then `systemctl restart {service.subject}`; preflight the unit first"
    yield CHECK.finding(
        service.subject,
        "its unit files changed, and systemd has not read them again",
        tuple(evidence),
        remedy,
        where=_where(evidence),
    )


def _where(evidence: list[str]) -> str:
    return evidence[0].split(" changed at ")[0] if evidence[0].startswith("/") else ""
