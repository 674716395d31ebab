"""One look at one service as chapters use it: its facts, the diagnosis that they lead to, and the records that hold them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from msgspec.structs import replace

from qtops.chapters.telling import cited
from qtops.checks.events.timeline import Guard, guards
from qtops.checks.registry import BY_CODE
from qtops.diagnose import diagnose
from qtops.evidence.case import Case
from qtops.evidence.citing import Citing
from qtops.evidence.document import Cites, code, words
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment
from qtops.findings import Diagnosis, Finding
from qtops.proof.published import families_of

Name = Literal["before", "after", "now"]
LOOKS: Final[tuple[Name, ...]] = ("before", "after", "now")
MEANT: Final[dict[Name, str]] = {"before": "as it was found", "after": "as it was afterwards", "now": "as it was last seen"}
_RECORDS: Final = {"systemd": "unit", **{name: name for name in ("journal", "process", "redis", "keys", "proposals")}}
"""Which record holds what a check needs; all else is of the next start."""


@dataclass(frozen=True)
class Look:
    """A service at one moment. Ages are counted from ``now_s``, when the report is made."""

    name: Name
    facts: Facts
    service: ServiceFacts
    diagnosis: Diagnosis
    now_s: float
    citing: Citing

    def cites(self, *sources: str) -> Cites:
        """The records of these sources: "unit", "journal", "start", "process", "keys", "proposals", "events" …."""
        return cited(*(self.citing.of(self.name, self.service.subject, source) for source in sources))

    def borne(self, findings: Iterable[Finding]) -> Cites:
        """The records that findings rest on, by what their checks need."""
        return cited(*(self.cites(*_needs(finding.code)) for finding in findings))

    def when(self, at_s: float) -> str:
        """A moment in UTC, and its age."""
        return moment(at_s, self.now_s)

    @property
    def taken(self) -> str:
        """Which look it is, and when it was taken."""
        return f"the look {code(self.name)} ({MEANT[self.name]}), {self.when(self.facts.taken_at_s)}"

    @property
    def stands(self) -> str:
        """How the unit stood, in a line whose age is counted as all others here: not from the look."""
        unit = self.service.unit
        if unit is None:
            return words(self.diagnosis.state)
        since = f" since {self.when(unit.state_changed_s)}" if unit.state_changed_s is not None else ""
        return words(f"{unit.active_state} ({unit.sub_state}){since}")

    @property
    def writes_proposals(self) -> bool:
        """Whether it writes risk proposals, as far as is configured."""
        return any(family.content == "risk-proposal" for family in families_of(self.service, self.facts.settings))

    @property
    def guards(self) -> tuple[Guard, ...] | None:
        """The guards in force; None where events were not read."""
        events = self.service.events
        if events is None or events.server.state != "ok":
            return None
        return tuple(guard for guard in guards(events) if guard.in_force)


def look(case: Case, name: Name, citing: Citing, subject: str = "") -> Look | None:
    """A look of a case at one service; None where it was not taken, or is of another service or host."""
    facts: Facts | None = getattr(case, name)
    if facts is not None and facts.host != case.host:
        return None
    wanted = subject or case.subject
    service = next((one for one in facts.services if one.subject == wanted), None) if facts is not None else None
    if facts is None or service is None:
        return None
    (diagnosis,) = diagnose(replace(facts, services=(service,)))
    return Look(name, facts, service, diagnosis, case.made_at_s, citing)


def told(finding: Finding) -> str:
    """A finding in one line: its code, what it is, and where."""
    where = f" ({code(finding.where)})" if finding.where and finding.where not in finding.summary else ""
    return f"{code(finding.code)} {words(finding.summary)}{where}"


def in_force(guard: Guard) -> str:
    """How a guard is in force: its events and its key may contradict each other."""
    if guard.by_events and guard.by_key is False:
        return "in force by its events, though its key is gone, so that nothing is held back by it,"
    if guard.by_key and guard.by_events is False:
        return "in force by its key, though by its events it is over,"
    return "in force"


def _needs(name: str) -> tuple[str, ...]:
    if name.startswith("EVENT"):
        return ("events",)
    known = BY_CODE.get(name)
    if known is None:
        return ("unit",)
    return tuple(dict.fromkeys(_RECORDS.get(need, "start") for need in known.check.needs))
