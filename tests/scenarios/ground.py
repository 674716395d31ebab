"""What all scenarios stand on: accounts, a virtual environment with redis-py, and two servers, one of them behind a password."""

from importlib.util import find_spec
from pathlib import Path

from publisher.embedded import find_server
from tests.box.box import PYTHON, Box
from tests.scenarios.scenario import VENV

ACCOUNTS = ("app", "qt")
FIRST_ID = 990
SERVERS = ("redis.service", "redis-locked.service")
PROPOSAL = "HSET quantum:risk:proposal:{} proposed_sl 100 proposed_tp 110 computed_at_utc 2026-02-17T06:57:12.720666"
STALE = "\n".join(PROPOSAL.format(symbol) for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT"))
ASK = """import socket
import sys
import time

port, asked = int(sys.argv[1]), sys.stdin.read().splitlines() or ["PING"]
while True:
    try:
        connection = socket.create_connection(("127.0.0.1", port))
        break
    except ConnectionRefusedError:
        time.sleep(0.02)
with connection, connection.makefile("rw") as redis:
    for line in asked:
        redis.write(line + "\\r\\n")
        redis.flush()
        redis.readline()
"""


def lay(box: Box) -> None:
    """Prepare a box. Servers are up, and one of them holds proposals that are long out of date, when this returns."""
    for offset, name in enumerate(ACCOUNTS):
        number = FIRST_ID + offset
        for path, line in (
            ("/etc/passwd", f"{name}:x:{number}:{number}::/home/{name}:/bin/bash"),
            ("/etc/group", f"{name}:x:{number}:"),
        ):
            box.write(path, box.read(path).decode() + f"{line}\n")
    box.run("mkdir", "-p", "/home/qt")
    box.run(PYTHON, "-m", "venv", "--without-pip", VENV)
    packages = f"{VENV}/lib/python{version(box)}/site-packages"
    box.copy(_redis_py(), f"{packages}/redis")
    box.write(f"{packages}/async_timeout.py", "from asyncio import timeout\n")  # redis-py wants it before Python 3.11.3
    box.write("/srv/redis/ask.py", ASK)
    for unit, port, more in zip(SERVERS, (6379, 6380), ("", "--requirepass private-to-this-box"), strict=True):
        box.unit(unit, _server(port, more))
    box.reload()
    box.systemctl("start", *SERVERS)
    box.run(PYTHON, "/srv/redis/ask.py", "6379", input=STALE.encode())


def _server(port: int, more: str) -> str:
    options = f"--port {port} --bind 127.0.0.1 --save '' --appendonly no --daemonize no {more}"
    wait = f"ExecStartPost={PYTHON} /srv/redis/ask.py {port}"
    return f"[Service]\nExecStart={find_server()} {options}\n{wait}\n"


def _redis_py() -> Path:
    found = find_spec("redis")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


def version(box: Box) -> str:
    """Of the box's own Python, such as 3.11."""
    return box.text(PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()
