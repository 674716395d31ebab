"""What a publisher is told: frozen, checked, from flags and environment (``publisher.cli`` reads both)."""

import os
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from publisher.contract import SYMBOL
from publisher.inputs import PositionSource
from publisher.proposing import Limits
from publisher.shard import Shard

PUBLISHER_ID = re.compile(r"[A-Za-z0-9._:@-]{1,64}")
DEFAULT_SYMBOLS = "BTCUSDT,ETHUSDT,SOLUSDT"
TTL_INTERVALS = 3  # a proposal outlives two missed heartbeats


class OptionError(ValueError):
    """An option does not make sense."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one publisher. Seconds throughout."""

    redis_url: str
    symbols: tuple[str, ...]
    interval_s: float = 10.0
    position_source: PositionSource = "auto"
    stream: bool = False
    shard: Shard = Shard(0, 1)  # noqa: RUF009 - frozen
    publisher_id: str = ""
    password: str | None = None
    redis_timeout_s: float = 1.0
    limits: Limits = Limits()  # noqa: RUF009 - frozen

    @property
    def ttl_ms(self) -> int:
        """How long a proposal lives without a heartbeat."""
        return max(1000, int(self.interval_s * TTL_INTERVALS * 1000))


def parse_symbols(text: str) -> tuple[str, ...]:
    """Split a comma list; raises OptionError for an empty one, a doubled symbol, or one that would make a strange key."""
    symbols = tuple(part.strip() for part in text.split(",") if part.strip())
    strange = [symbol for symbol in symbols if not SYMBOL.fullmatch(symbol)]
    if strange:
        raise OptionError(f"{strange[0]!r} is no symbol: letters, digits, '.', '_' and '-', at most 64")
    if not symbols:
        raise OptionError("no symbol is given, such as BTCUSDT,ETHUSDT")
    doubled = _doubled(symbols)
    if doubled:
        raise OptionError(f"{doubled!r} is given twice")
    return symbols


def _doubled(symbols: Sequence[str]) -> str | None:
    seen: set[str] = set()
    for symbol in symbols:
        if symbol in seen:
            return symbol
        seen.add(symbol)
    return None


def parse_publisher_id(text: str | None) -> str:
    """The name given, or host and process; raises OptionError for one that would make a strange key or log line.

    By default two publishers never share it, and a restarted one can be told from its predecessor.
    """
    if not text:
        return f"{socket.gethostname()}:{os.getpid()}"
    if not PUBLISHER_ID.fullmatch(text):
        raise OptionError(f"{text!a} is no publisher id: letters, digits, '.', '_', ':', '@' and '-', at most 64")
    return text
