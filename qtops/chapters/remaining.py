"""Failed services of the host that remain, and what remains to be done."""

from collections.abc import Iterator

from qtops.chapters.criteria import OWN_HAND, criteria
from qtops.chapters.criteria import remaining as found
from qtops.chapters.story import Story
from qtops.chapters.telling import UNTOLD, said, untold, verbatim
from qtops.evidence.document import Block, Claim, Listed, Paragraph, Row, Section, Table, code, words
from qtops.facts.host import FailedUnit

LISTING = "systemctl --failed"


def failed_services(story: Story) -> Section:
    """Units that systemd calls failed, against those of before."""
    failed, before = story.case.failed, story.case.failed_before
    now, then = story.named("failed/now"), story.named("failed/before")
    blocks: list[Block] = []
    if failed is None:
        blocks.append(Listed((untold("which services are failed", "the list was not read", LISTING, now),)))
    elif not failed:
        blocks.append(Paragraph((said("systemd lists no failed unit, at the time of writing.", now),)))
    else:
        blocks.append(Table(("Unit", "Result", "Since", "Description"), tuple(_row(one, story) for one in failed)))
    if before is None:
        why = "no list of failed units from before is on record"
        blocks.append(Listed((untold("which were failed before", why, "", then),)))
    elif failed is not None:
        lines = list(_difference(before, failed))
        if lines:
            blocks.append(verbatim(lines, (*then, *now), "Failed units, before (-) and at the time of writing (+)", "diff"))
        else:
            blocks.append(Paragraph((said("No unit was failed before either.", then, now),)))
    return Section("Failed services remaining", tuple(blocks))


def _row(one: FailedUnit, story: Story) -> Row:
    since = story.when(one.since_s) if one.since_s is not None else "could not tell"
    own = " (this service)" if one.name == story.case.subject else ""
    return Row((code(one.name) + own, words(one.result), since, words(one.description)), story.named("failed/now"), "bad")


def _difference(before: tuple[FailedUnit, ...], failed: tuple[FailedUnit, ...]) -> Iterator[str]:
    then, now = {one.name for one in before}, {one.name for one in failed}
    for name in sorted(then | now):
        yield f"{' ' if name in then and name in now else '-' if name in then else '+'} {name}"


def next_steps(story: Story) -> Section:
    """What remains to be done, the most urgent first, each with what it follows from."""
    steps = (*_unended(story), *_strangers(story), *_findings(story), *_recovery(story), *_recurrence(story), *_doubts(story))
    if not steps and story.latest is not None:
        steps = (said("Nothing that was looked at asks for anything.", story.latest.cites("host", "unit", "journal", "start")),)
    elif not steps:
        steps = (untold("what is to be done next", "no look at the service is on record", f"qtops doctor {story.case.subject}"),)
    return Section("Next steps", (Listed(steps, numbered=True),))


def _findings(story: Story) -> Iterator[Claim]:
    look = story.latest
    if look is None:
        return
    wrong = found(look)
    root = look.diagnosis.root
    if root is not None:
        command, book = code(f"qtops recover {look.service.subject}"), code(f"qtops explain {root.code}")
        yield said(
            f"Mend {code(root.code)}: {words(root.remedy)}. {command} shows the plan, {book} the runbook.", look.borne((root,))
        )
    for one in wrong:
        if one != root:
            book = code(f"qtops explain {one.code}")
            yield said(f"{code(one.code)} {words(one.summary)}: {words(one.remedy)} ({book}).", look.borne((one,)))
    for one in look.diagnosis.notes:
        if one not in wrong:
            yield said(f"Worth knowing, {code(one.code)}: {words(one.summary)}. {words(one.remedy)}.", look.borne((one,)))
    own = next((known.off for known in look.facts.settings.services if known.unit == look.service.subject), {})
    for one in look.diagnosis.off:
        why = words((look.facts.settings.off | own).get(one.code, ""))
        yield said(f"Off by decision ({why}), {code(one.code)}: {words(one.summary)}.", look.borne((one,)), look.cites("settings"))


def _unended(story: Story) -> Iterator[Claim]:
    """A recovery that was begun comes before all else."""
    recovery = story.case.recovery
    if recovery is not None and recovery.state == "begun":
        command = f"qtops recover {recovery.unit} --resume"
        yield said(f"End the recovery: {code(command)}, or with `--undo`.", story.named("recovery"))


def _strangers(story: Story) -> Iterator[Claim]:
    """Another writer of its keys undoes whatever was recovered."""
    for one in criteria(story):
        if one.title == OWN_HAND:
            yield said(f"Find what else writes its keys, by {code('qtops map')}: {one.seen}.", one.evidence)


def _recovery(story: Story) -> Iterator[Claim]:
    recovery = story.case.recovery
    if recovery is None:
        return
    if story.case.patch and recovery.state == "verified":
        text = "Commit the patch: the change was made on this host, and no record shows it in the repository."
        yield said(text, story.named("patch", "recovery"))
    elif recovery.state == "verified" and recovery.paths:
        why = "no patch for a repository is on record"
        yield untold("whether the change outlives the next deployment", why, f"git log -- {recovery.paths[0]}")
    if recovery.state in {"verified", "undo failed"}:
        command = f"qtops recover {recovery.unit} --undo {recovery.id}"
        gone = ", ".join(code(one.path) for one in story.case.backups if one.trouble)
        but = f", which cannot put back {gone}: its backup is not to be had" if gone else ""
        yield said(f"Should it have to go back: {code(command)}{but}.", story.named("recovery", "backups"))


def _recurrence(story: Story) -> Iterator[Claim]:
    others, own = story.case.recoveries, story.case.recovery
    if not others:
        return
    same = [one for one in others if own is not None and one.fingerprint == own.fingerprint]
    noun = "recovery" if len(others) == 1 else "recoveries"
    again = ": see what brings it back" if same else ""
    text = f"On record: {len(others)} other {noun} of this unit, {len(same)} of the same fault{again}."
    yield said(text, story.named("recoveries"))


def _doubts(story: Story) -> Iterator[Claim]:
    """What could not be told, or had."""
    for why in story.lacking:
        yield Claim(f"{UNTOLD}{words(why)}", story.named("case"))
    look = story.latest
    for why in look.diagnosis.unknown if look is not None else ():
        yield Claim(f"{UNTOLD}{words(why)}", look.cites("unit", "journal", "start", "events") if look is not None else ())
