"""What was true of risk proposals, and of what they were made from: texts as read, judged elsewhere.

Fields that are absent are absent from the mapping; bytes that are no UTF-8 stand escaped. A reading may come from a Redis, from a
log or from a document: whatever was not read is simply not there, and the checks that need it cannot tell.
"""

import msgspec

from qtops.facts.keys import ServerReading


class PriceReading(msgspec.Struct, frozen=True, gc=False):
    """A price of the symbol that somebody other than the publisher wrote."""

    name: str  # key and field: "quantum:market:BTCUSDT price"
    price: str
    time: str = ""  # what its time field holds; empty where there is none


class ProposalReading(msgspec.Struct, frozen=True, kw_only=True):
    """One proposal with the inputs that are published now, read together."""

    symbol: str
    key: str
    read_at_s: float  # by the clock of Redis, or as the document states it
    present: bool | None = True  # None: could not be read, see ``trouble``
    fields: dict[str, str] = {}  # of those that publisher.contract knows
    others: tuple[str, ...] = ()  # names of further fields, as far as they were asked for
    others_count: int = 0
    ttl_ms: int | None = None  # -1: never expires; None: not known
    market: dict[str, str] = {}  # quantum:marketstate:<symbol>
    position: dict[str, str] = {}  # quantum:state:positions:<symbol>
    position_json: str = ""  # the symbol's value in the single hash of all positions
    prices: tuple[PriceReading, ...] = ()
    trouble: str = ""  # wrong_type, or a state of ``publisher.connection``
    detail: str = ""
    advice: str = ""
    unread: tuple[str, ...] = ()  # which inputs could not be read, and why: "market state: wrong_type: …"


class ProposalLook(msgspec.Struct, frozen=True, kw_only=True):
    """All proposals of a family at one moment."""

    taken_at_s: float  # this host's clock
    server: ServerReading
    readings: tuple[ProposalReading, ...] = ()


class ProposalFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One family of proposals, looked at once or several times, the oldest look first; the last one is judged."""

    family: str
    symbols: tuple[str, ...]  # those that ought to be published
    looks: tuple[ProposalLook, ...]
    found: tuple[str, ...] | None = None  # symbols of all keys of the pattern, where the key space was walked; None: it was not
    open_positions: tuple[str, ...] | None = None  # symbols with an open position, likewise
    missing: tuple[str, ...] = ()  # what could not be looked at, and why
