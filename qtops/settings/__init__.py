"""What the configuration may say: frozen, checked by msgspec, loaded once (``qtops.config``) and passed on.

The defaults describe the founding system, so that every command works with no file at all.
"""

from math import inf
from typing import Literal

import msgspec

from qtops.settings.off import CODE, check_off
from qtops.settings.phases import PHASES, Phase
from qtops.settings.supervision import Budget, Endpoint, Supervision

__all__ = [
    "MARKET_STATE", "PHASES", "PRICES", "PROPOSALS", "PUBLISHER", "STREAMS", "SYMBOLS", "Budget", "Configuration", "Endpoint",
    "Family", "Phase", "Price", "RedisSettings", "Service", "Settings", "Stream", "Supervision", "TimeRule",
]  # fmt: skip

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")


def _check_symbols(symbols: tuple[str, ...]) -> None:
    """Raise ValueError unless each can stand in a key and in a report: hostile text never gets past here."""
    if not symbols or len(set(symbols)) < len(symbols):
        raise ValueError("wants at least one symbol, and each once")
    for symbol in symbols:
        if not symbol or " " in symbol or not symbol.isprintable():
            raise ValueError(f"wants printable symbols without blanks, not {symbol!a}")


class TimeRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How old one time field of a key may be. Seconds throughout.

    ``warn_s`` and ``critical_s`` are limits on the age: beyond the first a key is LATE, beyond the second STALE.
    """

    field: str  # "" for a string key that is itself a time, or a stream judged by its last id
    interval_s: float  # declared: the writer moves the field at least this often
    warn_s: float
    critical_s: float
    required: bool = True  # an absent field that is not required leaves the verdict to the other rules

    def __post_init__(self) -> None:
        if not 0 < self.interval_s <= self.warn_s <= self.critical_s < inf:
            raise ValueError("wants 0 < interval_s <= warn_s <= critical_s, all finite")


class Family(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Keys of one kind: one key per symbol, or a single key where ``pattern`` has no ``{symbol}``."""

    name: str
    pattern: str
    times: tuple[TimeRule, ...]
    kind: Literal["hash", "string", "stream"] = "hash"
    symbols: tuple[str, ...] | None = None  # None: those of the settings
    only_while: Literal["always", "open_position"] = "always"  # where no position is open, an absent key is right
    content: Literal["any", "risk-proposal"] = "any"  # what the hashes hold: proposals are recomputed, not only dated
    witness: str = ""  # a key that outlives this one: where it exists, an absent key has EXPIRED rather than NEVER been written

    def __post_init__(self) -> None:
        if not (self.name and self.name.isprintable() and self.pattern and self.pattern.isprintable()):
            raise ValueError("wants a printable name and pattern")
        if not self.times:
            raise ValueError("wants one of times at least: nothing else says how old a key may be")
        if self.kind == "hash" and not all(rule.field for rule in self.times):
            raise ValueError("wants a field in each of times: a hash has no time of its own")
        if self.symbols is not None:
            _check_symbols(self.symbols)


