"""A market of many symbols in Redis, as its writers leave it there: the same fields, the same forms."""

from collections.abc import Callable, Sequence

from publisher.contract import market_key, position_key
from publisher.link import Command, Link

BATCH = 5_000
INTERVAL_S = 10.0
START_S = 1_771_372_692.0  # 2026-02-17T23:58:12Z
MARKET = (
    "sigma", "0.01200000", "mu", "0.00060000", "ts", "0.050000", "p_trend", "0.200000", "p_mr", "0.300000", "p_chop", "0.500000",
    "dp", "0.470588", "vr", "1.007189", "spike_proxy", "0.847535", "ts_timestamp", str(int(START_S)), "buffer_size", "256",
)  # fmt: skip


def symbols(count: int) -> tuple[str, ...]:
    """So many names, short ones: a configuration file of 1 MB holds 100,000 of them."""
    return tuple(f"S{number:05d}" for number in range(count))


class Market:
    """Prices that move only when told to, on a clock of their own. Even symbols are LONG, odd ones SHORT."""

    def __init__(self, link: Link, names: Sequence[str], now_s: float = START_S) -> None:
        self.now_s, self.names, self._link = now_s - INTERVAL_S, names, link
        self._factors = [1.0] * len(names)
        self._write([("HSET", market_key(name), *MARKET) for name in names])
        self._write([("HSET", position_key(name), *_position(number, name)) for number, name in enumerate(names)])
        self.advance(lambda _: None)

    def advance(self, factor: Callable[[int], float | None]) -> None:
        """Ten seconds later: states and positions are told anew, each price at ``factor`` of its start price.

        ``factor`` is asked for each symbol by its number; None leaves the price where it is.
        """
        self.now_s += INTERVAL_S
        now, commands = str(int(self.now_s)), list[Command]()
        for number, name in enumerate(self.names):
            asked = factor(number)
            self._factors[number] = self._factors[number] if asked is None else asked
            price = f"{_start_price(number) * self._factors[number]:.6f}"
            commands.append(("HSET", market_key(name), "ts_timestamp", now))
            commands.append(("HSET", position_key(name), "mark_price", price, "current_price", price, "ts_epoch", now))
        self._write(commands)

    def _write(self, commands: Sequence[Command]) -> None:
        for start in range(0, len(commands), BATCH):
            batch = commands[start : start + BATCH]
            for reply in self._link.run(batch, [str(command[1]) for command in batch]):
                if isinstance(reply, Exception):
                    raise reply


def _start_price(number: int) -> float:
    return 10.0 + number


def _position(number: int, name: str) -> Sequence[str]:
    side, sign = ("SHORT", "-") if number % 2 else ("LONG", "")
    price = f"{_start_price(number):.6f}"
    return (
        "symbol", name, "position_amt", f"{sign}0.5", "side", side, "quantity", "0.5", "entry_price", price, "mark_price", price,
        "current_price", price, "unrealized_pnl", "0.25", "leverage", "10", "ts_epoch", str(int(START_S)),
        "source", "position_state_brain",
    )  # fmt: skip
