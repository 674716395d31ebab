"""The stage: a booted systemd on which the publisher of the founding incident is at work, and a release that will break it."""

import json
import math
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from publisher.contract import market_key, position_key
from tests.box.box import Box, booted
from tests.box.fixture import unseen
from tests.preflight_trees import EDIT, FOUNDING_UNIT, MAIN, PROJECT
from tests.publisher.builders import market_hash, position_hash
from tests.recovery.founding import MAIN_BYTES, SERVICE, lay

HOME: Final = "/root"
RELEASE: Final = f"{HOME}/release/main.py"  # what is rolled out
BEFORE_IT: Final = MAIN_BYTES.replace(EDIT.encode() + b"\r\n", b"")  # what ran until then
OWN: Final = ("/etc/qtops", "/var/lib/qtops", "/etc/quantum", "/opt/quantum", PROJECT)  # of the host, seen through in the box
PRICES: Final[Mapping[str, float]] = {"BTCUSDT": 67_420.0, "ETHUSDT": 1_962.5, "SOLUSDT": 84.6}
SWING: Final = 0.0015  # prices move by so much: enough to be published anew, too little for a stop
MARKET: Final = f"""import json
import math
import sys
import time

import redis

states, positions = json.load(open(sys.argv[1]))
client = redis.Redis(port=6379)
while True:
    now = time.time()
    for key, fields in states.items():
        client.hset(key, mapping=fields | {{"ts_timestamp": int(now)}})
    for number, (key, fields) in enumerate(positions.items()):
        entry, amount = float(fields["entry_price"]), float(fields["quantity"])
        price = entry * (1.005 + {SWING} * math.sin(now / 9 + 2 * number))
        moved = {{"mark_price": f"{{price:.6f}}", "current_price": f"{{price:.6f}}", "unrealized_pnl": (price - entry) * amount}}
        client.hset(key, mapping=fields | moved | {{"ts_epoch": int(now)}})
    time.sleep(2)
"""
ENVIRONMENT: Final = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": HOME, "LANG": "C.UTF-8", "COLUMNS": "1000",
    "FORCE_COLOR": "1", "SYSTEMD_COLORS": "16", "SYSTEMD_URLIFY": "0", "PYTHONDONTWRITEBYTECODE": "1",
}  # fmt: skip
"""What commands of the show are run with: in colour, and on lines as long as they are, which the show then wraps itself."""


@contextmanager
def stage(restart_s: float) -> Iterator[Box]:
    """A box in which the publisher publishes. ``restart_s`` is its unit's RestartSec=. Raises NoBox."""
    with booted(binds=unseen()) as box:
        box.remove(OWN)
        lay(box, {MAIN: BEFORE_IT})
        box.write("/usr/local/bin/qtops", f'#!/bin/sh\nexec {sys.executable} -m qtops "$@"\n', 0o755)
        box.write(RELEASE, MAIN_BYTES, 0o640)
        box.write("/srv/market/market.py", MARKET)
        box.write("/srv/market/hashes.json", json.dumps((_states(), _positions())))
        box.unit(SERVICE, FOUNDING_UNIT.replace("RestartSec=10\n", f"RestartSec={_span(restart_s)}\n"))
        box.reload()
        box.systemctl("enable", "--quiet", SERVICE)
        box.systemctl("restart", "market.service", SERVICE)
        box.systemctl("reset-failed", SERVICE)  # it was last started long ago: these starts do not count
        yield box


def _span(seconds: float) -> str:
    return f"{seconds:g}" if seconds >= 1 else f"{math.ceil(seconds * 1000)}ms"


def _states() -> dict[str, dict[str, str]]:
    return {market_key(symbol): _text(market_hash(sigma=f"{0.011 + 0.0013 * number:.8f}")) for number, symbol in enumerate(PRICES)}


def _positions() -> dict[str, dict[str, str]]:
    return {position_key(symbol): _text(position_hash(symbol=symbol, entry_price=price)) for symbol, price in PRICES.items()}


def _text(fields: Mapping[bytes, bytes]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in fields.items()}
