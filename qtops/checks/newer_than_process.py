"""Files that changed after the process began.

What it is: its code, its program, its unit or an environment file is newer than the running process.

Why it matters: what is on disk is not what runs. A fix that was deployed is not in force, and a fault that was deployed
is not felt yet.

What to do: restart it at a time that you choose, after a preflight; the finding says whether the next start would
succeed, as far as the files tell.
"""

from collections import Counter
from collections.abc import Iterator

from qtops.checks.next_start import blocking
from qtops.checks.standing import runs
from qtops.facts.service import ChangedFile, Facts, ServiceFacts
from qtops.facts.times import moment
from qtops.findings import Check, Finding, Severity

CHECK = Check("CODE201", "Files are newer than the process", Severity.WARNING, ("systemd", "process"), role="note")


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding. Unit files that systemd has not read again are UNIT216's."""
    unit = service.unit
    if unit is None or not runs(unit):
        return
    changed = [file for file in service.changed if file.kind != "unit" or not unit.need_daemon_reload]
    replaced = service.process is not None and service.process.exe_deleted
    if not changed and not replaced:
        return
    counts = Counter(file.kind for file in changed)
    if replaced and not counts["program"]:
        counts["program"] = 1
    evidence = list(_newest(changed, facts.taken_at_s))
    evidence += [f"its program was replaced under it: {service.process.exe}"] if replaced and service.process else []
    evidence += [f"it began at {moment(service.process.started_s, facts.taken_at_s)}"] if service.process else []
    evidence.append(_next(service))
    told = ", ".join(f"{kind} {count}" for kind, count in counts.items())
    remedy = f"`qtops preflight {unit.fragment_path or service.subject}`, then `systemctl restart {service.subject}`"
    yield CHECK.finding(service.subject, f"what it runs is older than what is on disk ({told})", tuple(evidence), remedy)


def _newest(changed: list[ChangedFile], now_s: float) -> Iterator[str]:
    """The newest file of each kind, and how many there are besides."""
    for kind in dict.fromkeys(file.kind for file in changed):
        files = sorted((file for file in changed if file.kind == kind), key=lambda file: -file.changed_s)
        more = f", and {len(files) - 1} more" if len(files) > 1 else ""
        yield f"{kind}: {files[0].path} changed at {moment(files[0].changed_s, now_s)}{more}"


def _next(service: ServiceFacts) -> str:
    if service.start is None or (service.start.imports and service.start.imports.unknown):
        return "whether the next start would succeed could not be told"
    found = blocking(service)
    if found:
        return f"the next start would fail: {found[0].code}: {found[0].summary}"
    return "the next start would succeed, as far as the files tell"
