"""What a recovery changed: each step with its command, its reason and what came of it, the diffs, and the way back."""

from collections.abc import Iterator
from shlex import join

from qtops.chapters.ledger import Result, result
from qtops.chapters.story import Story
from qtops.chapters.telling import cut, said, text, untold
from qtops.evidence.document import Block, Claim, Listed, Paragraph, Row, Section, Table, code, words
from qtops.facts.recovery import RecoveryRecord
from qtops.steps import FileState, Replace, Step

STATES = {
    "begun": "It has not ended, as far as the ledger says.",
    "verified": "The ledger calls it verified; the criteria below are judged again.",
    "undone": "Everything was put back afterwards.",
    "undo failed": "Putting it back failed: a person must look.",
    "refused": "It was refused: nothing was changed.",
}


def sections(story: Story) -> tuple[Section, ...]:
    """The recovery, its steps, and the patch for the repository."""
    recovery = story.case.recovery
    if recovery is None:
        why = "no recovery of it is on record here, and changes by hand are on no record"
        gap = untold("what was changed", why, f"qtops recover {story.case.subject} --list")
        return (Section("What was changed", (Listed((gap,)),)),)
    return (
        Section("What was changed", (Listed(tuple(_recovery(recovery, story))),)),
        *_steps(story),
        Section("Way back and patch", tuple(_after(recovery, story)), 3),
    )


def _recovery(recovery: RecoveryRecord, story: Story) -> Iterator[Claim]:
    evidence = story.named("recovery", "ledger")
    ended = f", ended {story.when(recovery.ended_s)}" if recovery.ended_s is not None else ""
    yield said(f"Recovery {code(recovery.id)}, begun {story.when(recovery.begun_s)} by {code(recovery.by)}{ended}.", evidence)
    codes, remedies = (", ".join(map(code, names)) or "none" for names in (recovery.codes, recovery.remedies))
    yield said(f"To mend {codes}, by {remedies}. {STATES[recovery.state]}", evidence)
    if recovery.why:
        yield said(f"Why it ended so: {words(recovery.why)}.", evidence)
    if not story.case.entries:
        yield untold("which steps were carried out", "the case holds no entries of the ledger", "qtops recover --list")
    elif not story.was_changed:
        yield said("Nothing was changed: the ledger holds no step that was carried out.", story.named("ledger"))


def _steps(story: Story) -> Iterator[Section]:
    plan = story.case.plan
    if plan is None:
        gap = untold("what each step was, and its diff", "the plan of the recovery is not on record")
        yield Section("Steps", (Listed((gap,)),), 3)
        return
    for number, step in enumerate(plan.steps):
        yield Section(f"Step {number + 1}: {code(cut(join(step.command)))}", tuple(_step(number, step, story)), 3)


def _step(number: int, step: Step, story: Story) -> Iterator[Block]:
    planned, entries = story.named("plan"), story.case.entries
    claims = [said(f"Why: {words(step.why)}.", planned)]
    claims.append(_outcome(result(entries, number), story) if entries else untold("what came of it", "the ledger is not on record"))
    if step.effect:
        claims.append(said(f"Effect, as planned: {words(step.effect)}.", planned))
    if isinstance(step.action, Replace):
        claims.append(said(f"Backup: {_backup(step.action, story)}.", story.named("plan", "recovery", "backups")))
    if step.risk:
        claims.append(said(f"Risk: {words(step.risk)}.", planned))
    claims.append(said(f"Way back: {words(step.way_back) or 'there is none'}.", planned))
    yield Listed(tuple(claims))
    if step.diff:
        yield text(step.diff, planned, "What it changes; `\\r` stands for a carriage return", "diff")


def _outcome(found: Result, story: Story) -> Claim:
    evidence = story.named("ledger")
    began = f", begun {story.when(found.begun_s)}" if found.begun_s is not None else ""
    took = f", took {found.took}" if found.took else ""
    why = f": {words(found.why)}" if found.why else ""
    return said(f"Result: {found.outcome}{began}{took}{why}.", evidence)


def _backup(action: Replace, story: Story) -> str:
    if action.before is None:
        return "none, there was no such file"
    recovery, digest = story.case.recovery, action.before.sha256
    folder = recovery.folder if recovery is not None else "the folder of the recovery"
    kept = next((one for one in story.case.backups if (one.path, one.sha256) == (action.path, digest)), None)
    found = "" if kept is None else f"; NOT TO BE HAD: {words(kept.trouble)}" if kept.trouble else "; it is there, with this hash"
    return f"{code(f'{folder}/{digest}')}, named by its hash{found}"


def _after(recovery: RecoveryRecord, story: Story) -> Iterator[Block]:
    if recovery.state in {"verified", "begun", "undo failed"}:
        told = f"{code(f'qtops recover {recovery.unit} --undo {recovery.id}')} puts everything back, from the backups."
        if gone := [code(one.path) for one in story.case.backups if one.trouble]:
            told = f"Not everything can be put back: the backup of {', '.join(gone)} is not to be had."
    else:
        told = "There is nothing to put back."
    yield Paragraph((said(told, story.named("recovery", "plan", "backups")),))
    if story.case.patch:
        yield text(story.case.patch, story.named("patch"), "The same change for the repository", "diff")
    else:
        yield Listed((untold("the same change as a patch", "none is on record: no repository of these files is known to it"),))


def files(story: Story) -> Block:
    """Every file that was replaced, with its hashes, its mode and its backup."""
    plan = story.case.plan
    actions = [step.action for step in plan.steps if isinstance(step.action, Replace)] if plan is not None else []
    if plan is None:
        why = "no plan of a recovery is on record"
        return Listed((untold("which files were modified", why, f"qtops recover {story.case.subject} --list"),))
    if not actions:
        return Paragraph((said("The plan replaces no file.", story.named("plan")),))
    rows = [
        Row((code(one.path), _hashes(one), _mode(one.after), _backup(one, story)), story.named("plan", "recovery", "backups"))
        for one in actions
    ]
    return Table(("File", "SHA-256 before → after, as planned", "Mode and owner", "Backup"), tuple(rows))


def _hashes(action: Replace) -> str:
    return f"{code(action.before.sha256[:12]) if action.before is not None else 'no file'} → {code(action.after.sha256[:12])}"


def _mode(state: FileState) -> str:
    return f"{code(f'{state.mode:04o}')} {state.uid}:{state.gid}"
