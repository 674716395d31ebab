"""Readings of proposals that are in order by default, made by the real kernel and the real publisher: a test says what is sick.

``reading()`` is a LONG at 100.5 with everything beside it that its reader may look at. ``reading(fields={"p_trend": "0.0"})`` sets
fields of the proposal, None takes one out; ``market=`` and ``position=`` do so with what is published beside it, after the proposal
was made. ``made=`` changes what it is made from.
"""

from collections.abc import Mapping
from random import Random
from typing import Any

from publisher.codec import MARKET_NAMES, POSITION_NAMES, MarketInput, PositionInput, decode_market, decode_position
from publisher.contract import proposal_key
from publisher.kernel import compute
from publisher.proposing import Candidate, Limits, Ready, encode_proposal, prepare, watch
from publisher.proposing import judge as flagged
from publisher.tracking import Track
from qtops.checks.proposals.registry import judge
from qtops.facts.keys import ServerReading
from qtops.facts.proposals import PriceReading, ProposalFacts, ProposalLook, ProposalReading
from qtops.findings import Judged
from qtops.settings import Settings

NOW_S = 1_771_372_692.0  # 2026-02-17 23:58:12 UTC
SERVER = ServerReading("redis://127.0.0.1:6379/0", "ok")
SETTINGS = Settings()
CONSTANTS = {"publisher_id": "box:1", "interval_sec": "10"}
Texts = Mapping[str, str | None]

MARKET = {"sigma": "0.01200000", "ts": "0.050000", "p_trend": "0.200000", "p_mr": "0.300000", "p_chop": "0.500000"}
POSITION = {
    "side": "LONG",
    "entry_price": "100.0",
    "current_price": "100.5",
    "position_amt": "0.5",
    "source": "position_state_brain",
}


def reading(
    symbol: str = "BTCUSDT",
    *,
    made: Texts | None = None,
    fields: Texts | None = None,
    market: Texts | None = None,
    position: Texts | None = None,
    computed_s: float = 3.0,
    now_s: float = NOW_S,
    peak: float = 101.0,
    trough: float = 100.0,
    stop: float | None = None,
    **sick: Any,
) -> ProposalReading:
    """A proposal of so many seconds ago; ``stop`` is the last one that its publisher proposed."""
    at_s = now_s - computed_s
    given = {**MARKET, "ts_timestamp": str(int(at_s) - 20), **POSITION, "ts_epoch": str(int(at_s) - 1), **(made or {})}
    texts = {name: text for name, text in given.items() if text is not None}
    proposal = written(symbol, texts, at_s, (peak, trough, stop))
    proposal["heartbeat_ms"] = str(int((now_s - min(computed_s, 2.0)) * 1000))
    healthy: dict[str, Any] = {
        "symbol": symbol,
        "key": proposal_key(symbol),
        "read_at_s": now_s,
        "fields": _changed(proposal, fields),
        "ttl_ms": 28_000,
        "market": _changed({name: texts[name] for name in (*MARKET, "ts_timestamp") if name in texts}, market),
        "position": _changed({name: texts[name] for name in (*POSITION, "ts_epoch", "current_sl") if name in texts}, position),
        "prices": (live(symbol, float(texts["current_price"]), now_s),),
    }
    return ProposalReading(**{**healthy, **sick})


def founding(symbol: str = "BTCUSDT", fields: Texts | None = None, **sick: Any) -> ProposalReading:
    """The same as the founding publisher writes it: the first sixteen fields, a naive time, and no time to live."""
    whole = reading(symbol, **sick)
    kept = dict(list(whole.fields.items())[:16])
    kept["computed_at_utc"] = kept["computed_at_utc"].removesuffix("+00:00")
    return ProposalReading(
        symbol=symbol, key=whole.key, read_at_s=whole.read_at_s, fields=_changed(kept, fields), ttl_ms=-1,
        market=whole.market, position=whole.position, prices=whole.prices,
    )  # fmt: skip


def absent(symbol: str = "BTCUSDT", **more: Any) -> ProposalReading:
    """No proposal, and no position either."""
    return ProposalReading(**{"symbol": symbol, "key": proposal_key(symbol), "read_at_s": NOW_S, "present": False, **more})


def live(symbol: str, price: float, now_s: float = NOW_S, age_s: float = 1.0) -> PriceReading:
    """A price that somebody else wrote a second ago."""
    return PriceReading(f"quantum:market:{symbol} price", repr(price), str(int(now_s - age_s)))


