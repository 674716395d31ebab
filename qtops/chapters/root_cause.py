"""The root cause: the finding and what bears it, what on the host agrees with it, and what follows from it."""

from collections.abc import Iterator

from qtops.chapters.looks import Look, told
from qtops.chapters.story import Story
from qtops.chapters.telling import said, sentence, untold, verbatim
from qtops.evidence.document import Block, Claim, Listed, Paragraph, Section, code, words
from qtops.facts.preflight import ImportFailure
from qtops.findings import Finding


def sections(story: Story) -> tuple[Section, ...]:
    """Root, proof, why it worked by hand, consequences."""
    look = story.found or story.latest
    if look is None:
        why, command = "no look at the service is on record", f"qtops doctor {story.case.subject}"
        return (Section("Root cause", (Listed((untold("what the cause is", why, command),)),)),)
    root = story.root if look is story.found else look.diagnosis.root
    if root is None:
        return (Section("Root cause", (Listed((_none(look),)),)), *_consequences(root, look))
    return (
        Section("Root cause", tuple(_root(root, look))),
        Section("Proof", (Listed(tuple(_proof(root, look))),), 3),
        *_by_hand(root, look),
        *_consequences(root, look),
    )


def _none(look: Look) -> Claim:
    if look.diagnosis.symptoms or look.diagnosis.unknown or look.service.unit is None:
        why = words("; ".join(look.diagnosis.unknown) or f"{look.diagnosis.state}, and no cause of that is found")
        return untold("what the cause is", why, look.diagnosis.next_command, look.cites("unit", "journal", "start"))
    return said(f"No cause of a failure is found in {look.taken}.", look.cites("unit", "journal", "start"))


def _root(root: Finding, look: Look) -> Iterator[Block]:
    evidence = look.borne((root,))
    claims = [said(f"{code(root.code)} {words(root.summary)}.", evidence)]
    claims += [said(f"Where: {code(root.where)}.", evidence)] if root.where else []
    yield Paragraph(tuple(claims))
    failure = _failure(root, look)
    if failure is not None and failure.edited_line:
        yield verbatim((failure.edited_line,), look.cites("start"), f"{code(failure.resolves_without)}, as it was found", "python")
    if root.evidence:
        yield verbatim(root.evidence, evidence, f"What {code(root.code)} rests on; ages in it are ages at {look.taken}")


def _proof(root: Finding, look: Look) -> Iterator[Claim]:
    """What on the host agrees with the root, beside the finding itself."""
    proof = look.diagnosis.proof if root == look.diagnosis.root else ()
    for line in proof:
        yield said(f"{sentence(line)}.", look.borne((root,)), look.cites("journal"))
    failure, journal = _failure(root, look), look.service.journal
    final = journal.tracebacks[-1] if journal is not None and journal.tracebacks else None
    if failure is not None and final is not None and final.message == failure.raised:
        same = f"Predicted from the source: {code(failure.raised)}; the last line of its traceback, {look.when(final.at_s)}"
        yield said(f"{same}: {code(final.message)}. The two are the same.", look.cites("start", "journal"))
    if failure is not None and failure.resolves_without:
        line = f"The counterfactual: the same walk without {code(failure.resolves_without)} finds every import of this start."
        yield said(line, look.cites("start"))
    probe = look.service.probe
    if probe is not None:
        outcome = words(probe.said) or "raised nothing"
        yield said(
            f"{code(probe.module)}, imported in the unit's own context ({words(probe.how)}): {outcome}.", look.cites("probe")
        )
    if not proof and probe is None:
        yield untold(
            "whether it is proven", "nothing else on the host was seen to agree with it", f"qtops doctor {look.service.subject}"
        )


def _by_hand(root: Finding, look: Look) -> tuple[Section, ...]:
    """Why an import by hand would work where the service fails: PYTHONPATH is right, and searched too late."""
    failure = _failure(root, look)
    right = next((entry for entry in failure.path if entry.origin == "PYTHONPATH"), None) if failure is not None else None
    if failure is None or right is None or failure.won_by is None or not failure.resolves_without:
        return ()
    if not any(path.startswith(right.entry) for path in failure.shadowed):
        return ()
    set_at = (
        [code(known.where) for known in look.service.start.variables if known.name == "PYTHONPATH"] if look.service.start else []
    )
    claims = [
        f"`PYTHONPATH` names {code(right.entry)}{f', set at {set_at[-1]}' if set_at else ''}, and rightly: "
        f"{code(failure.shadowed[0])} is there.",
        f"{code(failure.resolves_without)} puts {code(failure.won_by.entry)} before it, so that {code(failure.resolved_to)} "
        "is found first.",
        f"An import of {code(failure.module)} by hand with that `PYTHONPATH` does not run that line: it is searched for in "
        f"{code(right.entry)} first.",
    ]
    return (Section("Why an import by hand would work", (Listed(tuple(said(line, look.cites("start")) for line in claims)),), 3),)


def _consequences(root: Finding | None, look: Look) -> tuple[Section, ...]:
    """What follows; and what kept the service down when that was something else than what was mended."""
    if root is not None and look.diagnosis.root is not None and root != look.diagnosis.root:
        down = look.diagnosis.root
        return (Section("What else kept it down", (Listed((said(f"{told(down)}.", look.borne((down,))),)),), 3),)
    if not (look.diagnosis.path or look.diagnosis.symptoms):
        return ()
    lead = "What follows from it" if look.diagnosis.root is not None else "What is seen"
    claims = tuple(said(f"{told(one)}.", look.borne((one,))) for one in look.diagnosis.symptoms)
    further = tuple(
        said(f"The next start would meet this as well: {told(one)}.", look.borne((one,))) for one in look.diagnosis.path
    )
    return (Section(lead, (Listed((*further, *claims)),), 3),)


def _failure(root: Finding, look: Look) -> ImportFailure | None:
    """The failing import that a root is about."""
    imports = look.service.start.imports if look.service.start is not None else None
    if imports is None or not root.code.startswith("IMPORT"):
        return None
    return next(iter(imports.failures), None)
