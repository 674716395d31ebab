"""The founding incident in a box, whole: the service with its fault, its real publisher, a Redis, and a market that moves.

``with founding() as host:`` gives a host on which systemd has given up starting the publisher. Once the edit of sys.path is gone,
the publisher publishes what it computes from a fresh market and open positions.
"""

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, Final

from publisher.contract import market_key, position_key
from qtops.settings import SYMBOLS
from tests.box.box import Box, booted
from tests.box.fixture import unseen
from tests.preflight_trees import EDIT, FOUNDING, FOUNDING_MAIN, FOUNDING_UNIT, MAIN, PROJECT, REAL
from tests.publisher.builders import market_hash, position_hash
from tests.scenarios import ground
from tests.scenarios.scenario import VENV

SERVICE: Final = "quantum-risk-proposal.service"
WRITES_CRLF: Final = FOUNDING_MAIN + "from publisher.cli import main\n\nif __name__ == '__main__':\n    main()\n"
MAIN_BYTES: Final = WRITES_CRLF.replace("\n", "\r\n").encode()  # as on the host of the incident
MAIN_MODE: Final = 0o640
KERNEL: Final = (
    "from publisher.kernel import Position as PositionSnapshot\nfrom publisher.kernel import compute as compute_proposal\n"
)
INTERVAL_S: Final = 10.0
MARKET: Final = """import json
import sys
import time

import redis

hashes = json.load(open(sys.argv[1]))
client = redis.Redis(port=6379)
while True:
    now = int(time.time())
    for key, fields, field in hashes:
        client.hset(key, mapping=fields | {field: now})
    time.sleep(2)
"""
MARKET_UNIT: Final = f"[Service]\nExecStart={VENV}/bin/python3 /srv/market/market.py /srv/market/hashes.json\nRestart=always\n"
QUIET: Final = {"PYTHONDONTWRITEBYTECODE": "1", "HOME": "/root", "LANG": "C.UTF-8"}


@dataclass(frozen=True)
class Host:
    """The box, and qtops in it as root."""

    box: Box

    def qtops(self, *words: str, timeout: float = 120, environ: Mapping[str, str] | None = None) -> CompletedProcess[bytes]:
        """Run a command of qtops beside the systemd of the box."""
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        command = [sys.executable, "-m", "qtops", *words]
        return self.box.run(*command, check=False, timeout=timeout, env={**QUIET, "PATH": path, **(environ or {})}, cwd="/")

    def recover(self, *words: str, expect: int = 0) -> dict[str, Any]:
        """``qtops recover … -o json``: what it printed."""
        done = self.qtops("recover", *words, "-o", "json")
        assert done.returncode == expect, (done.returncode, done.stderr.decode(), done.stdout.decode()[:3000])
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def state(self, unit: str = SERVICE) -> dict[str, str]:
        """How a unit is."""
        names = ("ActiveState", "SubState", "Result", "NRestarts", "MainPID", "InvocationID")
        return self.box.show(unit, properties=names)[unit]

    def owned(self, path: str) -> tuple[bytes, str]:
        """The content of a file, and its mode and owner."""
        return self.box.read(path), self.box.text("stat", "-c", "%a %U:%G", path).strip()


@contextmanager
def founding(files: Mapping[str, str | bytes] | None = None) -> Iterator[Host]:
    """A host right after systemd gave up. ``files``: what is different there."""
    with booted(binds=unseen()) as box:
        lay(box, files or {})
        until(box, SERVICE, ActiveState="failed", NRestarts="5")
        yield Host(box)


def lay(box: Box, files: Mapping[str, str | bytes] = {}) -> None:
    """Write everything, and start it. It takes some seconds until systemd has given up."""
    ground.lay(box)
    site = f"{VENV}/lib/python{ground.version(box)}/site-packages"
    for package in ("click", "hiredis"):
        box.copy(_package(package), f"{site}/{package}")
    for module in ("__init__", "typing"):  # it is there; with three symbols the publisher never imports it
        box.write(f"{site}/numpy/{module}.py", "")
    source = Path(__file__).parents[2] / "publisher"
    for file in sorted(source.glob("*.py")):
        box.write(f"{PROJECT}/publisher/{file.name}", file.read_bytes())
    tree = {**FOUNDING, MAIN: MAIN_BYTES, REAL: KERNEL, "/etc/quantum/risk-proposal.env": "LOG_LEVEL=INFO\n", **files}
    for path, content in tree.items():
        box.write(path, content)
    box.run("chown", "-R", "qt:qt", "/home/qt")
    box.host_path(MAIN).chmod(MAIN_MODE)
    market(box)
    box.unit(SERVICE, FOUNDING_UNIT.replace("RestartSec=10", "RestartSec=100ms"))  # five starts within a second, not a minute
    box.reload()
    box.systemctl("start", "market.service", SERVICE)


def market(box: Box, symbols: Sequence[str] = SYMBOLS) -> None:
    """A unit that writes a fresh market state and an open position for each symbol, every two seconds."""
    hashes = [
        (key, {name.decode(): value.decode() for name, value in fields.items()}, field)
        for number, symbol in enumerate(symbols)
        for key, fields, field in (
            (market_key(symbol), market_hash(sigma=f"{0.012 + 0.001 * number:.8f}"), "ts_timestamp"),
            (position_key(symbol), _position(symbol, 10.0 ** (number + 1)), "ts_epoch"),
        )
    ]
    box.write("/srv/market/market.py", MARKET)
    box.write("/srv/market/hashes.json", json.dumps(hashes))
    box.unit("market.service", MARKET_UNIT)


def _position(symbol: str, entry: float) -> dict[bytes, bytes]:
    """An open position that is half a percent in profit: no two alike."""
    return position_hash(symbol=symbol, entry_price=entry, mark_price=entry * 1.005, current_price=entry * 1.005)


def until(box: Box, unit: str, limit_s: float = 30.0, **wanted: str) -> None:
    """Wait until the unit is so."""
    deadline = time.monotonic() + limit_s
    while True:
        shown = box.show(unit, properties=[*wanted])[unit]
        if shown == wanted:
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"{unit} is {shown}, not {wanted}: {box.text('journalctl', '-u', unit, '-n', '20', '--no-pager')}")
        time.sleep(0.05)


def _package(name: str) -> Path:
    found = find_spec(name)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


__all__ = ["EDIT", "INTERVAL_S", "MAIN", "MAIN_BYTES", "MAIN_MODE", "SERVICE", "Host", "founding", "lay", "market", "until"]
