"""From inputs to what is written, purely: refuse, compute, decide whether it is news, and spell it out field by field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from publisher.codec import UNSTATED, MarketInput, PositionInput, Refused
from publisher.contract import HEARTBEAT_FIELDS, PROPOSAL_FIELDS, SCHEMA
from publisher.kernel import Position, Proposal, flags
from publisher.timestamps import utc_iso
from publisher.tracking import Track, follow, interleave

FUTURE_TOLERANCE_S = 5.0  # clocks of two hosts may differ; beyond this an input is from the future and refused
MOVE_THRESHOLD = 0.001  # SL or TP moved by more than 0.1 % of itself is news
CONTENT_LIFE_S = 59.5  # and so is a minute, less what two wake-ups may differ by: else the sixth cycle of 10 s misses it by chance
NUMBERS_TO_BATCH = 256  # from this many positions on, numpy's 10 MB and its conversions pay


@dataclass(frozen=True, slots=True)
class Limits:
    """How old an input may be, in seconds: twice the interval of its slowest writer."""

    market_s: float = 120.0
    position_s: float = 120.0


class Ready(NamedTuple):
    """One open position with everything the kernel needs."""

    symbol: str
    market: MarketInput
    given: PositionInput
    track: Track
    position: Position
    sl_source: str


class Candidate(NamedTuple):
    """A computed proposal, not yet written."""

    ready: Ready
    proposal: Proposal
    flags: tuple[str, ...]


class Published(NamedTuple):
    """What Redis acknowledged last for a symbol, and when by the monotonic clock."""

    side: str
    entry_price: float
    sl: float
    tp: float
    flags: tuple[str, ...]
    sources: tuple[str, str, str]
    seq: int
    at: float


def watch(given: PositionInput, track: Track | None, now_s: float, limits: Limits) -> Track | Refused:
    """Follow an open position, whatever the market state: a peak that passes while that is refused is a peak."""
    return _untimely("position", given.taken_at_s, limits.position_s, now_s) or follow(track, given, now_s)


def prepare(
    symbol: str, market: MarketInput | Refused, given: PositionInput, track: Track, now_s: float, limits: Limits
) -> Ready | Refused:
    """Put the inputs of one open position together, ``track`` after this look, or say why they will not do."""
    if isinstance(market, Refused):
        return market
    if market.taken_at_s is None:
        return Refused("missing_field", "ts_timestamp is absent: how old the market state is cannot be told")
    refused = _untimely("market state", market.taken_at_s, limits.market_s, now_s)
    if refused:
        return refused
    in_force, sl_source = given.current_sl, "position"
    if in_force is None:  # nobody says which stop is in force: the last one proposed must not be loosened
        in_force, sl_source = track.published_sl, "none" if track.published_sl is None else "published"
    position = Position(
        symbol,
        given.side,
        given.entry_price,
        given.current_price,
        track.peak_price,
        track.trough_price,
        age_sec=now_s - track.opened_at_s,
        unrealized_pnl=given.unrealized_pnl or 0.0,
        current_sl=in_force,
        current_tp=given.current_tp,
    )
    return Ready(symbol, market, given, track, position, sl_source)


def _untimely(what: str, taken_at_s: float | None, limit_s: float, now_s: float) -> Refused | None:
    if taken_at_s is None:
        return None  # one dialect of positions never states its time: said in the proposal's flags
    age_s = now_s - taken_at_s
    if age_s > limit_s:
        return Refused("stale_input", f"{what} is {age_s:.0f} s old, limit {limit_s:g} s")
    if age_s < -FUTURE_TOLERANCE_S:
        return Refused("future_input", f"{what} is from {-age_s:.0f} s in the future")
    return None


def judge(ready: Ready, proposal: Proposal) -> Candidate | Refused:
    """Name what a consumer must know. Levels that are no prices are refused."""
    found = flags(ready.market.state, ready.position, proposal)
    if "nonpositive" in found or "non_finite" in found:
        levels = f"SL {proposal.proposed_sl!r} TP {proposal.proposed_tp!r}"
        return Refused("no_price_level", f"{levels} from sigma {ready.market.state.sigma!r}")
    if ready.given.source == "synthetic":
        found += ("synthetic_position",)
    if ready.given.taken_at_s is None and ready.given.source != "synthetic":
        found += ("position_age_unstated",)
    return Candidate(ready, proposal, found)


def is_news(candidate: Candidate, last: Published | None, now: float) -> bool:
    """Whether the content must be written, rather than a heartbeat only. The threshold is relative: a price may be 0.0009."""
    if last is None or now - last.at >= CONTENT_LIFE_S:
        return True
    position, proposal = candidate.ready.position, candidate.proposal
    return (
        abs(proposal.proposed_sl - last.sl) > MOVE_THRESHOLD * abs(last.sl)
        or abs(proposal.proposed_tp - last.tp) > MOVE_THRESHOLD * abs(last.tp)
        or (position.side, position.entry_price) != (last.side, last.entry_price)
        or candidate.flags != last.flags
        or _sources(candidate) != last.sources
    )


def _sources(candidate: Candidate) -> tuple[str, str, str]:
    given = candidate.ready.given
    return candidate.ready.market.source, given.source, given.writer


def next_seq(candidate: Candidate, last: Published | None) -> int:
    """One more than the last content of this symbol, by this process or a predecessor."""
    return max(candidate.ready.track.seq, last.seq if last else 0) + 1


def proposed_track(candidate: Candidate, seq: int) -> Track:
    """The track as it is once the proposal is written."""
    return candidate.ready.track._replace(published_sl=candidate.proposal.proposed_sl, seq=seq)


def published(candidate: Candidate, seq: int, at: float) -> Published:
    """What to remember once the proposal is written."""
    position, proposal = candidate.ready.position, candidate.proposal
    levels = proposal.proposed_sl, proposal.proposed_tp
    return Published(position.side, position.entry_price, *levels, candidate.flags, _sources(candidate), seq, at)


def encode_proposal(candidate: Candidate, seq: int, now_s: float, constants: Mapping[str, str]) -> list[str]:
    """Field and value in turn, in the order of PROPOSAL_FIELDS, as HSET takes them.

    ``constants`` holds what is equal for all proposals of a publisher: ``publisher_id`` and ``interval_sec``.
    """
    ready, proposal = candidate.ready, candidate.proposal
    state, position, given = ready.market.state, ready.position, ready.given
    probabilities = state.regime_probs
    now_ms = str(int(now_s * 1000))
    values = (
        str(proposal.proposed_sl), str(proposal.proposed_tp), str(proposal.stop_dist_pct), str(proposal.tp_dist_pct),
        str(proposal.trail_gap_pct), ",".join(proposal.reason_codes), str(state.ts), str(state.sigma), str(probabilities["trend"]),
        str(probabilities["mr"]), str(probabilities["chop"]), utc_iso(now_s), position.side, str(position.age_sec),
        str(position.current_price), str(position.entry_price), SCHEMA, ready.symbol, constants["publisher_id"], str(seq), now_ms,
        now_ms, ",".join(candidate.flags), ready.market.source, _age_ms(ready.market.taken_at_s, now_s), given.source, given.writer,
        ",".join(given.aliases), _age_ms(given.taken_at_s, now_s), str(position.peak_price), str(position.trough_price),
        "" if position.current_sl is None else str(position.current_sl), ready.sl_source, constants["interval_sec"],
    )  # fmt: skip
    return interleave(_NAMES, values)


def encode_stream_entry(content: Sequence[str]) -> list[str]:
    """The content without the heartbeat, which an event has no use for."""
    kept = [index for index, name in enumerate(_NAMES) if name not in HEARTBEAT_FIELDS]
    return interleave([_NAMES[index] for index in kept], [content[2 * index + 1] for index in kept])


_NAMES: Sequence[str] = tuple(field.name for field in PROPOSAL_FIELDS)


def _age_ms(taken_at_s: float | None, now_s: float) -> str:
    return UNSTATED if taken_at_s is None else str(int((now_s - taken_at_s) * 1000))
