"""The price of the map: reading a thousand services for the names they speak of, against ast.parse of the very same files."""

import ast
import gc
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from qtops.imports.files import Files
from qtops.imports.tree import HostTree
from qtops.wiring.source import Cache, Read, Unit, Variable, read_unit
from tests.bench.measuring import Arm, Effort, best_ratio, interleave
from tests.bench.results import Result

LIMIT = 3.0
SERVICES: Final = 1_000
_ROUNDS: Final = 3

LIBRARY: Final = {
    "lib/__init__.py": "",
    "lib/keys.py": """
PREFIX = "quantum"


class Streams:
    FILLS = f"{PREFIX}:stream:fills"
    EVENTS = f"{PREFIX}:stream:events"


def state_key(symbol):
    return f"{PREFIX}:state:{symbol}"


def service_stream(name, kind="out"):
    return f"{PREFIX}:stream:{name}.{kind}"
""",
    "lib/bus.py": """
import json

import redis

from lib import keys


class Bus:
    def __init__(self, url, source):
        self.redis = redis.Redis.from_url(url)
        self.source = source

    def publish(self, stream, event, maxlen=10_000):
        entry = {"event": event["type"], "payload": json.dumps(event), "source": self.source}
        return self.redis.xadd(stream, entry, maxlen=maxlen, approximate=True)

    def beat(self, name, now):
        key = keys.state_key(name)
        with self.redis.pipeline() as pipe:
            pipe.hset(key, mapping={"heartbeat": now, "source": self.source})
            pipe.expire(key, 60)
            pipe.execute()
""",
}
SERVICE: Final = '''
"""Service {number}: follows one stream, keeps a state for each symbol, and publishes what it decides."""

import json
import logging
import os
import time
from dataclasses import dataclass, field

import redis

from lib import keys
from lib.bus import Bus

log = logging.getLogger("service-{number}")
STREAM_IN = os.getenv("STREAM_IN", "quantum:stream:service{previous}.out")
GROUP = "service-{number}"
SYMBOLS = [text.strip() for text in os.getenv("SYMBOLS", "BTCUSDT,ETHUSDT,SOLUSDT").split(",")]


@dataclass
class Config:
    url: str = field(default_factory=lambda: os.getenv("REDIS_URL", "redis://127.0.0.1:6379/0"))
    interval_s: float = 1.0
    limit: float = 0.02
    symbols: list = field(default_factory=lambda: list(SYMBOLS))


class Limits:
    def __init__(self, config):
        self.config = config
        self.seen = {{}}

    def allows(self, symbol, value):
        last = self.seen.get(symbol, 0.0)
        if value <= 0.0 or abs(value - last) / max(abs(value), 1e-9) < self.config.limit:
            return False
        self.seen[symbol] = value
        return True

    def summary(self):
        rows = sorted(self.seen.items(), key=lambda row: row[1])
        return ", ".join(f"{{symbol}}={{value:.4f}}" for symbol, value in rows[:10])


class Service:
    OUT = keys.service_stream("service{number}")

    def __init__(self, config=None):
        self.config = config or Config()
        self.redis = redis.Redis.from_url(self.config.url, decode_responses=True)
        self.bus = Bus(self.config.url, "service-{number}")
        self.limits = Limits(self.config)
        self.decided = 0

    def start(self):
        try:
            self.redis.xgroup_create(STREAM_IN, GROUP, id="$", mkstream=True)
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    def market(self, symbol):
        fields = self.redis.hgetall(f"quantum:marketstate:{{symbol}}")
        if not fields:
            return None
        sigma = float(fields.get("sigma") or 0.0)
        trend = float(fields.get("p_trend") or 0.0)
        return {{"sigma": sigma, "trend": trend, "age_s": time.time() - float(fields["ts_timestamp"])}}

    def decide(self, symbol, fields):
        market = self.market(symbol)
        if market is None or market["age_s"] > 120:
            log.warning("no fresh market state for %s", symbol)
            return None
        size = float(fields.get("size", 0)) * (1.0 - market["sigma"] * {number})
        if market["trend"] < 0.5:
            size = size / 2
        elif market["trend"] > 0.9:
            size = min(size * 1.5, 100.0)
        else:
            size = round(size, 3)
        if not self.limits.allows(symbol, size):
            return None
        return {{"type": "service{number}.decided", "symbol": symbol, "size": size, "at": time.time()}}

    def handle(self, entry_id, fields):
        symbol = fields.get("symbol")
        payload = json.loads(fields.get("payload") or "{{}}")
        if symbol not in self.config.symbols or payload.get("dry_run"):
            return
        decision = self.decide(symbol, fields)
        if decision is not None:
            self.decided += 1
            self.bus.publish(self.OUT, decision)
            self.redis.hset(f"quantum:service{number}:{{symbol}}", mapping={{"size": decision["size"], "at": decision["at"]}})
            self.redis.expire(f"quantum:service{number}:{{symbol}}", 300)

    def run(self):
        self.start()
        while True:
            found = self.redis.xreadgroup(GROUP, "one", {{STREAM_IN: ">"}}, count=50, block=1000)
            for _, entries in found or []:
                for entry_id, fields in entries:
                    try:
                        self.handle(entry_id, fields)
                    except (KeyError, ValueError) as error:
                        log.error("entry %s: %s", entry_id, error)
                    self.redis.xack(STREAM_IN, GROUP, entry_id)
            self.bus.beat("service{number}", time.time())
            log.info("%d decided; %s", self.decided, self.limits.summary())


if __name__ == "__main__":
    logging.basicConfig(level=os.getenv("LOG_LEVEL", "INFO"))
    Service().run()
'''


