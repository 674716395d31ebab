"""The unit as it is configured: its files, who sets PYTHONPATH, and after which time systemd gives up without telling anybody."""

from collections.abc import Iterator

from qtops.chapters.looks import Look
from qtops.chapters.story import Story
from qtops.chapters.telling import counted, listed, said, text, untold
from qtops.checks.standing import ended_runs
from qtops.evidence.document import Block, Claim, Listed, Section, code, words
from qtops.facts.times import span
from qtops.facts.unit import UnitState


def sections(story: Story) -> tuple[Section, ...]:
    """Files, environment, restart policy."""
    look = story.latest
    blocks: list[Block] = []
    for file in story.case.units:
        known = f"{code(file.path)}, read {story.when(file.read_at_s)}, SHA-256 {code(file.sha256[:12])}"
        caption = f"{known}; values that may be secret are left out"
        blocks.append(text(file.text, story.citing.unit_file(file.path), caption, "ini"))
    if not blocks:
        why = "its files were not read"
        blocks.append(Listed((untold("how the unit is configured", why, f"systemctl cat {story.case.subject}"),)))
    blocks += listed((*_changed(story), *(_environment(look) if look is not None else ())))
    policy: tuple[Claim, ...] = (
        untold("its restart policy", "no look at the unit is on record", f"systemctl show {story.case.subject}"),
    )
    if look is not None:
        policy = tuple(_policy(look, story.found))
    return Section("Unit configuration", tuple(blocks)), Section("Restart policy", (Listed(policy),), 3)


def _changed(story: Story) -> Iterator[Claim]:
    """Whether the recovery changed the unit."""
    recovery, look = story.case.recovery, story.latest
    unit = look.service.unit if look is not None else None
    if recovery is None:
        return
    own = {file.path for file in story.case.units} | ({unit.fragment_path, *unit.drop_ins} if unit is not None else set())
    touched = [path for path in recovery.paths if path in own]
    if recovery.state == "refused" or not touched:
        yield said("The recovery replaced no file of this unit.", story.named("recovery"))
    else:
        yield said(f"The recovery replaced {', '.join(map(code, touched))}.", story.named("recovery"))
    if unit is not None and look is not None:
        loaded = (
            "has not read its files since they changed (`NeedDaemonReload`)" if unit.need_daemon_reload else "has read its files"
        )
        yield said(f"systemd {loaded}, in {look.taken}.", look.cites("unit"))


def _environment(look: Look) -> Iterator[Claim]:
    start = look.service.start
    if start is None:
        yield untold("which variables it is started with", "what its next start would meet was not looked at", "qtops preflight")
        return
    set_at = [known for known in start.variables if known.name == "PYTHONPATH"]
    for known in set_at:
        yield said(f"`PYTHONPATH` is set at {code(known.where)}.", look.cites("start"))
    if not set_at:
        yield said("Neither the unit nor its environment files set `PYTHONPATH`.", look.cites("start"))


def _policy(look: Look, found: Look | None) -> Iterator[Claim]:
    unit = look.service.unit
    if unit is None:
        why = words(look.diagnosis.state)
        yield untold("its restart policy", why, f"systemctl show {look.service.subject}", look.cites("unit"))
        return
    evidence = look.cites("unit")
    yield said(_arithmetic(unit), evidence)
    alerts = [other.unit for other in unit.named("OnFailure")]
    if alerts:
        yield said(f"`OnFailure=` starts {', '.join(map(code, alerts))}.", evidence)
    else:
        yield said("There is no `OnFailure=`: systemd starts nothing that would tell anybody of a failure.", evidence)
    ended = ended_runs(found.service.journal) if found is not None else ()
    first_s, last_s = (ended[0].began_s, ended[-1].ended_s) if ended else (None, None)
    if found is not None and first_s is not None and last_s is not None and last_s >= first_s:
        seen = f"{counted(len(ended), 'run')}, from the first start to the last end {span(last_s - first_s)}"
        yield said(f"Seen in the journal of the incident: {seen}.", found.cites("journal"))


def _arithmetic(unit: UnitState) -> str:
    """When systemd gives up: starts × pauses against the interval of the limit."""
    policy = f"`Restart={words(unit.restart)}`"
    if unit.restart == "no":
        return f"{policy}: systemd does not start it again after a failure."
    if unit.restart_s is None:
        return f"{policy}; its `RestartSec=` is not known."
    if not unit.interval_s or not unit.burst:
        return f"{policy}, `RestartSec=` {span(unit.restart_s)}, and no start limit: it is started again for ever."
    pauses_s = unit.burst * unit.restart_s
    told = (
        f"{policy}, `RestartSec=` {span(unit.restart_s)}, `StartLimitBurst=` {unit.burst} within {span(unit.interval_s)}: "
        f"{unit.burst} × {span(unit.restart_s)} = {span(pauses_s)} of pauses, and as long as its runs last"
    )
    if pauses_s >= unit.interval_s:
        return f"{told}. That is no less than the interval: the limit is never reached, and it is started again for ever."
    return f"{told}. If runs and pauses together stay within the interval, systemd then gives up and leaves it failed."
