"""A Redis in the box, alone or with a replica and a Sentinel, a market that moves, and real publishers."""

import sys
from dataclasses import dataclass
from typing import Final

from publisher.embedded import find_server
from tests.box.box import PYTHON, Box
from tests.recovery import founding
from tests.scenarios.ground import ASK

MASTER_PORT, REPLICA_PORT, SENTINEL_PORT = 6381, 6382, 26381
SENTINEL_URL: Final = f"redis+sentinel://127.0.0.1:{SENTINEL_PORT}/soak"
_SENTINEL: Final = """port {sentinel}
bind 127.0.0.1
dir /srv/redis
sentinel monitor soak 127.0.0.1 {master} 1
sentinel down-after-milliseconds soak 3000
sentinel failover-timeout soak 3000
"""
_MARKET: Final = """import json
import random
import sys
import time

from publisher.connection import REDIS_ERRORS, connect

hashes = json.load(open("/srv/market/hashes.json"))
client = connect(sys.argv[1])
while True:
    now = int(time.time())
    try:
        for key, fields, field in hashes:
            moved = {"sigma": f"{float(fields['sigma']) * random.uniform(0.99, 1.01):.8f}"} if "sigma" in fields else {}
            client.hset(key, mapping=fields | moved | {field: now})
    except REDIS_ERRORS:
        time.sleep(0.2)
        continue
    time.sleep(1)
"""
_SERVICE: Final = """
[[families]]
name = "{name}"
pattern = "quantum:risk:proposal:{{symbol}}"
content = "risk-proposal"
only_while = "open_position"
[[families.times]]
field = "heartbeat_ms"
interval_s = {interval_s}
warn_s = {warn_s}
critical_s = {critical_s}
[[families.times]]
field = "computed_at_utc"
interval_s = 60
warn_s = 90
critical_s = 150
[[services]]
name = "{name}"
unit = "{unit}"
families = ["{name}"]
redis_url = "{url}"
"""


@dataclass(frozen=True)
class Publisher:
    """A publisher of proposals, and what it writes to."""

    name: str
    interval_s: float
    url: str

    @property
    def unit(self) -> str:
        """Its unit."""
        return f"{self.name}.service"

    @property
    def configuration(self) -> str:
        """What qtops is told of it: a proposal is late after two intervals, as by default."""
        warn_s, critical_s = self.interval_s * 2, self.interval_s * 3
        return _SERVICE.format(
            name=self.name, unit=self.unit, url=self.url, interval_s=self.interval_s, warn_s=warn_s, critical_s=critical_s
        )

    def lay(self, box: Box) -> None:
        """Write its unit, and that of its market. It is not started."""
        founding.market(box)
        box.write("/srv/market/soak.py", _MARKET)
        market = f"{sys.executable} /srv/market/soak.py {self.url}"
        box.unit(f"{self.name}-market.service", f"[Service]\nExecStart={market}\nRestart=always\n")
        command = f"{sys.executable} -m publisher --redis-url {self.url} --interval {self.interval_s:g} --publisher-id {self.name}"
        box.unit(self.unit, f"[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=notify\nExecStart={command}\nRestart=always\n")

    def start(self, box: Box) -> None:
        """Start both."""
        box.systemctl("start", f"{self.name}-market.service", self.unit)


def lay_server(box: Box, port: int = 6379, more: str = "", name: str = "redis") -> None:
    """A server as a unit, started."""
    box.write("/srv/redis/ask.py", ASK)
    options = f"--port {port} --bind 127.0.0.1 --save '' --appendonly no --daemonize no {more}"
    wait = f"ExecStartPost={PYTHON} /srv/redis/ask.py {port}"
    box.unit(f"{name}.service", f"[Service]\nExecStart={find_server()} {options}\n{wait}\n")
    box.reload()
    box.systemctl("start", f"{name}.service")


def lay_sentinel(box: Box) -> None:
    """A master, its replica, and one Sentinel that is enough to make the replica the master."""
    lay_server(box, MASTER_PORT, name="redis-master")
    lay_server(box, REPLICA_PORT, f"--replicaof 127.0.0.1 {MASTER_PORT}", name="redis-replica")
    box.write("/srv/redis/sentinel.conf", _SENTINEL.format(sentinel=SENTINEL_PORT, master=MASTER_PORT))
    box.unit("redis-sentinel.service", f"[Service]\nExecStart={find_server()} /srv/redis/sentinel.conf --sentinel\n")
    box.reload()
    box.systemctl("start", "redis-sentinel.service")
