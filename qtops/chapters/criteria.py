"""The criteria by which an incident counts as over: those of the proof, judged anew, and how the service is since.

Each is answered from recorded facts alone. What the ledger concluded at the time is no evidence of anything.
"""

from collections.abc import Collection, Iterator
from typing import Final

from qtops.chapters.looks import Look, told
from qtops.chapters.story import Story
from qtops.chapters.telling import cited, said
from qtops.checks.keys_stale import CHECK as KEYS_STALE
from qtops.checks.proposals.view import view
from qtops.diagnose import DOWN
from qtops.evidence.document import Cites, Claim, Criteria, Criterion, Paragraph, Section, code, words
from qtops.facts import recovery
from qtops.findings import Finding, Severity

TITLES: Final = {
    "one process": "It stayed up: one process of one invocation for the whole settle time",
    "no restart": "systemd did not start it again by itself",
    "no new traceback": "The journal of its new invocation holds no traceback",
    "check clear": "The check that found the trouble is clear on fresh facts",
    "fresh": "Every key that it writes is within its age limits",
    "sane": "Nothing critical is wrong with what it publishes",
    "written by the new process": "What it publishes is written by the process that was started",
}
CLEAR_NOW: Final = "The latest look finds neither the fault nor anything critical"
OWN_HAND: Final = "What it publishes in the latest look is written by the process that runs"
SINCE_S: Final = 5.0  # a time of writing this long after the process began is none of the process before it
NO_GUARD: Final = "No risk guard is in force"
OF_THE_SYSTEM: Final = "EVENT"  # codes of what concerns everything, and is no fault of one service
_CODES: Final = {"no new traceback": ("LOG201",), "fresh": (KEYS_STALE.code,), "one process": ("UNIT201", "UNIT203")}


def criteria(story: Story) -> tuple[Criterion, ...]:
    """All of them, in the order in which they are told. Without a recovery only those of the latest look."""
    return (*_proven(story), *_since(story))


def section(story: Story) -> Section:
    """The check boxes, and by what they were judged."""
    found = criteria(story)
    blocks: list[Paragraph | Criteria] = []
    if story.after is not None and story.proof is not None:
        text = f"Judged again from the recorded facts of {story.after.taken}. Ages in what was seen are ages at that look."
        blocks.append(Paragraph((said(text, story.after.cites("host", "unit"), story.named("settling")),)))
    if not found:
        blocks.append(Paragraph((Claim("could not tell: whether anything holds: no look at the service is on record", ()),)))
    return Section("Criteria", (*blocks, *((Criteria(found),) if found else ())))


def remaining(look: Look) -> tuple[Finding, ...]:
    """What is wrong in a look, as far as anybody has to do something about it."""
    return tuple(finding for finding in look.diagnosis.findings if finding.severity is not Severity.INFO)


def critical(look: Look) -> tuple[Finding, ...]:
    """What is critical of the service itself. A guard is a criterion of its own."""
    grave = (finding for finding in remaining(look) if finding.severity is Severity.CRITICAL)
    return tuple(finding for finding in grave if not finding.code.startswith(OF_THE_SYSTEM))


def _proven(story: Story) -> Iterator[Criterion]:
    if story.case.recovery is None or story.case.recovery.state == "refused":
        return
    if story.proof is None:
        for title in TITLES.values():
            yield Criterion(title=title, holds="could not tell", seen=words(story.unproven), evidence=())
        return
    for one in story.proof.criteria:
        codes = story.codes if one.name == "check clear" else _CODES.get(one.name, ())
        yield Criterion(
            title=TITLES.get(one.name, one.name), holds=one.holds, seen=words(one.evidence), evidence=_evidence(story, one),
            codes=codes,
        )  # fmt: skip


def _evidence(story: Story, criterion: recovery.Criterion) -> Cites:
    before, after = story.before, story.after
    if before is None or after is None:
        return ()
    match criterion.name:
        case "one process" | "no restart":
            return cited(story.named("settling"), after.cites("unit"), before.cites("unit"))
        case "no new traceback":
            return cited(after.cites("journal", "unit"))
        case "check clear":
            return cited(story.named("plan"), after.cites("unit", "start", "journal", "changed"), before.cites("unit", "start"))
        case "fresh":
            return after.cites("keys", "redis")
        case "sane":
            return after.cites("proposals", "redis")
        case _:
            return cited(after.cites("keys", "proposals", "process", "unit"), before.cites("keys", "unit"), story.named("settling"))


