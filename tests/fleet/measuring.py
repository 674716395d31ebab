"""The fleet end to end: files, the collector, the checks; and what of it was found, overlooked, or said without reason."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import redis
from msgspec.structs import replace

from qtops.checks.wiring.map import Map
from qtops.checks.wiring.registry import judge_map
from qtops.checks.wiring.silence import judge as silence_of
from qtops.collectors.wiring import Request, look_at_wiring
from qtops.facts.wiring import UnitWiring, WiringFacts
from qtops.findings import Finding, Judged, Severity
from qtops.settings import RedisSettings, Settings
from tests.fleet.case import Case, Fault, Kind, State
from tests.fleet.layout import lay

RECALL: Final = 0.95
FALSE_ALARMS: Final = 0.02
CODES: Final[Mapping[Kind, tuple[str, ...]]] = {
    "no writer": ("WIRING101", "WIRING109"),
    "no reader": ("WIRING102",),
    "near miss": ("WIRING103", "WIRING108"),
    "two writers": ("WIRING104",),
    "wrong type": ("WIRING105",),
    "writer off": ("WIRING106",),
    "fields": ("WIRING107",),
    "stays": ("WIRING110",),
    "too wide": ("WIRING111",),
    "uncapped": ("WIRING112",),
}


@dataclass(frozen=True)
class Score:
    """What became of the planted faults, and of the rest."""

    found: tuple[tuple[Case, Fault], ...]
    overlooked: tuple[tuple[Case, Fault], ...]
    false: tuple[Finding, ...]
    untold: tuple[str, ...]  # programs whose unresolved names were not reported as such
    healthy_names: int
    misjudged: tuple[str, ...] = ()  # streams of which something else is said than broken, unfed, idle or unknown, as planted

    @property
    def recall(self) -> float:
        """The share of the planted faults that was found; all where there are none."""
        planted = len(self.found) + len(self.overlooked)
        return len(self.found) / planted if planted else 1.0

    @property
    def false_alarms(self) -> float:
        """Warnings without reason, for each healthy name."""
        return len(self.false) / max(1, self.healthy_names)

    @property
    def passes(self) -> bool:
        """Whether both bars are met, and nothing unresolved is passed over."""
        return self.recall >= RECALL and self.false_alarms <= FALSE_ALARMS and not (self.untold or self.misjudged)


def facts_of(root: Path, cases: Sequence[Case], redis_url: str = "") -> WiringFacts:
    """What the collector sees of the fleet below ``root``, with the states that systemd would tell."""
    lay(root, cases)
    settings = Settings(redis=RedisSettings(url=redis_url)) if redis_url else Settings()
    request = Request(sources=(str(root),), redis=bool(redis_url), redis_given=True, settings=settings)
    facts = look_at_wiring(request, lambda *_: None).wiring
    assert facts is not None
    states = {case.unit(program.name): program.state for case in cases for program in case.programs}
    return replace(facts, units=tuple(_with_state(unit, states[unit.unit]) for unit in facts.units))


def _with_state(unit: UnitWiring, state: State) -> UnitWiring:
    return replace(
        unit,
        load_state=state.load,
        active_state=state.active,
        sub_state=state.sub,
        unit_file_state=state.file,
        result=state.result,
    )


def furnish(url: str, cases: Iterable[Case]) -> None:
    """Put into Redis what the cases want to be there."""
    with redis.Redis.from_url(url) as client:
        for case in cases:
            for command in case.redis:
                client.execute_command(*command)


def score(cases: Sequence[Case], facts: WiringFacts, settings: Settings = Settings()) -> Score:
    """Judge the facts, and compare with what was planted."""
    wiring = Map(facts, settings)
    judged = judge_map(wiring)
    planted = [(case, fault) for case in cases for fault in case.faults]
    found = [(case, fault) for case, fault in planted if any(_tells(finding, fault) for finding in judged.findings)]
    false = [finding for finding in _alarms(judged) if not any(_allowed(finding, fault) for _, fault in planted)]
    unresolved = {unit.unit for unit in facts.units if unit.unresolved}
    untold = [name for case in cases for program in case.unresolved if (name := case.unit(program)) not in unresolved]
    sick = [name for _, fault in planted for name in fault.subjects]
    names = {end.name for unit in facts.units for end in unit.ends}
    well = sum(not _is_one_of(name, sick) for name in names)
    overlooked = tuple(one for one in planted if one not in found)
    return Score(tuple(found), overlooked, tuple(false), tuple(untold), well, tuple(_misjudged(cases, wiring)))


def _misjudged(cases: Sequence[Case], wiring: Map) -> Iterator[str]:
    """Only Redis tells whether a stream is silent; who it is that writes may be unknown as long as there are names that are."""
    verdicts = {name: verdict for case in cases for name, verdict in case.verdicts.items()} if wiring.facts.streams else {}
    for name, verdict in verdicts.items():
        silence = silence_of(wiring, wiring.names[name])
        if silence.state != verdict and not (silence.state == "unknown" and wiring.unresolved):
            yield f"{name} is {verdict}, not {silence.state}: {silence.why}"


def _alarms(judged: Judged) -> list[Finding]:
    return [finding for finding in judged.findings if finding.severity is not Severity.INFO]


def _tells(finding: Finding, fault: Fault) -> bool:
    return finding.code in CODES[fault.kind] and _is_on(finding, fault)


def _allowed(finding: Finding, fault: Fault) -> bool:
    return _is_on(finding, fault) and any(finding.code in CODES[kind] for kind in (fault.kind, *fault.also))


def _is_on(finding: Finding, fault: Fault) -> bool:
    return any(map(_pattern(finding.subject).fullmatch, fault.subjects)) or _is_one_of(finding.subject, fault.subjects)


def _is_one_of(name: str, planted: Iterable[str]) -> bool:
    return any(_pattern(subject).fullmatch(name) for subject in planted)


def _pattern(name: str) -> re.Pattern[str]:
    """A name whose placeholders stand for any text, placeholders of another name included."""
    return re.compile(".+".join(map(re.escape, re.split(r"<[^<>]*>", name))))
