"""A service that was recovered, as facts: it failed on an import, was started anew, publishes. A test says only what is sick."""

from typing import Any

from msgspec.structs import replace

from qtops.facts.journal import Event, JournalFacts, Line, Run
from qtops.facts.keys import ClockReading, KeyReading, ServerReading
from qtops.facts.proposals import ProposalReading
from qtops.facts.recovery import Observed, Proof, UnitSample
from qtops.facts.service import RedisFacts, ServiceFacts
from qtops.facts.unit import UnitState
from qtops.proof.effect import prove
from qtops.settings import PROPOSALS, Family, Service, Settings, TimeRule
from tests.checks import services, starts
from tests.checks.proposals.proposals import looks, reading
from tests.checks.services import NAME, NOW_S, UNIT, URL

PID = 4812
HOST = "trader-1"
NEW = "feedface" * 4
RESTARTED_S = NOW_S - 8.0
BEGAN_S = RESTARTED_S + 0.1
SETTLE_S = 5.0
CODES = ("IMPORT101",)
SERVICE = Service(name="app", unit=NAME, families=("risk-proposal",))
SETTINGS = Settings(symbols=("BTCUSDT",), services=(SERVICE,))
CLOCK = ClockReading(NOW_S, NOW_S, 0.001)
REDIS = RedisFacts(ServerReading(URL, "ok", clock=CLOCK), "REDIS_URL at /etc/app.env:3")
PLAIN = Family(name="app", pattern="app:{symbol}", times=(TimeRule(field="beat", interval_s=10, warn_s=20, critical_s=30),))

NEW_UNIT = replace(
    UNIT, main_pid=PID, invocation_id=NEW, state_changed_s=BEGAN_S, inactive_exit_s=BEGAN_S, active_enter_s=BEGAN_S,
    exec_main_start_s=BEGAN_S, condition_s=BEGAN_S, assert_s=BEGAN_S,
)  # fmt: skip
NEW_JOURNAL = JournalFacts(
    invocation=NEW,
    lines=(Line(BEGAN_S + 1, "ready", pid=PID),),
    events=(Event(BEGAN_S, "started", "Started app.service.", invocation=NEW),),
    runs=(Run(NEW, BEGAN_S, None),),
)
WRITTEN = reading(now_s=NOW_S, fields={"publisher_id": f"{HOST}:{PID}"})


def key(proposal: ProposalReading | None) -> KeyReading:
    """What the family's time rules see of a proposal; None: it is absent, and its position is open."""
    if proposal is None:
        return KeyReading(PROPOSALS.name, "BTCUSDT", WRITTEN.key, NOW_S, False, (None, None), witness=True, position="open")
    values = tuple(proposal.fields.get(rule.field) for rule in PROPOSALS.times)
    return KeyReading(PROPOSALS.name, proposal.symbol, proposal.key, proposal.read_at_s, True, values)


def proposing(facts: ServiceFacts, proposal: ProposalReading | None) -> ServiceFacts:
    """That service with this proposal published."""
    position = {"BTCUSDT": WRITTEN.position}
    there = proposal or replace(WRITTEN, present=False, fields={}, position=position["BTCUSDT"])
    return replace(facts, families=(PROPOSALS.name,), keys=(key(proposal),), proposals=looks(there))


BEFORE = proposing(replace(services.down(), start=starts.failing("missing"), redis=REDIS), None)
AFTER = proposing(
    replace(
        services.HEALTHY, unit=NEW_UNIT, journal=NEW_JOURNAL, redis=REDIS, source_changed_s=RESTARTED_S - 1,
        process=replace(services.HEALTHY.process, pid=PID, started_s=BEGAN_S),
    ),
    WRITTEN,
)  # fmt: skip


def samples(*units: UnitState | None, every_s: float = 0.25, first_s: float = RESTARTED_S + 0.2) -> tuple[UnitSample, ...]:
    """The unit again and again, one sample for each."""
    return tuple(
        UnitSample(first_s + number * every_s, unit, "" if unit else "systemd did not answer") for number, unit in enumerate(units)
    )


def observed(service: ServiceFacts = AFTER, **changes: Any) -> Observed:
    """What was seen: 25 samples within six seconds, and that service in the last look."""
    given: dict[str, Any] = {
        "restarted_at_s": RESTARTED_S, "samples": samples(*(NEW_UNIT,) * 25), "service": service, "taken_at_s": NOW_S,
        "settle_s": SETTLE_S, "host": HOST, "pids": (PID,),
    }  # fmt: skip
    return Observed(**{**given, **changes})


def proven(seen: Observed, before: ServiceFacts = BEFORE, codes: tuple[str, ...] = CODES, settings: Settings = SETTINGS) -> Proof:
    """The proof of it."""
    return prove(before, seen, codes, settings)


def answers(proof: Proof) -> dict[str, str]:
    """Every criterion's answer."""
    return {criterion.name: criterion.holds for criterion in proof.criteria}


def sick(proof: Proof) -> dict[str, str]:
    """The answers that are not yes."""
    return {name: holds for name, holds in answers(proof).items() if holds != "yes"}


def evidence(proof: Proof, name: str) -> str:
    """What one criterion says."""
    return next(criterion.evidence for criterion in proof.criteria if criterion.name == name)
