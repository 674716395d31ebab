"""``qtops doctor`` on a real systemd: one service beside a long journal, and fifty with two thousand keys.

What is timed is the whole command, from the start of Python to its end. Its own files, those of Python and of the programs that
it runs are out of the page cache before each round of the first bar: cold is what an operator meets who has never run it before.
The box keeps its journal in memory, so that is never cold.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from publisher.embedded import find_server
from tests.bench.measuring import ROOT, Arm, Effort, interleave
from tests.bench.results import Result
from tests.box.box import PYTHON, Box, NoBox
from tests.faults.doctoring import environment, prepared, settled
from tests.scenarios.ground import ASK
from tests.scenarios.imports import FOUNDING_SCENARIO
from tests.scenarios.installing import prepared as scenarios

ONE_LIMIT_S, MANY_LIMIT_S, CHILDREN_LIMIT = 2.0, 5.0, 3.0
ENTRIES_PER_SYMBOL = 20  # 200,000 in all
OWN_SHARE = 4  # one in so many is of the sick service itself
UNITS, FAMILIES, PORT = 50, 4, 6390
RISK = "quantum-risk-proposal.service"
BUNDLE = "/run/acme.json"
ACME = ("--units", "acme-*", "--config", "/etc/acme.toml", "-o", "json")
WAYS = ("pystemd", "systemctl")
COUNTING = """import atexit, sys
children = []
starts = ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system")
sys.addaudithook(lambda event, given: children.append(f"{event} {given[0]}") if event in starts else None)
atexit.register(lambda: print(*children, sep="\\n", file=sys.stderr))
from qtops.cli.main import main
main(sys.argv[1:])
"""
NOISE = """import socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
    journal.connect("/run/systemd/journal/socket")
    for n in range(int(sys.argv[1])):
        journal.send(f"MESSAGE=cycle {n} of BTCUSDT took {n % 97} ms, 3 proposals written\\nPRIORITY=6\\n".encode())
"""
SHARED = "".join(f"def step_{n}(value: float) -> float:\n    return value * {n} + len(str(value))\n\n\n" for n in range(20))


class Unsound(RuntimeError):
    """What was timed is not what was meant."""


def measure(effort: Effort) -> Iterator[Result]:
    """Both bars; where no box can be booted, a row that says why."""
    try:
        yield from _one(effort)
        yield from _many(effort)
    except NoBox as why:
        yield Result("qtops doctor", 0, "measured", how=f"not measured: {why}", timed=False)


def _one(effort: Effort) -> Iterator[Result]:
    entries = ENTRIES_PER_SYMBOL * effort.symbols
    with scenarios([FOUNDING_SCENARIO]) as (box, _):
        held = _fill_journal(box, entries)
        ask = partial(_doctor, box, "risk-proposal", "-o", "json")
        arms = (Arm("cold", ask, _forget), Arm("warm", ask))
        times = interleave(arms, effort.rounds, warm_ups=1)
        root = json.loads(ask())["results"][0]["root"]
        if root is None or root["code"] != "IMPORT101":
            raise Unsound(f"the root is {root}")
    yield Result(
        f"qtops doctor of one service, cold, journal of {held:,} entries", times["cold"].median, "s", ONE_LIMIT_S,
        spread=times["cold"].spread, how=f"cold {times['cold']}; warm {times['warm']}; the root is named",
    )  # fmt: skip


def _many(effort: Effort) -> Iterator[Result]:
    keys = effort.loop_keys
    with fleet(keys) as box:
        arms = [Arm(way, partial(_doctor, box, *ACME, "--via", way)) for way in WAYS]
        times = interleave(arms, effort.rounds, warm_ups=1)
        for way in WAYS:
            counted = children(box, way, keys)
            yield Result(_name(way, keys), times[way].median, "s", MANY_LIMIT_S, spread=times[way].spread, how=f"{times[way]}")
            yield counted


def _name(way: str, keys: int) -> str:
    return f"qtops doctor of {UNITS} services and {keys:,} keys, through {way}"


def children(box: Box, way: str, keys: int) -> Result:
    """The child processes of one look at the fleet. Raises Unsound where it did not see all of it."""
    command = [sys.executable, "-c", COUNTING, "doctor", *ACME, "--via", way, "--save", BUNDLE]
    done = box.run(*command, check=False, env=environment(), cwd="/")
    document = json.loads(done.stdout)
    summary = document["summary"]
    if (document["via"], summary["total"], summary["critical"], summary["unknown"]) != (way, UNITS, UNITS // 5, 0):
        raise Unsound(f"{document['via']}: {summary}")
    read = {key["key"] for service in json.loads(box.read(BUNDLE))["services"] for key in service["keys"] if key["present"]}
    if len(read) != keys:
        raise Unsound(f"{len(read)} keys were read")
    started = [Path(line.partition(" ")[2]).name for line in done.stderr.decode().splitlines()]
    name = f"{_name(way, keys)}: child processes"
    return Result(name, len(started), "processes", CHILDREN_LIMIT, how=", ".join(started), timed=False)


def _doctor(box: Box, *arguments: str) -> bytes:
    done = box.run(sys.executable, "-m", "qtops", "doctor", *arguments, check=False, env=environment(), cwd="/")
    if done.returncode != 2:
        raise Unsound(f"exit code {done.returncode}: {done.stderr.decode()}")
    return done.stdout


def _fill_journal(box: Box, entries: int) -> int:
    """Let the sick service and another one write so many entries; how many the journal holds then."""
    box.write("/srv/noise.py", NOISE)
    box.write("/etc/systemd/journald.conf.d/all.conf", "[Journal]\nRateLimitBurst=0\nSystemMaxUse=2G\nSystemKeepFree=1M\n")
    own = entries // OWN_SHARE
    line = f"[Service]\nLogRateLimitIntervalSec=0\nExecStartPre=+{PYTHON} /srv/noise.py"
    box.write(f"/etc/systemd/system/{RISK}.d/noise.conf", f"{line} {own // 5}\n")  # it is started five times
    box.unit(
        "noise.service", f"[Service]\nType=oneshot\nLogRateLimitIntervalSec=0\nExecStart={PYTHON} /srv/noise.py {entries - own}\n"
    )
    box.reload()
    box.systemctl("restart", "systemd-journald")
    box.systemctl("reset-failed", RISK)
    box.systemctl("start", "noise.service")
    box.systemctl("start", "--no-block", RISK)
    box.run("sh", "-c", f"until systemctl -q is-failed {RISK}; do sleep 0.1; done")
    box.run("journalctl", "--sync")
    held = int(box.text("sh", "-c", "journalctl -q -o cat --output-fields=PRIORITY --no-pager | wc -l"))
    if held < entries:
        raise Unsound(f"the journal holds {held} entries only")
    return held


def _forget() -> None:
    """Have the kernel drop what it holds in memory of Python's files and of the programs that doctor runs."""
    folders = [Path(place, "lib") for place in {sys.prefix, sys.base_prefix}] + [ROOT / "qtops", ROOT / "publisher"]
    programs = [Path(place) for place in ("/usr/bin/journalctl", "/usr/bin/systemctl", os.path.realpath(sys.executable))]
    libraries = Path("/usr/lib").rglob("lib*.so*")
    for path in (*(path for folder in folders for path in folder.rglob("*.*")), *programs, *libraries):
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError:
            continue
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)


