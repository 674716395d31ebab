"""Write a simulated market to Redis: ``python -m publisher.simulator --redis URL --symbols BTCUSDT,ETHUSDT``.

Every hash says ``source=simulator``. Where Redis holds market states or positions of anybody else it writes nothing, unless told
to with --force: what it invents would pass for the truth.
"""

import argparse
import logging
import re
import signal
import sys
import time
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

from publisher.codec import shown
from publisher.connection import REDIS_ERRORS, UrlError, connect, shown_url, trouble
from publisher.contract import market_key, position_key
from publisher.link import Command, Link, Reply
from publisher.options import DEFAULT_SYMBOLS, OptionError, parse_symbols
from publisher.schedule import next_tick
from publisher.simulated_market import SOURCE, SymbolState, generator, market_hash, opening, position_hash, step

MARKET_TTL_S: Final = 600  # as the market state publisher
POSITION_TTL_S: Final = 300  # as the position state writer
USAGE, UNAVAILABLE, NOT_PERMITTED = 64, 75, 77  # sysexits(3)

log = logging.getLogger("publisher.simulator")


def writes(state: SymbolState, now_s: float) -> list[Command]:
    """What puts one symbol's state into Redis. Each hash always has the same fields, so that none is left from before."""
    market, position = market_key(state.symbol), position_key(state.symbol)
    commands = _write_hash(market, market_hash(state, now_s), MARKET_TTL_S)
    fields = position_hash(state, now_s)
    return commands + ([("DEL", position)] if fields is None else _write_hash(position, fields, POSITION_TTL_S))


def _write_hash(key: str, fields: dict[str, str], ttl_s: int) -> list[Command]:
    return [("HSET", key, *(text for pair in fields.items() for text in pair)), ("EXPIRE", key, str(ttl_s))]


def foreign_data(url: str, timeout_s: float = 1.0) -> str | None:
    """A market state or position that is not the simulator's, and whose it is; None where there is none.

    Looks through the whole key space once, since a real market may have other symbols than the simulated one. Raises REDIS_ERRORS.
    """
    with connect(url, timeout_s=timeout_s, client_name="qtops-simulator") as client:
        for pattern in (market_key("*"), position_key("*")):
            for key in client.scan_iter(match=pattern, count=1000):
                kind = client.type(key)
                source = client.hget(key, "source") if kind == b"hash" else None
                if kind != b"none" and source != SOURCE.encode():  # none: it expired meanwhile
                    return f"{shown(key)}, source {'not stated' if source is None else shown(source)}"
    return None


class Simulation:
    """A market on its way: the states of all symbols, each with its own source of chance."""

    def __init__(self, symbols: Sequence[str], seed: int) -> None:
        self._generators = [generator(symbol, seed) for symbol in symbols]
        starts = enumerate(zip(symbols, self._generators, strict=True))
        self.states = [opening(symbol, number, rng) for number, (symbol, rng) in starts]

    def advance(self, dt_s: float) -> None:
        """Move every symbol ``dt_s`` seconds on."""
        self.states = [step(state, dt_s, rng) for state, rng in zip(self.states, self._generators, strict=True)]

    def write(self, link: Link) -> list[Reply]:
        """Put all states into Redis; an error stands in the place of a reply."""
        now_s = time.time()
        commands = [command for state in self.states for command in writes(state, now_s)]
        return link.run(commands, [str(command[1]) for command in commands])


def run(link: Link, simulation: Simulation, interval_s: float, wait: Callable[[float], None] = time.sleep) -> NoReturn:
    """Write a new state each interval, until interrupted. A Redis that is away is told of once and misses what it misses."""
    stale = [key for state in simulation.states for key in (market_key(state.symbol), position_key(state.symbol))]
    link.run([("DEL", key) for key in stale], stale)
    began, last, state = time.monotonic(), 0, "ok"
    while True:
        state = _told(state, next((reply for reply in simulation.write(link) if isinstance(reply, Exception)), None))
        tick = next_tick(began, interval_s, last, time.monotonic())
        wait(max(0.0, tick.due - time.monotonic()))
        simulation.advance(interval_s * (tick.number - last))
        last = tick.number


def _told(before: str, error: Exception | None) -> str:
    """Log a change of Redis' state; returns the new one."""
    if error is None:
        if before != "ok":
            log.info("Redis takes the simulated market again")
        return "ok"
    found = trouble(error)
    if found.state != before:
        log.warning("Redis is %s: %s (%s)", found.state, found.detail, found.advice)
    return found.state


class _Arguments(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {message}\n")


def _symbols(text: str) -> tuple[str, ...]:
    try:
        return parse_symbols(text)
    except OptionError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,6})?", text) or float(text) == 0.0:
        raise argparse.ArgumentTypeError(f"{text!a} is no number of seconds above 0, such as 1 or 0.5")
    return float(text)


def _parser() -> argparse.ArgumentParser:
    parser = _Arguments(prog="python -m publisher.simulator", description="Write a simulated market to Redis.", allow_abbrev=False)
    parser.add_argument("--redis", required=True, metavar="URL", help="such as redis://127.0.0.1:6400/0 or unix:///path/redis.sock")
    parser.add_argument("--symbols", type=_symbols, default=DEFAULT_SYMBOLS, help="comma separated")
    parser.add_argument("--interval", type=_seconds, default=1.0, metavar="SECONDS", help="between two states (default 1)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same market (default 1)")
    parser.add_argument("--force", action="store_true", help="write even where Redis holds somebody else's market or positions")
    return parser


def _refusal(url: str, *, force: bool) -> tuple[int, str] | None:
    """Why nothing may be written to this Redis, and the exit code that says so."""
    try:
        foreign = None if force else foreign_data(url)
    except UrlError as error:
        return USAGE, str(error)
    except REDIS_ERRORS as error:
        found = trouble(error)
        return UNAVAILABLE, f"{shown_url(url)} is {found.state}: {found.detail} ({found.advice})"
    if foreign is None:
        return None
    return NOT_PERMITTED, f"{shown_url(url)} holds {foreign}: use an empty server, or --force"


def main(argv: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; returns the exit code (0, 64 usage, 75 Redis away at the start, 77 somebody else's data)."""
    options = _parser().parse_args(argv)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))  # raises in the midst of any wait
    logging.basicConfig(level=logging.INFO, format="%(asctime)s [%(levelname)s] %(message)s", datefmt="%Y-%m-%d %H:%M:%S")
    refusal = _refusal(options.redis, force=options.force)
    if refusal is not None:
        code, why = refusal
        log.error("nothing is written: %s", why)
        return code
    log.info("SIMULATED market for %s every %g s, seed %d", ", ".join(options.symbols), options.interval, options.seed)
    link = Link(options.redis, client_name="qtops-simulator")
    try:
        run(link, Simulation(options.symbols, options.seed), options.interval)
    finally:
        link.close()


if __name__ == "__main__":
    sys.exit(main())
