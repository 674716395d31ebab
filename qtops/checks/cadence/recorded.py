"""The series that recorded facts hold: those of a look of its own, or what looks at proposals and streams show besides."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec.structs import replace

from qtops.checks.cadence.forms import moments
from qtops.facts.cadence import Began, CadenceFacts, LimitFact, Series
from qtops.facts.proposals import ProposalFacts, ProposalReading
from qtops.facts.service import Facts
from qtops.facts.stream_ids import time_s
from qtops.facts.streams import StreamFacts
from qtops.settings import Family, Settings, Stream, TimeRule

MARKET_INPUTS = ("sigma", "ts", "p_trend", "p_mr", "p_chop")  # what a proposal is made from, without the times of writing
POSITION_INPUTS = ("side", "entry_price", "current_price", "mark_price", "markPrice", "current_sl", "peak_price", "trough_price")


def cadence_of(facts: Facts) -> CadenceFacts | None:
    """The series of these facts; None where they hold none. Processes whose start is known are told along."""
    starts = tuple(Began(service.subject, service.process.started_s) for service in facts.services if service.process)
    if facts.cadence is not None:
        return replace(facts.cadence, starts=(*facts.cadence.starts, *starts))
    proposals = facts.proposals or next((service.proposals for service in facts.services if service.proposals), None)
    series = [*_of_proposals(proposals, facts.settings), *_of_streams(facts.streams, facts.settings)]
    servers = [look.server for look in proposals.looks] if proposals else []
    servers += [look.server for look in facts.streams.looks] if facts.streams else []
    if not servers:
        return None
    return CadenceFacts(server=servers[-1], taken_at_s=facts.taken_at_s, series=tuple(series), starts=starts)


def limits_of(rule: TimeRule, family: str) -> tuple[LimitFact, ...]:
    """The limits that the configuration sets for one time field."""
    where = "the configuration"
    return (
        LimitFact(f"warn_s of {family} {rule.field}".rstrip(), rule.warn_s, where, "warning"),
        LimitFact(f"critical_s of {family} {rule.field}".rstrip(), rule.critical_s, where),
    )


def declared_s(stream: Stream) -> float | None:
    """The interval of a stream, where it has one."""
    return stream.interval_s if stream.kind in ("periodic", "continuous") else None


def _of_proposals(proposals: ProposalFacts | None, settings: Settings) -> Iterator[Series]:
    if proposals is None or not proposals.looks:
        return
    family = next((known for known in settings.families if known.name == proposals.family), None)
    if family is None:
        return
    seen: dict[str, list[ProposalReading]] = {}
    for look in proposals.looks:
        for reading in look.readings:
            if reading.present:
                seen.setdefault(reading.symbol, []).append(reading)
    for symbol, readings in seen.items():
        for rule in family.times:
            yield _field(family, symbol, rule, sorted(readings, key=lambda reading: reading.read_at_s))


def _field(family: Family, symbol: str, rule: TimeRule, readings: Sequence[ProposalReading]) -> Series:
    texts, seen_at_s = list[str](), list[float]()
    for reading in readings:
        text = reading.fields.get(rule.field)
        if text is not None and text not in texts[-1:]:
            texts.append(text)
            seen_at_s.append(reading.read_at_s)
    looked = [reading.read_at_s for reading in readings]
    between = sorted(later - earlier for earlier, later in pairwise(looked)) or [0.0]
    return Series(
        family=family.name, subject=symbol, field=rule.field, declared_s=rule.interval_s, moments_s=moments(tuple(texts)),
        seen_at_s=tuple(seen_at_s), texts=tuple(texts), watched_s=looked[-1] - looked[0],
        sampled_every_s=between[len(between) // 2], blind_s=between[-1],
        inputs_moved=_inputs_moved(readings), limits=limits_of(rule, family.name),
    )  # fmt: skip


def _inputs_moved(readings: Sequence[ProposalReading]) -> int | None:
    """How many times what a proposal is made from changed between the looks; None where it was not read."""
    if not any(reading.market or reading.position for reading in readings):
        return None
    inputs = [
        (*map(reading.market.get, MARKET_INPUTS), *map(reading.position.get, POSITION_INPUTS), reading.position_json)
        for reading in readings
    ]
    return sum(earlier != later for earlier, later in pairwise(inputs))


def _of_streams(streams: StreamFacts | None, settings: Settings) -> Iterator[Series]:
    if streams is None or not streams.looks:
        return
    known = {stream.name: stream for stream in settings.streams}
    for reading in streams.looks[-1].streams:
        now_s = reading.read_at_s
        times = [at_s for entry_id in reversed(reading.recent_ids) if (at_s := time_s(entry_id, now_s)) is not None]
        declared = known.get(reading.name)
        interval_s = declared_s(declared) if declared else None
        yield Series(family=reading.name, declared_s=interval_s, moments_s=tuple(times), trouble=reading.trouble)
