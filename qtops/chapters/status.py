"""The word for how an incident stands, and the exit code of its report.

It follows from the criteria, and from what the ledger says was done; the first that fits counts:

- UNDO FAILED (2): neither mended nor as it was, a person must look.
- ROLLED BACK (2): a step or its proof failed, and qtops put everything back.
- UNDONE (2): it was verified, and somebody took it back.
- RECURRED (2): it was verified, and a later look finds the same fault.
- OPEN (2): the service is sick, or a recovery has not ended, or what the ledger calls verified does not hold when judged again.
- UNVERIFIED (3): a criterion could not be told, and none is known not to hold.
- RECOVERED (0): every criterion of the proof was judged again and holds, and the latest look finds nothing critical.
- CLEAR (0): that look finds nothing critical, and nothing was changed by a recovery.

The last two are marred (1) by ", GUARD IN FORCE": nothing is in order until a risk guard ends; or by ", FINDINGS REMAIN": warnings.
"""

from typing import Final, NamedTuple

from qtops.chapters import criteria as judged
from qtops.chapters.ledger import went_back
from qtops.chapters.story import Story
from qtops.chapters.telling import UNTOLD, cited
from qtops.evidence.document import Claim, Criterion, Tone, code, words

GUARDED: Final = ", GUARD IN FORCE"
MARRED: Final = ", FINDINGS REMAIN"


class Status(NamedTuple):
    """How an incident stands, in a word, and why."""

    word: str
    tone: Tone
    exit_code: int
    claim: Claim


def status(story: Story) -> Status:
    """The status of an incident."""
    known = judged.criteria(story)
    taken_back = _taken_back(story, known)
    if taken_back is not None:
        return taken_back
    failing = [one for one in known if one.holds == "no" and one.title != judged.NO_GUARD]
    if failing:
        return _status(*_sick(story), "bad", 2, failing)
    if story.case.recovery is not None and story.case.recovery.state == "begun":
        return Status(
            "OPEN", "bad", 2, Claim("The recovery was begun and has not ended, as far as the ledger says.", _ledger(story))
        )
    doubtful = [one for one in known if one.holds == "could not tell"]
    if doubtful or not known:
        return _status("UNVERIFIED", "What could not be told", "doubtful", 3, doubtful)
    return _in_order(story, known)


def _sick(story: Story) -> tuple[str, str]:
    """OPEN or RECURRED, and the words for it."""
    is_verified = story.case.recovery is not None and story.case.recovery.state == "verified"
    is_proven = story.proof is not None and story.proof.is_proven
    is_later = story.now is not None and any(finding.code in story.codes for finding in story.now.diagnosis.findings)
    if (is_verified or is_proven) and is_later:
        return "RECURRED", "It was verified, and the same fault is found again"
    if is_verified and not is_proven and story.proof is not None:
        return "OPEN", "The ledger calls it verified, and judged again it is not"
    if is_proven:
        return "OPEN", "The recovery holds when it is judged again, and something else does not"
    return "OPEN", "What does not hold"


def _taken_back(story: Story, known: tuple[Criterion, ...]) -> Status | None:
    """The status of a recovery that was taken back, or could not be."""
    recovery = story.case.recovery
    if recovery is None or recovery.state not in {"undone", "undo failed"}:
        return None
    why = f" Why: {words(recovery.why)}." if recovery.why else ""
    holds = next((f" {_since(one)}." for one in known if one.title == judged.CLEAR_NOW), "")
    evidence = cited(_ledger(story), *(one.evidence for one in known if one.title == judged.CLEAR_NOW))
    if recovery.state == "undo failed":
        return Status(
            "UNDO FAILED", "bad", 2, Claim(f"What was changed could not be put back: a person must look.{why}{holds}", evidence)
        )
    if went_back(story.case.entries):
        return Status("ROLLED BACK", "bad", 2, Claim(f"qtops put everything back as it was.{why}{holds}", evidence))
    return Status("UNDONE", "doubtful", 2, Claim(f"It was verified, and taken back later.{why}{holds}", evidence))


def _in_order(story: Story, known: tuple[Criterion, ...]) -> Status:
    """RECOVERED or CLEAR, and what mars it."""
    is_recovered = story.case.recovery is not None and story.case.recovery.state != "refused"
    word = "RECOVERED" if is_recovered else "CLEAR"
    guards = [one for one in known if one.title == judged.NO_GUARD and one.holds == "no"]
    if guards:
        return _status(word + GUARDED, "Every other criterion holds, and nothing is in order until its end", "doubtful", 1, guards)
    left = judged.remaining(story.latest) if story.latest is not None else ()
    evidence = cited(*(one.evidence for one in known))
    count = f"All {len(known)} criteria hold" if len(known) > 1 else "Its one criterion holds"
    text = f"{count}, judged again from the recorded facts."
    if left and story.latest is not None:
        codes = ", ".join(dict.fromkeys(f"{code(finding.code)}" for finding in left))
        return Status(word + MARRED, "doubtful", 1, Claim(f"{text} Still found: {codes}.", evidence))
    return Status(word, "good", 0, Claim(text, evidence))


def _status(word: str, lead: str, tone: Tone, exit_code: int, known: list[Criterion]) -> Status:
    told = "; ".join(map(_told, known)) or "no look at the service is on record"
    evidence = cited(*(one.evidence for one in known))
    return Status(word, tone, exit_code, Claim(f"{lead}: {told}." if evidence else f"{UNTOLD}{told}.", evidence))


def _told(one: Criterion) -> str:
    """A criterion and what was seen of it; of the latest look the codes, which are told of further below."""
    if one.title == judged.CLEAR_NOW and one.codes:
        return f"{one.title} ({', '.join(map(code, one.codes))})"
    return f"{one.title}: {one.seen}"


def _since(one: Criterion) -> str:
    """How the service is in the latest look, after what was changed was put back."""
    match one.holds:
        case "yes":
            return f"{one.title}"
        case "no":
            return f"It is sick: {', '.join(map(code, one.codes)) or one.seen}"
        case _:
            return f"How it is now could not be told: {one.seen}"


def _ledger(story: Story) -> tuple[str, ...]:
    return story.named("ledger", "recovery")
