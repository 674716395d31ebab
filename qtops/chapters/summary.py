"""What stands right below the title: how it stands and why, how long it took, the cause, and what is not in order."""

from collections.abc import Iterator
from typing import Final

from qtops.chapters.looks import in_force, told
from qtops.chapters.problem import left
from qtops.chapters.status import Status
from qtops.chapters.story import Story
from qtops.chapters.telling import UNTOLD, cited, said, untold
from qtops.evidence.document import Claim, code, words
from qtops.facts.times import span

LACKING: Final = 3  # of what could not be had; the next steps name all of it


def summary(story: Story, status: Status) -> tuple[Claim, ...]:
    """The claims of the summary, the status first."""
    claims = (
        *_service(story),
        *_cause(story),
        *_durations(story),
        *_restarted(story),
        *_alarms(story),
        *_lacking(story),
        *_left(story, status),
    )
    return (status.claim, *claims)


def _restarted(story: Story) -> Iterator[Claim]:
    """Whether what runs now is still what was verified."""
    after, now = story.after, story.now
    if after is None or now is None or after.service.unit is None or now.service.unit is None:
        return
    then, unit = after.service.unit, now.service.unit
    if not (then.main_pid and unit.main_pid) or (then.main_pid, then.invocation_id) == (unit.main_pid, unit.invocation_id):
        return
    since = f", {story.when(unit.exec_main_start_s)}" if unit.exec_main_start_s is not None else ""
    counted = f"NRestarts {then.n_restarts} → {unit.n_restarts}"
    text = f"What runs now is not the process that was looked at after the recovery ({then.main_pid}): it was started again{since}"
    yield said(f"{text} ({counted}).", after.cites("unit"), now.cites("unit"))


def _lacking(story: Story) -> Iterator[Claim]:
    """What should be on record, and could not be had: without it less is told than there was."""
    for why in story.lacking[:LACKING]:
        yield Claim(f"{UNTOLD}{words(why)}.", story.named("case"))


def _service(story: Story) -> Iterator[Claim]:
    look, subject = story.latest, code(story.case.subject)
    if look is None:
        yield untold(f"how {subject} is", "no look at it is on record", f"qtops doctor {story.case.subject}")
    elif look.service.unit is None:
        yield untold(f"how {subject} is", words(look.diagnosis.state), f"systemctl status {story.case.subject}", look.cites("unit"))
    else:
        yield said(f"{subject} on {code(look.facts.host)}: {look.stands}, in {look.taken}.", look.cites("unit"))


def _cause(story: Story) -> Iterator[Claim]:
    look, root = story.found, story.root
    if look is not None and root is not None:
        as_of = f", as of the look {code(look.name)}" if " ago)" in root.summary else ""  # ages in it are counted from there
        yield said(f"Cause: {told(root)}{as_of}.", look.borne((root,)))


def _durations(story: Story) -> Iterator[Claim]:
    """Durations between moments on record; none where their order shows that a clock was set."""
    failed_s, noticed_s, begun_s = story.at("failed"), story.at("noticed"), story.at("patched") or story.at("restarted")
    if not story.is_trouble:
        return
    if failed_s is None:
        source = next((one.source for one in story.moments if one.name == "failed"), "nothing tells")
        yield untold("how long it lasted", f"since when is not known: {words(source)}", f"journalctl -u {story.case.subject}")
        return
    yield said(f"{story.fell.capitalize()} {story.when(failed_s)}.", story.borne("failed"))
    ends = [
        ("First noticed", "noticed", noticed_s),
        ("Verified", "verified", story.at("verified")),
        ("Undone", "undone", story.at("undone")),
    ]
    for word, name, at_s in ends:
        if at_s is not None and at_s >= failed_s:
            evidence = cited(story.borne("failed"), story.borne(name))
            yield said(f"{word}, by the ledger, {story.when(at_s)}, {span(at_s - failed_s)} after it {story.fell}.", evidence)
    verified_s = story.at("verified")
    if begun_s is not None and verified_s is not None and verified_s >= begun_s:
        text = f"From the first change to its verification: {span(verified_s - begun_s)}."
        yield said(text, cited(story.borne("patched"), story.borne("restarted"), story.borne("verified")))


def _alarms(story: Story) -> Iterator[Claim]:
    """Guards in force, times out of order, and what is still found."""
    for look in story.looks:
        for guard in look.guards or ():
            until = f", until {look.when(guard.until_s)}" if guard.until_s is not None else ""
            yield said(f"Guard {code(guard.name)} was {in_force(guard)} in {look.taken}{until}.", look.cites("events"))
    for line in story.disorders:
        every = story.timed
        yield said(f"Times out of order: {words(line)}.", every)
    own = story.case.recovery
    for one in story.case.recoveries:
        if own is not None and own.ended_s is not None and one.fingerprint == own.fingerprint and one.begun_s > own.ended_s:
            text = f"Of the same fault another recovery was begun later: {code(one.id)}, {one.state}, {story.when(one.begun_s)}."
            yield said(text, story.named("recoveries", "recovery"))


def _left(story: Story, status: Status) -> Iterator[Claim]:
    """What is still found of a service that is called in order; of a sick one the status says it."""
    latest = story.latest
    if latest is not None and status.tone != "bad":
        for line in left(latest)[:5]:
            yield said(f"Still found in {latest.taken}: {line}.", latest.cites("unit", "journal", "keys", "proposals", "events"))