def _since(story: Story) -> Iterator[Criterion]:
    """How it is in the latest look, and whether a guard is in force."""
    look = story.latest
    if story.case.now is not None and story.now is None:  # an older look says nothing of how it is since
        seen = words(f"that look is not at {story.case.subject} on {story.case.host}")
        yield Criterion(title=CLEAR_NOW, holds="could not tell", seen=seen, evidence=story.named("now/host"))
        return
    if look is None:
        return
    yield _clear_now(look, story.codes if look.name == "now" and story.case.recovery is not None else ())
    yield from _strangers(look)
    if look.service.events is not None or look.writes_proposals:
        yield _no_guard(look)


def _strangers(look: Look) -> Iterator[Criterion]:
    """Asked where a proposal of the latest look names another writer than the process that runs, since that process began.

    Not where several services are declared to write the same: then each names its own.
    """
    unit, process, proposals = look.service.unit, look.service.process, look.service.proposals
    if unit is None or not unit.main_pid or unit.exec_main_start_s is None or proposals is None or not proposals.looks:
        return
    others = [one for one in look.facts.settings.services if one.unit != look.service.subject]
    if process is None or process.processes != 1 or any(set(one.families) & set(look.service.families) for one in others):
        return
    strange = [
        f"{code(one.reading.key)} by {code(writer)}"
        for one in map(view, proposals.looks[-1].readings)
        if (writer := one.reading.fields.get("publisher_id", "")).rpartition(":")[0] == look.facts.host
        and writer != f"{look.facts.host}:{unit.main_pid}"
        and (one.alive_at_s or 0.0) > unit.exec_main_start_s + SINCE_S
    ]
    if strange:
        more = f" and {len(strange) - 3} more" if len(strange) > 3 else ""
        seen = f"in {look.taken}: {', '.join(strange[:3])}{more}, and its process is {unit.main_pid}"
        yield Criterion(title=OWN_HAND, holds="no", seen=seen, evidence=look.cites("proposals", "process", "unit"))


def _clear_now(look: Look, mended: Collection[str]) -> Criterion:
    """``mended``: codes that were found before, and are not to come back, however grave they are by now."""
    again = tuple(finding for finding in look.diagnosis.findings if finding.code in mended)
    condition, grave = look.diagnosis.condition, tuple(dict.fromkeys((*again, *critical(look))))
    if condition in DOWN and not grave and look.diagnosis.root is not None:
        grave = (look.diagnosis.root,)  # a mask is a warning, and it is down for it
    unread = [missing.told for missing in (*look.facts.missing, *look.service.missing)]
    evidence = look.cites("host", "unit", "journal", "start", "process", "redis", "keys", "proposals")
    holds: recovery.Answer = "yes"
    seen = f"in {look.taken}: {look.stands}; nothing critical is found"
    if grave or condition in DOWN:
        holds = "no"
        seen = f"in {look.taken}: {look.stands}; " + ("; ".join(map(told, grave)) or "it is down, and no check tells why")
    elif condition in {"unknown", "starts"} or unread:
        holds = "could not tell"
        why = "; ".join(dict.fromkeys(unread)) or look.stands
        seen = f"in {look.taken}: {words(why)}"
    codes = tuple(dict.fromkeys(finding.code for finding in grave))
    return Criterion(title=CLEAR_NOW, holds=holds, seen=seen, evidence=evidence, codes=codes)


def _no_guard(look: Look) -> Criterion:
    guards, evidence = look.guards, look.cites("events") or look.cites("host")
    if guards is None:
        seen = f"risk events could not be read in {look.taken}"
        return Criterion(title=NO_GUARD, holds="could not tell", seen=seen, evidence=evidence)
    if guards:
        seen = f"in {look.taken}: " + ", ".join(code(guard.name) for guard in guards)
        return Criterion(title=NO_GUARD, holds="no", seen=seen, evidence=evidence, codes=("EVENT101",))
    unread = [reading.key for reading in look.service.events.guards if reading.present is None] if look.service.events else []
    if unread:
        seen = f"in {look.taken}: {', '.join(map(code, unread))} could not be read"
        return Criterion(title=NO_GUARD, holds="could not tell", seen=seen, evidence=evidence, codes=("EVENT101",))
    return Criterion(title=NO_GUARD, holds="yes", seen=f"none in {look.taken}", evidence=evidence, codes=("EVENT101",))
