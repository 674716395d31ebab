"""One look at a host, with everything that checks say of it, asked once."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final

from msgspec.structs import replace

from qtops.checks.cadence import registry as cadence
from qtops.checks.events import registry as events
from qtops.checks.proposals import registry as proposals
from qtops.checks.registry import BY_CODE, SOURCES
from qtops.checks.starts import CHECKS as START_CHECKS
from qtops.checks.streams import registry as streams
from qtops.checks.wiring import registry as wiring
from qtops.checks.wiring.map import Map
from qtops.diagnose import diagnose
from qtops.facts.service import Facts, ServiceFacts
from qtops.findings import Diagnosis, Judged
from qtops.phases.verdict import Source
from qtops.settings import Family, Settings

OF_STARTS: Final = frozenset(known.check.code for known in START_CHECKS)
OF_PROPOSALS: Final = frozenset(known.check.code for known in proposals.CHECKS)
OF_EVENTS: Final = frozenset(known.check.code for known in events.CHECKS)
OF_CADENCE: Final = frozenset(known.check.code for known in cadence.CHECKS)
OF_STREAMS: Final = frozenset(known.check.code for known in streams.CHECKS)
OF_WIRING: Final = frozenset(known.check.code for known in wiring.CHECKS)
_RECORDED: Final = {"systemd": "unit", "unit files": "start", "source": "start"}  # sources of facts, by what keeps them


class Look:
    """What is judged: facts, and the verdicts of the checks on them."""

    def __init__(self, facts: Facts) -> None:
        self.facts, self.settings = facts, facts.settings
        self._diagnoses: dict[str, Diagnosis] = {}

    def service(self, unit: str) -> ServiceFacts | None:
        """What was seen of a unit; None where nobody looked."""
        return next((service for service in self.facts.services if service.subject == unit), None)

    def diagnosis(self, service: ServiceFacts) -> Diagnosis:
        """What is wrong with it."""
        if service.subject not in self._diagnoses:
            (self._diagnoses[service.subject],) = diagnose(replace(self.facts, services=(service,)))
        return self._diagnoses[service.subject]

    def cadence(self, service: ServiceFacts) -> Judged:
        """What is found of how often its keys were updated."""
        facts = self.facts.cadence
        if facts is None:
            return Judged()
        own = replace(facts, series=tuple(series for series in facts.series if series.family in service.families))
        return cadence.judge(own, self.off(service))

    @cached_property
    def streams(self) -> Judged:
        """What is found of streams."""
        return streams.judge(self.facts.streams, self.settings) if self.facts.streams is not None else Judged()

    @cached_property
    def map(self) -> Map | None:
        """The map of writers and readers; None where no source was looked through."""
        return Map(self.facts.wiring, self.settings) if self.facts.wiring is not None else None

    @cached_property
    def wiring(self) -> Judged:
        """What is found of that map."""
        return wiring.judge_map(self.map) if self.map is not None else Judged()

    def off(self, service: ServiceFacts) -> Settings:
        """The settings with the checks that are switched off for this service."""
        own = next((known.off for known in self.settings.services if known.unit == service.subject), {})
        return replace(self.settings, off=self.settings.off | own)

    def families(self, service: ServiceFacts) -> tuple[Family, ...]:
        """The families that it writes, as far as they are configured."""
        known = {family.name: family for family in self.settings.families}
        return tuple(known[name] for name in service.families if name in known)

    def lack(self, service: ServiceFacts, *sources: str) -> str:
        """Why some of these sources could not be read; empty where all were."""
        gone = [missing.told for missing in (*self.facts.missing, *service.missing) if missing.source in sources]
        return "; ".join(dict.fromkeys(gone))


def sources_of(code: str, unit: str) -> tuple[Source, ...]:
    """Where a check has its facts from."""
    return tuple(dict.fromkeys(_sources(code, unit)))


def _sources(code: str, unit: str) -> Iterator[Source]:
    if code in OF_EVENTS:
        yield unit, "events"
    elif code in OF_PROPOSALS:
        yield unit, "proposals"
    elif code in OF_CADENCE:
        yield "", "cadence"
    elif code in OF_STREAMS:
        yield "", "streams"
    elif code in OF_WIRING:
        yield "", "wiring"
    elif code in OF_STARTS:
        yield unit, "start"
    elif code in BY_CODE:
        for need in BY_CODE[code].check.needs:
            source = SOURCES.get(need, need)
            yield unit, _RECORDED.get(source, source)
