"""What to do where systemd, or the process, is behind what is on disk."""

from collections.abc import Iterator

from qtops.facts.service import Facts, ServiceFacts
from qtops.findings import Finding
from qtops.steps import Remedy


def reload_due(finding: Finding, service: ServiceFacts, _: Facts) -> Iterator[Remedy]:
    """UNIT216: the reload alone leaves the process as it is; a restart besides puts the new text into force."""
    changed = finding.where or service.subject
    why = f"{changed} changed, and systemd starts what it read before; the process that runs is left alone"
    yield Remedy(name="daemon-reload", code=finding.code, title=f"Have systemd read {changed} again", why=why, verb="")
    if service.unit is not None and service.unit.main_pid:
        yield Remedy(
            name="daemon-reload-and-restart",
            code=finding.code,
            title=f"Have systemd read {changed} again, and restart {service.subject}",
            why="the process that runs was started from the old text: only a new one has the new",
        )


def code_changed(finding: Finding, service: ServiceFacts, _: Facts) -> Iterator[Remedy]:
    """CODE201: a restart, where the files tell that it would succeed."""
    imports = service.start.imports if service.start else None
    why, stays = f"{finding.summary}; the next start would succeed, as far as the files tell", ""
    if service.start is None or (imports is not None and imports.unknown):
        why, stays = finding.summary, "whether the next start would succeed could not be told: `qtops preflight` it first"
    title = f"Restart {service.subject} on what is on disk"
    yield Remedy(name="restart", code=finding.code, title=title, why=why, by_hand=stays)


def not_loaded(finding: Finding, service: ServiceFacts, _: Facts) -> Iterator[Remedy]:
    """UNIT206: where the files have been mended since, systemd has only to read them."""
    unit, found = service.unit, service.start
    if unit is None:
        return
    is_well = found is not None and found.loads and bool(found.commands) and not found.missing
    is_well = is_well and found is not None and all(setting.effect != "refused" for setting in found.settings)
    if is_well:
        why = f"as it is on disk now systemd can use it; what it found before it could not: {unit.load_error or unit.load_state}"
        title = f"Have systemd read {unit.fragment_path or unit.name} again"
        yield Remedy(name="daemon-reload", code=finding.code, title=title, why=why, verb="start")
    else:
        stays = "whether the unit is to be there, and what it is to say, is for whoever deploys it"
        yield Remedy(name="deploy-unit", code=finding.code, title=finding.remedy, why=finding.summary, by_hand=stays)