class Stream(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A stream, and what is to be expected of it. A name with ``{symbol}`` stands for one stream per symbol.

    ``continuous``: something arrives all the time; ``periodic``: every ``interval_s``; ``event``: when something happens, which
    may be never; ``one_shot``: once; ``inferred``: what its ids say.
    """

    name: str
    kind: Literal["continuous", "periodic", "event", "one_shot", "inferred"] = "inferred"
    interval_s: float | None = None  # of a periodic or continuous stream: silent for longer than thrice that is too long
    maxlen: int | None = None  # how long it is meant to become
    groups: tuple[str, ...] = ()  # that are meant to read it; empty: not declared
    writer: str = ""  # unit, or name of a service, that writes it
    lanes: tuple[str, ...] = ()  # groups for manual or standby use: nobody reads in them, and that is right
    control_plane: bool = False  # `qtops map --control-plane` asks about it
    optional: bool = False  # may be absent: whoever writes it can be told not to

    def __post_init__(self) -> None:
        if not (self.name and self.name.isprintable()):
            raise ValueError("wants a printable name")
        if self.kind == "periodic" and self.interval_s is None:
            raise ValueError("wants interval_s: a periodic stream has one")
        if self.interval_s is not None and not 0 < self.interval_s < inf:
            raise ValueError("wants 0 < interval_s, finite")
        if self.maxlen is not None and self.maxlen <= 0:
            raise ValueError("wants maxlen > 0")


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where somebody other than the publisher writes the price of a symbol: a field of a hash, or a string without ``field``."""

    pattern: str
    field: str = ""
    time_field: str = ""  # empty: it states no time
    within_s: float = 60.0  # an older price is none

    def __post_init__(self) -> None:
        if "{symbol}" not in self.pattern or not self.pattern.isprintable():
            raise ValueError("wants a printable pattern with {symbol} in it")
        if not 0 < self.within_s < inf:
            raise ValueError("wants 0 < within_s, finite")


class RedisSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which Redis, and how long to wait for it. ``url`` as in ``publisher.connection``; a password belongs in ``password_file``."""

    url: str = "redis://127.0.0.1:6379/0"
    password_file: str = ""
    timeout_s: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.timeout_s < inf:
            raise ValueError("wants 0 < timeout_s, finite")


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A service by the name that operators use, and what it writes."""

    name: str
    unit: str
    families: tuple[str, ...] = ()  # names of key families that it writes
    redis_url: str = ""  # where its own environment names no Redis; empty: that of the settings
    off: dict[str, str] = {}  # checks that are switched off, by code, each with a date and a reason: "2026-11-23: until the move"
    settle_s: float = 5.0  # how long it has to stay up after a recovery before that counts
    deployed: str = ""  # the folder that its code is deployed to, and
    repository: str = ""  # the git checkout that this folder mirrors: a fix is wanted there as well
    depends: tuple[str, ...] = ()  # services or units without which it cannot work: they are mended first
    auto_recover: tuple[str, ...] = ()  # codes of root causes that the supervisor may recover it from by itself; none unless named

    def __post_init__(self) -> None:
        if not all(CODE.fullmatch(code) for code in self.auto_recover):
            raise ValueError("wants codes of checks in auto_recover, such as IMPORT101")
        if not all(name and name.isprintable() and " " not in name for name in self.depends):
            raise ValueError("wants names of services or units in depends")
        if not 0 < self.settle_s < inf:
            raise ValueError("wants 0 < settle_s, finite")
        if any(not folder.startswith("/") for folder in (self.deployed, self.repository) if folder):
            raise ValueError("wants absolute paths for deployed and repository")
        if not (self.name and self.name.isprintable() and self.unit.endswith(".service") and self.unit.isprintable()):
            raise ValueError("wants a printable name, and a unit that ends in .service")
        check_off(self.off)


PROPOSALS = Family(
    name="risk-proposal",
    pattern="quantum:risk:proposal:{symbol}",
    times=(
        # The founding publisher has no heartbeat: its proposals are judged by the second rule alone.
        TimeRule(field="heartbeat_ms", interval_s=10, warn_s=20, critical_s=30, required=False),
        TimeRule(field="computed_at_utc", interval_s=60, warn_s=90, critical_s=150),
    ),
    only_while="open_position",
    witness="quantum:risk:track:{symbol}",
    content="risk-proposal",
)
MARKET_STATE = Family(
    name="marketstate",
    pattern="quantum:marketstate:{symbol}",
    times=(TimeRule(field="ts_timestamp", interval_s=60, warn_s=90, critical_s=180),),  # `ts` is trend strength, not a time
)


STREAMS = (
    Stream(name="quantum:stream:marketstate", kind="periodic", interval_s=60, maxlen=10_000, optional=True),  # nobody reads it
    Stream(name="quantum:stream:risk.proposal", kind="periodic", interval_s=60, maxlen=10_000, optional=True),
    Stream(name="quantum:stream:execution.result", kind="event"),
    Stream(name="quantum:stream:risk.events", kind="event"),
    Stream(name="quantum:stream:policy.updated", kind="event", control_plane=True),
    Stream(name="quantum:stream:model.retrain", kind="event", control_plane=True),
    Stream(name="quantum:stream:reconcile.close", kind="event", control_plane=True),
)
PRICES = (Price(pattern="quantum:market:{symbol}", field="price", time_field="timestamp"),)


PUBLISHER = Service(name="risk-proposal", unit="quantum-risk-proposal.service", families=(PROPOSALS.name,))


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All that a command may need to know before it looks at the host."""

    symbols: tuple[str, ...] = SYMBOLS
    redis: RedisSettings = RedisSettings()
    families: tuple[Family, ...] = (PROPOSALS, MARKET_STATE)
    services: tuple[Service, ...] = (PUBLISHER,)
    streams: tuple[Stream, ...] = STREAMS
    prices: tuple[Price, ...] = PRICES
    supervise: Supervision = Supervision()
    notify: tuple[Endpoint, ...] = ()  # whom the supervisor tells; nobody unless named
    phases: tuple[Phase, ...] = PHASES  # of the plan that `qtops report phase` and `qtops phases` report on
    off: dict[str, str] = {}  # checks that are switched off for everything, as in a service
    state: str = ""  # folder of records and backups; empty: /var/lib/qtops for root, else $XDG_STATE_HOME/qtops
    clock_skew_warn_s: float = 2.0  # between this host and Redis; also how far in the future a time may lie

    def __post_init__(self) -> None:
        _check_symbols(self.symbols)
        names = [family.name for family in self.families]
        if len(set(names)) < len(names):
            raise ValueError("wants each family name once")
        if len({service.name for service in self.services}) < len(self.services):
            raise ValueError("wants each service name once")
        if len({stream.name for stream in self.streams}) < len(self.streams):
            raise ValueError("wants each stream name once")
        if len({phase.number for phase in self.phases}) < len(self.phases):
            raise ValueError("wants each phase number once")
        if len({endpoint.name for endpoint in self.notify}) < len(self.notify):
            raise ValueError("wants each endpoint name in notify once")
        check_off(self.off)
        if not 0 <= self.clock_skew_warn_s < inf:
            raise ValueError("wants 0 <= clock_skew_warn_s, finite")


class Configuration(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="qtops.config/1"):
    """The settings, and where each came from: what ``qtops config show -o json`` prints.

    ``origins`` names for every value (``redis.url``; a family or a service as a whole, ``families.NAME``) the file, variable or
    option that had the last word, or ``default``. ``files`` are those that were read, in the order of reading.
    """

    settings: Settings
    origins: dict[str, str]
    files: tuple[str, ...]
