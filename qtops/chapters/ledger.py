"""What the entries of the ledger say of one recovery: when each thing was done, and what came of each step."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from qtops.evidence.case import Entry
from qtops.facts.text import printable
from qtops.facts.times import span
from qtops.proof.moments import Name

Outcome = Literal["not begun", "begun", "done", "failed", "undone"]
_OUTCOMES: Final[dict[str, Outcome]] = {
    "step begun": "begun", "step done": "done", "step failed": "failed", "step undoing": "done", "step undone": "undone",
}  # fmt: skip
BACKWARDS: Final = frozenset({"proof failed", "step failed"})  # after these qtops itself goes back


class Result(NamedTuple):
    """What came of one step."""

    outcome: Outcome
    begun_s: float | None = None
    ended_s: float | None = None
    why: str = ""

    @property
    def took(self) -> str:
        """How long it took, where both ends are known and in order."""
        if self.begun_s is None or self.ended_s is None or self.ended_s < self.begun_s:
            return ""
        took_s = self.ended_s - self.begun_s
        return f"{took_s * 1000:.0f} ms" if took_s < 1 else span(took_s)


def recorded(entries: Sequence[Entry]) -> Iterator[tuple[Name, float]]:
    """The moments that it holds, as ``qtops.proof.moments`` wants them."""
    for entry in entries:
        match entry.event:
            case "noticed" | "diagnosed" | "verified" | "undone":
                yield entry.event, entry.at_s
            case "step done" if "path" in entry.detail:
                yield "patched", entry.at_s
            case "step done" if "starts" in entry.detail:
                yield "restarted", entry.at_s


def result(entries: Sequence[Entry], step: int) -> Result:
    """What came of a step, counted from 0."""
    own = [entry for entry in entries if entry.step == step and entry.event in _OUTCOMES]
    if not own:
        return Result("not begun")
    begun_s = next((entry.at_s for entry in own if entry.event == "step begun"), None)
    ended_s = next((entry.at_s for entry in own if entry.event in {"step done", "step failed"}), None)
    why = next((str(entry.detail["why"]) for entry in reversed(own) if entry.detail.get("why")), "")
    return Result(_OUTCOMES[own[-1].event], begun_s, ended_s, printable(why))


def went_back(entries: Sequence[Entry]) -> bool:
    """Whether qtops itself put everything back, rather than somebody later, after it had been verified."""
    last = next((entry.event for entry in reversed(entries) if entry.event in {"verified", *BACKWARDS}), "")
    return last != "verified"


def in_words(entry: Entry) -> str:
    """One entry as a line of a timeline."""
    detail = entry.detail
    about = [str(detail[name]) for name in ("verb", "path", "code", "why") if detail.get(name)]
    step = f"step {entry.step + 1} " if entry.step is not None else ""
    event = entry.event.removeprefix("step ") if entry.step is not None else entry.event
    if entry.event == "begun":
        about = [_listed(detail.get(name)) for name in ("codes", "remedies")] + [f"by {detail.get('by', '?')}"]
    return f"{step}{event}" + (f": {', '.join(filter(None, about))}" if about else "")


def _listed(value: object) -> str:
    """A list in the detail of an entry; whatever else a stranger's evidence may hold in its place says nothing."""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else ""