def written(symbol: str, texts: Mapping[str, str], at_s: float, track: tuple[float, float, float | None]) -> dict[str, str]:
    """The fields of the proposal that the publisher makes of these inputs."""
    market = decode_market([_wire(texts, name) for name in MARKET_NAMES[:6]] + [None, _wire(texts, "market_source")])
    given = decode_position([_wire(texts, name) for name in POSITION_NAMES])
    assert isinstance(market, MarketInput), market
    assert isinstance(given, PositionInput), given
    peak, trough, stop = track
    before = Track(given.side, given.entry_price, peak, trough, at_s - 5400.0, stop, 41)
    limits = Limits(1e9, 1e9)  # how old an input may be is for the checks to say
    followed = watch(given, before, at_s, limits)
    assert isinstance(followed, Track), followed
    ready = prepare(symbol, market, given, followed, at_s, limits)
    assert isinstance(ready, Ready), ready
    candidate = flagged(ready, compute(symbol, ready.market.state, ready.position))
    assert isinstance(candidate, Candidate), candidate
    content = encode_proposal(candidate, 42, at_s, CONSTANTS)
    return dict(zip(content[::2], content[1::2], strict=True))


def looks(*each: ProposalReading | tuple[ProposalReading, ...], **more: Any) -> ProposalFacts:
    """One look per argument, the last one is judged."""
    taken = [one if isinstance(one, tuple) else (one,) for one in each]
    made = tuple(ProposalLook(taken_at_s=look[0].read_at_s if look else NOW_S, server=SERVER, readings=look) for look in taken)
    symbols = tuple(dict.fromkeys(one.symbol for look in taken for one in look))
    return ProposalFacts(**{"family": "risk-proposal", "symbols": symbols, "looks": made, **more})


def judged(*each: ProposalReading | tuple[ProposalReading, ...], **more: Any) -> Judged:
    """What the checks say of these looks."""
    settings = more.pop("settings", SETTINGS)
    return judge(looks(*each, **more), settings)


def codes(*each: ProposalReading | tuple[ProposalReading, ...], **more: Any) -> set[str]:
    """The codes of what is found, notes left out."""
    return {finding.code for finding in judged(*each, **more).findings if finding.severity != "info"}


def market_of(random: Random) -> dict[str, str]:
    """A market state as its publisher writes it: the probabilities are a softmax, rounded to six decimals."""
    raw = [random.uniform(-2.5, 2.5) for _ in range(3)]
    total = sum(2.718281828**value for value in raw)
    trend, mr, chop = (f"{2.718281828**value / total:.6f}" for value in raw)
    sigma = f"{10 ** random.uniform(-4, -1.5):.8f}"
    return {"sigma": sigma, "ts": f"{random.expovariate(3):.6f}", "p_trend": trend, "p_mr": mr, "p_chop": chop}


def random_reading(symbol: str, random: Random, now_s: float = NOW_S) -> ProposalReading:
    """A correct proposal of any sane market: a trail that was not hit, now and then a stop in force, a market that moved on."""
    market, side = market_of(random), random.choice(("LONG", "SHORT"))
    price = 10 ** random.uniform(-6, 5)
    sign = 1.0 if side == "LONG" else -1.0
    entry = price * (1.0 - sign * random.uniform(-0.04, 0.3))
    made: dict[str, str | None] = {
        **market, "side": side, "entry_price": repr(entry), "current_price": repr(price), "position_amt": repr(0.5 * sign),
        "current_sl": repr(price * (1.0 - sign * random.uniform(0.0005, 0.05))) if random.random() < 0.4 else None,
    }  # fmt: skip
    reach = price * (1.0 + sign * random.uniform(0.0, 0.0045))  # within the smallest gap: the trail was not hit
    peak, trough = (reach, min(price, entry)) if side == "LONG" else (max(price, entry), reach)
    computed_s = random.uniform(0.05, 59.0)
    moved = random.random() < 0.5
    after = {**market_of(random), "ts_timestamp": str(int(now_s - computed_s / 2))} if moved and computed_s > 4 else {}
    return reading(
        symbol, made=made, market=after, position={"ts_epoch": str(int(now_s - 1)), "current_price": repr(price * 1.0004)},
        computed_s=computed_s, now_s=now_s, peak=peak, trough=trough,
    )  # fmt: skip


def _changed(texts: Mapping[str, str], changes: Texts | None) -> dict[str, str]:
    return {name: text for name, text in {**texts, **(changes or {})}.items() if text is not None}


def _wire(texts: Mapping[str, str], name: str) -> bytes | None:
    return texts[name].encode() if name in texts else None