def tree(folder: Path, services: int) -> list[Unit]:
    """Lay out services of about a hundred lines, each with a folder of its own, and the library that they share."""
    for name, text in LIBRARY.items():
        _write(folder / name, text)
    units = []
    for number in range(services):
        script = folder / f"service{number}" / "main.py"
        _write(script, SERVICE.format(number=number, previous=number - 1))
        environment = (
            {"STREAM_IN": Variable("quantum:stream:fills", f"STREAM_IN at /etc/service{number}.env:1")} if number % 10 == 0 else {}
        )
        units.append(Unit(f"service{number}.service", str(script), (str(script.parent), str(folder)), (str(folder),), environment))
    return units


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")


def read(units: list[Unit]) -> list[Read]:
    """The map of all units, as of one look: files and what is learnt of them are shared."""
    files, cache = Files(HostTree()), Cache()
    return [read_unit(files, unit, cache) for unit in units]


def measure(effort: Effort) -> Iterator[Result]:
    """Read the tree and parse its files, in turns."""
    with TemporaryDirectory() as name:
        units = tree(Path(name), SERVICES if effort.rounds > _ROUNDS else SERVICES // 50)
        found = read(units)
        texts = [Path(file).read_bytes() for file in sorted({file for one in found for file in one.files})]
        arms = (
            Arm("ast.parse", partial(_parse, texts), gc.collect),
            Arm("map", partial(read, units), gc.collect),
        )
        times = interleave(arms, min(effort.rounds, _ROUNDS), warm_ups=1)
    ends, gaps = sum(len(one.ends) for one in found), sum(len(one.unresolved) for one in found)
    yield Result(
        "map of generated services, per file",
        best_ratio(times["map"], times["ast.parse"]),
        "× ast.parse of the same files",
        LIMIT,
        spread=max(times["map"].spread, times["ast.parse"].spread),
        how=f"{len(texts)} files, {ends} ends, {gaps} unresolved: {times['map']}; ast.parse {times['ast.parse']}; fastest rounds",
    )


def _parse(texts: list[bytes]) -> list[ast.Module]:
    return [ast.parse(text) for text in texts]
