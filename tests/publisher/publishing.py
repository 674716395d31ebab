"""A publisher within the test's own process, on a real server, whose clocks and market are the test's."""

from typing import Any

import redis

from publisher.contract import market_key, position_key, proposal_key
from publisher.cycle import Cycle
from publisher.link import Link
from publisher.options import Options
from publisher.report import Report
from tests.publisher import builders
from tests.publisher.builders import market_hash, position_hash

NOW_S = float(builders.NOW_S)
BTC = proposal_key("BTCUSDT")


class Publisher:
    """One publisher and the market that it reads; ``run`` lets ten seconds pass and runs a cycle."""

    def __init__(self, client: redis.Redis, link: Link, symbols: tuple[str, ...] = ("BTCUSDT",), **options: Any) -> None:
        self.client, self.link = client, link
        self.options = Options("unix:///x", symbols, publisher_id="me", **options)
        self.second, self.number = 0, 0
        self.restart()

    def restart(self) -> None:
        """Forget everything that is not in Redis."""
        self.cycle = Cycle(self.link, self.options, self.options.shard.own(self.options.symbols))

    def market(self, symbol: str = "BTCUSDT", **sick: Any) -> None:
        self._put(market_key(symbol), market_hash(**{"ts_timestamp": int(NOW_S + self.second), **sick}))

    def position(self, symbol: str = "BTCUSDT", **sick: Any) -> None:
        self._put(position_key(symbol), position_hash(**{"ts_epoch": int(NOW_S + self.second), **sick}))

    def _put(self, key: str, fields: dict[bytes, bytes]) -> None:
        self.client.delete(key)
        self.client.hset(key, mapping=fields)  # type: ignore[arg-type]

    def open(self, **position: Any) -> None:
        """A healthy market and an open position in every symbol."""
        for symbol in self.options.symbols:
            self.market(symbol)
            self.position(symbol, **position)

    def run(self, after_s: int = 10) -> Report:
        """Let time pass, and run one cycle."""
        self.second, self.number = self.second + after_s, self.number + 1
        return self.cycle.run(NOW_S + self.second, 1000.0 + self.second, Report(self.number))

    def read(self, symbol: str = "BTCUSDT") -> dict[str, str]:
        return {name.decode(): text.decode() for name, text in self.client.hgetall(proposal_key(symbol)).items()}

    def refused(self, report: Report) -> dict[str, str]:
        return {symbol: why.reason for symbol, why in report.refused.items()}
