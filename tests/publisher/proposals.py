"""Healthy inputs carried all the way to a proposal: a test says only what is sick of them."""

from publisher.codec import Closed, MarketInput, PositionInput, Refused, decode_market, decode_position
from publisher.kernel import compute
from publisher.proposing import Candidate, Limits, Ready, encode_proposal, judge, prepare, watch
from publisher.tracking import Track
from tests.publisher import builders
from tests.publisher.builders import SYMBOL, market_values, position_values

NOW_S = float(builders.NOW_S)
LIMITS = Limits(market_s=120.0, position_s=60.0)
CONSTANTS = {"publisher_id": "box:1", "interval_sec": "10"}


def prepared(
    track: Track | None = None, now_s: float = NOW_S, market: dict[str, object] | None = None, **position: object
) -> object:
    """What becomes of the healthy inputs, but for what is sick of them."""
    return look(decode_market(market_values(**(market or {}))), decode_position(position_values(**position)), track, now_s)


def look(
    market: MarketInput | Refused, given: PositionInput | Closed | Refused, track: Track | None = None, now_s: float = NOW_S
) -> object:
    """One look at a symbol, as a cycle takes it."""
    if not isinstance(given, PositionInput):
        return given
    followed = watch(given, track, now_s, LIMITS)
    return followed if isinstance(followed, Refused) else prepare(SYMBOL, market, given, followed, now_s, LIMITS)


def ready(track: Track | None = None, now_s: float = NOW_S, market: dict[str, object] | None = None, **position: object) -> Ready:
    """The same, where nothing is refused."""
    found = prepared(track, now_s, market, **position)
    assert isinstance(found, Ready)
    return found


def candidate(
    track: Track | None = None, now_s: float = NOW_S, market: dict[str, object] | None = None, **position: object
) -> Candidate:
    """A computed proposal."""
    each = ready(track, now_s, market, **position)
    judged = judge(each, compute(each.symbol, each.market.state, each.position))
    assert isinstance(judged, Candidate)
    return judged


def written(given: Candidate, seq: int = 1, now_s: float = NOW_S) -> dict[str, str]:
    """The fields as HSET would take them, in their order."""
    content = encode_proposal(given, seq, now_s, CONSTANTS)
    return dict(zip(content[::2], content[1::2], strict=True))
