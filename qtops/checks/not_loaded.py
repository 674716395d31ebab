"""A unit that systemd cannot load.

What it is: LoadState is not-found (no such file), masked (a link to /dev/null), bad-setting or error (the file cannot
be used).

Why it matters: nothing starts it, Result is success, there is no line in its journal and `systemctl --failed` does not
list it.

What to do: correct the name or deploy the file; `systemctl unmask` what is masked by mistake; `systemd-analyze verify`
names the line at fault.
"""

from collections.abc import Iterator

from qtops.checks.standing import UP, is_wanted
from qtops.facts.journal import JournalFacts
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.unit import UnitState
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT206", "systemd cannot load the unit", Severity.CRITICAL, ("systemd",))
SHOWN = 3  # of systemd's reproaches: the first of them ends the reading
LOADED = frozenset({"loaded", "merged", "stub"})


def check(service: ServiceFacts, _: Facts) -> Iterator[Finding]:
    """At most one finding. That a unit which nothing wants is masked is somebody's decision: a warning."""
    unit = service.unit
    if unit is None or unit.load_state in LOADED:
        return
    runs_on = unit.active_state in UP
    is_decision = runs_on or (unit.load_state == "masked" and not is_wanted(unit) and not service.families)
    summary, remedy = _told(unit)
    links = [path for path in service.start.paths if path.setting == "unit file"] if service.start else []
    if links:
        remedy = f"Deploy what {links[0].path} leads to and `systemctl daemon-reload`; or remove the link"
    if runs_on:
        gone = {"not-found": "its unit file is gone", "masked": "it is masked"}.get(unit.load_state, "its unit cannot be loaded")
        summary = f"it runs, and {gone}: once it ends, nothing starts it again"
        remedy = (
            f"Before it ends: {remedy}" if unit.load_state == "masked" else f"Deploy {unit.name}, and `systemctl daemon-reload`"
        )
    evidence = [f"LoadState={unit.load_state}", *filter(None, [unit.load_error, unit.fragment_path])]
    evidence += [f"{link.detail}, which is not there" for link in links]
    evidence += _reproaches(service.journal)
    severity = Severity.WARNING if is_decision else Severity.CRITICAL
    yield CHECK.finding(service.subject, summary, tuple(dict.fromkeys(evidence)), remedy, severity=severity)


def _reproaches(journal: JournalFacts | None) -> list[str]:
    """What systemd said of the file when it read it."""
    if journal is None:
        return []
    told = [(event.at_s, event.text) for event in journal.events if event.kind == "unit_file"]
    told += [(line.at_s, line.text) for line in journal.lines if line.source == "systemd" and "Refusing" in line.text]
    return [text for _, text in sorted(set(told))][-SHOWN:]


def _told(unit: UnitState) -> tuple[str, str]:
    if unit.load_state == "not-found":
        stem = unit.name.partition("@")[0].removesuffix(".service")
        look = f"`systemctl list-unit-files '*{stem.rpartition('-')[2]}*'`"
        return f"systemd knows no unit {unit.name}", f"Correct the name ({look}), or deploy the file and `systemctl daemon-reload`"
    if unit.load_state == "masked":
        return "the unit is masked: nothing can start it", f"`systemctl unmask {unit.name}`, unless it is masked for a reason"
    verify = f"`systemd-analyze verify {unit.fragment_path or unit.name}` names the line; then `systemctl daemon-reload`"
    return f"systemd refuses the unit: {unit.load_error or unit.load_state}", f"Correct the unit: {verify}"
