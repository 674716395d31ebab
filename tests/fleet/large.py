"""A large tree: a thousand services as generated code has them, each with a unit file, all importing the same few modules."""

from pathlib import Path
from string import Template

_SERVICE = Template('''"""Service $number: reads what service $before writes, and writes for service $after."""

import asyncio
import json
import logging
import os
import time
from dataclasses import dataclass, field

import redis

from shared.bus import EventBus
from shared.names import NAMESPACE, hash_key, stream_key

log = logging.getLogger("service-$number")
STREAM_IN = os.getenv("STREAM_IN", "quantum:stream:topic$before.out")
STREAM_OUT = os.getenv("STREAM_OUT", "quantum:stream:topic$number.out")
GROUP = "service-$number"


@dataclass
class Settings:
    """What may be set from outside."""

    interval_s: float = float(os.getenv("INTERVAL", "5"))
    symbols: list[str] = field(default_factory=lambda: os.getenv("SYMBOLS", "BTCUSDT,ETHUSDT").split(","))
    dry_run: bool = os.getenv("DRY_RUN", "1") == "1"


class State:
    """What is known of each symbol."""

    def __init__(self, client):
        self.client = client
        self.prefix = f"{NAMESPACE}:state:topic$number"
        self.cache = {}

    def key(self, symbol):
        return f"{self.prefix}:{symbol}"

    def load(self, symbol):
        if symbol in self.cache:
            return self.cache[symbol]
        values = self.client.hgetall(self.key(symbol))
        self.cache[symbol] = {"price": float(values.get("price", 0)), "at": float(values.get("at", 0))}
        return self.cache[symbol]

    def save(self, symbol, price):
        now = time.time()
        pipe = self.client.pipeline()
        pipe.hset(self.key(symbol), mapping={"price": price, "at": now, "source": "service-$number"})
        pipe.expire(self.key(symbol), 3600)
        pipe.execute()
        self.cache[symbol] = {"price": price, "at": now}


class Scorer:
    """Some arithmetic, as such services have it."""

    def __init__(self, window=20):
        self.window = window
        self.prices = {}

    def add(self, symbol, price):
        prices = self.prices.setdefault(symbol, [])
        prices.append(price)
        if len(prices) > self.window:
            prices.pop(0)
        return self.score(symbol)

    def score(self, symbol):
        prices = self.prices.get(symbol, [])
        if len(prices) < 2:
            return 0.0
        mean = sum(prices) / len(prices)
        spread = (sum((price - mean) ** 2 for price in prices) / len(prices)) ** 0.5
        if spread == 0:
            return 0.0
        return (prices[-1] - mean) / spread

    def reset(self, symbol):
        self.prices.pop(symbol, None)


class Service:
    """Reads, computes, writes."""

    def __init__(self, settings):
        self.settings = settings
        self.client = redis.Redis.from_url(os.getenv("REDIS_URL", "redis://localhost:6379/0"), decode_responses=True)
        self.state = State(self.client)
        self.scorer = Scorer()
        self.bus = EventBus(self.client)

    def prepare(self):
        try:
            self.client.xgroup_create(STREAM_IN, GROUP, id="0", mkstream=True)
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    def handle(self, entry_id, fields):
        symbol = fields.get("symbol", "")
        if symbol not in self.settings.symbols:
            return
        price = float(fields["price"])
        score = self.scorer.add(symbol, price)
        self.state.save(symbol, price)
        if self.settings.dry_run:
            log.info("%s %s %.3f", entry_id, symbol, score)
        self.client.xadd(STREAM_OUT, {"symbol": symbol, "price": price, "score": score}, maxlen=10000)
        self.client.hset(hash_key("score", symbol), f"service$number", score)
        if abs(score) > 3:
            self.bus.emit("outlier", {"symbol": symbol, "score": json.dumps(score), "service": "$number"})

    def run(self):
        self.prepare()
        while True:
            for _, entries in self.client.xreadgroup(GROUP, "one", {STREAM_IN: ">"}, count=100, block=1000) or []:
                for entry_id, fields in entries:
                    try:
                        self.handle(entry_id, fields)
                    except (KeyError, ValueError) as error:
                        log.warning("%s: %s", entry_id, error)
                        self.client.rpush(stream_key("dead"), json.dumps(fields))
                    self.client.xack(STREAM_IN, GROUP, entry_id)
            self.client.set("quantum:heartbeat:service$number", time.time(), ex=60)


async def main():
    service = Service(Settings())
    await asyncio.get_running_loop().run_in_executor(None, service.run)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    asyncio.run(main())
''')
_SHARED = {
    "shared/__init__.py": "",
    "shared/names.py": '''"""Names that all services use."""

NAMESPACE = "quantum"


def hash_key(family, symbol):
    return f"{NAMESPACE}:{family}:{symbol}"


def stream_key(name):
    return ":".join((NAMESPACE, "stream", name))
''',
    "shared/bus.py": '''"""Events for all."""

from shared.names import stream_key


class EventBus:
    def __init__(self, client):
        self.client = client

    def emit(self, kind, fields):
        self.client.xadd(stream_key(f"events.{kind}"), fields, maxlen=1000)
''',
}
_UNIT = """[Unit]
Description=Service {number}

[Service]
WorkingDirectory={root}
Environment=PYTHONPATH={root}
Environment=STREAM_IN=quantum:stream:topic{before}.out
ExecStart=/usr/bin/python3 {script}
Restart=always

[Install]
WantedBy=multi-user.target
"""


def lay_large(root: Path, services: int = 1_000) -> list[Path]:
    """Write the tree, its unit files in ``root/units``. The scripts of the services, in order; each feeds the next."""
    for name, text in _SHARED.items():
        _write(root / name, text)
    scripts = []
    for number in range(services):
        around = {"number": number, "before": (number - 1) % services, "after": (number + 1) % services}
        script = root / "services" / f"service{number}" / "main.py"
        _write(script, _SERVICE.substitute(around))
        _write(root / "units" / f"service{number}.service", _UNIT.format(root=root, script=script, **around))
        scripts.append(script)
    return scripts


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