@contextmanager
def fleet(keys: int) -> Iterator[Box]:
    """Services that run, of ten one with a broken import and one that gives up, and a server with all their keys, all fresh."""
    units = {f"acme-{n:02}.service": _unit(n) for n in range(UNITS)}
    files = {"/srv/ask.py": ASK, "/etc/acme.toml": _configuration(keys)}
    for n in range(UNITS):
        files |= {f"/srv/acme-{n:02}/main.py": _main(n), f"/srv/acme-{n:02}/own.py": "import json\n" + SHARED}
    files |= {f"/srv/shared/part{n:02}.py": "import logging\n" + SHARED for n in range(20)}
    files["/srv/shared/__init__.py"] = ""
    server = f"[Service]\nExecStart={find_server()} --port {PORT} --bind 127.0.0.1 --save ''\n"
    with prepared({**units, "server.service": f"{server}ExecStartPost={PYTHON} /srv/ask.py {PORT}\n"}, files) as box:
        box.systemctl("start", "server.service")
        now_s = f"{time.time():.3f}"
        seed = "".join(f"HSET acme:{n % FAMILIES}:S{n // FAMILIES:04} ts {now_s} value 1\n" for n in range(keys))
        box.run(PYTHON, "/srv/ask.py", str(PORT), input=seed.encode())
        box.systemctl("start", "--no-block", *units, check=False)
        time.sleep(1)
        settled(box, *units, within_s=60)
        yield box


def _unit(n: int) -> str:
    return (
        f"[Unit]\nDescription=Acme {n}\nOnFailure=alert.service\n[Service]\nEnvironment=PYTHONPATH=/srv\nRestartSec=1\n"
        f"ExecStart={PYTHON} /srv/acme-{n:02}/main.py\n[Install]\nWantedBy=multi-user.target\n"
    )


def _main(n: int) -> str:
    imports = "".join(f"from shared.part{(n + k) % 20:02} import step_{k}\n" for k in range(5)) + "import own\n"
    endings = {3: "from shared.part99 import step_1\n", 7: "print('no venue answers')\nraise SystemExit(3)\n"}
    return imports + endings.get(n % 10, "import time\n\nwhile own:\n    time.sleep(1000)\n")


def _configuration(keys: int) -> str:
    def table(name: str, /, **values: Any) -> str:
        return f"[[{name}]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())

    families = "".join(
        table("families", name=f"f{n}", pattern=f"acme:{n}:{{symbol}}", symbols=[f"S{k:04}" for k in range(keys // FAMILIES)])
        + table("families.times", field="ts", interval_s=36_000, warn_s=36_000, critical_s=36_000)
        for n in range(FAMILIES)
    )
    services = "".join(
        table("services", name=f"acme-{n:02}", unit=f"acme-{n:02}.service", families=[f"f{n % FAMILIES}"]) for n in range(UNITS)
    )
    return f'[redis]\nurl = "redis://127.0.0.1:{PORT}/0"\n{families}{services}'
