"""A host on which phase 3 is complete: the founding service as it was after its recovery, and its keys watched for a minute.

``look(unit={"n_restarts": 3})`` changes its unit; ``service=`` changes what was seen of it, ``facts=`` the look itself.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from qtops.evidence.case import Case
from qtops.facts.cadence import CadenceFacts, Series
from qtops.facts.keys import KeyReading
from qtops.facts.proposals import ProposalReading
from qtops.facts.service import Facts, ServiceFacts
from qtops.phases.judging import judge
from qtops.phases.verdict import CriterionVerdict, PhaseVerdict
from qtops.settings import PHASES, Phase
from tests.evidence.cases import founding_case

UNIT: Final = "quantum-risk-proposal.service"
PHASE: Final = PHASES[2]
FAMILY: Final = "risk-proposal"
SYMBOLS: Final = ("BTCUSDT", "ETHUSDT", "SOLUSDT")


def look(unit: Mapping[str, Any] | None = None, service: Mapping[str, Any] | None = None, **facts: Any) -> Facts:
    """What was seen, with what is sick."""
    now = founding_case().now
    assert now is not None
    (seen,) = now.services
    assert seen.unit is not None
    seen = replace(seen, unit=replace(seen.unit, **(unit or {})))
    settings = replace(now.settings, phases=PHASES)
    healthy = {"settings": settings, "services": (replace(seen, **(service or {})),), "cadence": watched()}
    return replace(now, **{**healthy, **facts})


def seen() -> ServiceFacts:
    """The service of that look."""
    return look().services[0]


def at_s() -> float:
    """When its keys were read, by the clock of Redis."""
    return seen().keys[0].read_at_s


def watched(*series: Series, **sick: Any) -> CadenceFacts:
    """Every key watched for a minute, once a second; its heartbeat moves every ten."""
    now = founding_case().now
    assert now is not None
    redis = now.services[0].redis
    assert redis is not None
    each = series or tuple(moving(symbol) for symbol in SYMBOLS)
    return CadenceFacts(**{"server": redis.reading, "taken_at_s": now.taken_at_s, "series": each, **sick})


def moving(symbol: str = "BTCUSDT", every_s: float = 10.0, updates: int = 7, **sick: Any) -> Series:
    """The heartbeat of one key, as it moved."""
    now = founding_case().now
    assert now is not None
    last_s = now.taken_at_s - 1.0
    moments = tuple(last_s - every_s * back for back in reversed(range(updates)))
    healthy: dict[str, Any] = {
        "family": FAMILY, "subject": symbol, "field": "heartbeat_ms", "declared_s": 10.0, "moments_s": moments,
        "seen_at_s": tuple(moment + 0.4 for moment in moments), "texts": tuple(f"{moment * 1000:.0f}" for moment in moments),
        "watched_s": every_s * (updates - 1) + 1.0, "sampled_every_s": 1.0, "blind_s": 1.1,
    }  # fmt: skip
    return Series(**{**healthy, **sick})


def keys(change: Callable[[KeyReading], KeyReading], *symbols: str) -> tuple[KeyReading, ...]:
    """Its keys, those of these symbols changed; all where none is named."""
    return tuple(change(key) if not symbols or key.subject in symbols else key for key in seen().keys)


def aged(age_s: float) -> Callable[[KeyReading], KeyReading]:
    """A key whose newest time is so old when it is read."""
    return lambda key: replace(key, values=(f"{(key.read_at_s - age_s) * 1000:.0f}", key.values[1]))


def proposals(change: Callable[[ProposalReading], ProposalReading]) -> dict[str, Any]:
    """Its proposals, changed."""
    facts = seen().proposals
    assert facts is not None
    (last,) = facts.looks
    changed = replace(last, readings=tuple(map(change, last.readings)))
    return {"proposals": replace(facts, looks=(changed,))}


def fields(**changes: str) -> Callable[[ProposalReading], ProposalReading]:
    """A proposal with other fields."""
    return lambda reading: replace(reading, fields={**reading.fields, **changes})


def journal(*more: str, without: str = "") -> dict[str, Any]:
    """Its journal with further lines of its own, and without those that hold a text."""
    facts = seen().journal
    assert facts is not None
    kept = tuple(line for line in facts.lines if not without or without not in line.text)
    own = next(line for line in reversed(facts.lines) if line.source == "service")
    return {"journal": replace(facts, lines=(*kept, *(replace(own, text=text) for text in more)))}


def judged(facts: Facts, phase: Phase = PHASE, case: Case | None = None) -> PhaseVerdict:
    """The verdict on a phase."""
    return judge(phase, facts, case)


def about(verdict: PhaseVerdict, words: str) -> CriterionVerdict:
    """The one criterion whose title holds these words."""
    (found,) = (criterion for criterion in verdict.criteria if words in criterion.title)
    return found
