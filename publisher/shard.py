"""Which publisher writes which symbol, when several share them: rendezvous hashing (Thaler and Ravishankar, 1998).

Every publisher computes the same answer alone, and one more publisher moves only the symbols that it takes over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

MOST_SHARDS = 256  # an owner is found by asking every publisher's score: 10,000 symbols then take some seconds, once


@dataclass(frozen=True, slots=True)
class Shard:
    """Publisher ``index`` (from 0) of ``count``."""

    index: int
    count: int

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    def own(self, symbols: Iterable[str]) -> tuple[str, ...]:
        """Those of ``symbols`` that this publisher writes, in their order."""
        return tuple(symbol for symbol in symbols if owner(symbol, self.count) == self.index)


def owner(symbol: str, count: int) -> int:
    """The publisher with the highest score for this symbol."""
    return max(range(count), key=lambda index: blake2b(f"{index}/{symbol}".encode(), digest_size=8).digest())


def parse_shard(text: str) -> Shard:
    """Read ``i/n``; raises ValueError when it is not 0 <= i < n <= MOST_SHARDS."""
    index, slash, count = text.partition("/")
    numbers = slash and text.isascii() and index.isdecimal() and count.isdecimal() and len(text) <= 7
    if not (numbers and int(index) < int(count) <= MOST_SHARDS):
        raise ValueError(f"{text!r} is no shard: give i/n with 0 <= i < n <= {MOST_SHARDS}, such as 0/2")
    return Shard(int(index), int(count))
