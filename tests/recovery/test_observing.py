"""Services of a real systemd are started anew and watched: those that stay, those that die, and a publisher with its Redis."""

import sys
from collections.abc import Iterator, Mapping

import msgspec
import pytest

from publisher.embedded import find_server
from qtops.settings import PROPOSALS, Service, Settings, TimeRule
from tests.box.box import PYTHON, Box
from tests.faults.doctoring import environment, settled
from tests.recovery.inside import Asked, Told
from tests.scenarios.ground import ASK

pytestmark = [pytest.mark.slow, pytest.mark.systemd]

PORTS = {"proof-publisher": 6393, "proof-severed": 6394}
PUBLISH = f"{sys.executable} -P -m publisher --symbols BTCUSDT --interval 1 --market-max-age 3600 --position-max-age 3600"
FEED = f"""
import redis
from tests.faults.feeding import feed
for port in {tuple(PORTS.values())}:
    client = redis.Redis(port=port)
    feed(client, ["BTCUSDT"])
    client.hset("quantum:risk:proposal:BTCUSDT", mapping={{"proposed_sl": 100, "computed_at_utc": "2026-02-17T06:57:12.720666"}})
"""
BROKEN = """
from qtops.facts.service import ServiceFacts
from qtops.recovery.observing import _Watch
with _Watch(ServiceFacts(subject="dbus.service"), 0.0) as watch:
    watch.sample()
    watch._manager.close()
    watch.sample()
    watch.sample()
    print(*((sample.unit.active_state if sample.unit else sample.why) for sample in watch.samples), sep="|")
"""
PATIENT = """
import time
from qtops.collectors.doctor import Request
from qtops.facts.service import ServiceFacts
from qtops.recovery.observing import observe
print("watching", flush=True)
observe(Request(), ServiceFacts(subject="dbus.service"), time.time(), 60.0, 60.0, lambda *_: None, lambda seen: False)
"""
TALKS = "import logging, time\ntry:\n    {}['price']\nexcept KeyError:\n    logging.exception('cycle')\ntime.sleep(1000)\n"
CHATTERS = "import time\nfor number in range(900):\n    print(number)\ntime.sleep(1000)\n"
SPLIT = "import os, time\nos.fork()\ntime.sleep(1000)\n"


def redis(port: int) -> str:
    wait = f"ExecStartPost={PYTHON} /srv/proof-ask.py {port}\n"
    return f"[Service]\nExecStart={find_server()} --port {port} --bind 127.0.0.1 --save ''\n{wait}"


UNITS = {
    "proof-stays": "ExecStart=/bin/sleep 1000",
    "proof-dies": "ExecStart=/bin/sh -c 'sleep 3; exit 7'",
    "proof-loops": "ExecStart=/bin/sh -c 'sleep 0.4; exit 1'\nRestart=always\nRestartSec=100ms",
    "proof-refused": "ExecStart=/no/such/program",
    "proof-job": "Type=oneshot\nExecStart=/bin/sleep 0.3",
    "proof-remains": "Type=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true",
    "proof-slow": "Type=notify\nNotifyAccess=all\nExecStart=/bin/sh -c 'sleep 2; systemd-notify --ready; sleep 1000'",
    "proof-talks": f"ExecStart={PYTHON} /srv/proof-talks.py",
    "proof-chatters": f"ExecStart={PYTHON} -u /srv/proof-chatters.py",
    "proof-splits": f"ExecStart={PYTHON} /srv/proof-splits.py",
    **{name: f"Environment=REDIS_URL=redis://127.0.0.1:{port}/0\nExecStart={PUBLISH}" for name, port in PORTS.items()},
}
FAMILY = msgspec.structs.replace(
    PROPOSALS, times=(TimeRule(field="heartbeat_ms", interval_s=2, warn_s=4, critical_s=6, required=False), PROPOSALS.times[1])
)


def asked(name: str) -> Asked:
    families = (FAMILY.name,) if name in PORTS else ()
    settle_s = {"proof-dies": 5.0}.get(name, 1.0)
    service = Service(name=name, unit=f"{name}.service", families=families, settle_s=settle_s)
    settings = Settings(symbols=("BTCUSDT",), families=(FAMILY,), services=(service,))
    if name == "proof-severed":
        stop = ("systemctl", "kill", "--signal=KILL", f"redis-{name}.service")
        return Asked(settings=settings, meanwhile=stop, after_s=0.3, patience_s=4.0)
    return Asked(settings=settings)


@pytest.fixture(scope="module")
def seen(box: Box) -> Iterator[Mapping[str, Told]]:
    """Every unit started anew and watched, all at the same time."""
    try:
        yield watched(box)
    finally:
        box.run(
            "sh", "-c", "systemctl stop 'proof-*' 'redis-proof-*'; systemctl reset-failed 'proof-*' 'redis-proof-*'", check=False
        )
        box.remove([f"/etc/systemd/system/{name}.service" for name in (*UNITS, *(f"redis-{name}" for name in PORTS))])
        box.reload()


def watched(box: Box) -> dict[str, Told]:
    box.write("/srv/proof-ask.py", ASK)
    box.write("/srv/proof-talks.py", TALKS)
    box.write("/srv/proof-splits.py", SPLIT)
    box.write("/srv/proof-chatters.py", CHATTERS)
    for name, lines in UNITS.items():
        box.unit(f"{name}.service", f"[Service]\n{lines}\n\n[Install]\nWantedBy=multi-user.target\n")
    servers = [f"redis-{name}.service" for name in PORTS]
    for name, port in PORTS.items():
        box.unit(f"redis-{name}.service", redis(port))
    box.reload()
    box.systemctl("enable", *(f"{name}.service" for name in UNITS))
    box.systemctl("start", *servers)
    settled(box, *servers)
    box.run(sys.executable, "-c", FEED, env=environment())
    wanted = msgspec.json.encode({f"{name}.service": asked(name) for name in UNITS})
    done = box.run(sys.executable, "-m", "tests.recovery.inside", env=environment(), cwd="/", input=wanted)
    told = msgspec.json.decode(done.stdout, type=dict[str, Told])
    return {name.removesuffix(".service"): seen for name, seen in told.items()}


def answers(told: Told) -> dict[str, str]:
    return {criterion.name: criterion.holds for criterion in told.proof.criteria}


def evidence(told: Told, name: str) -> str:
    return next(criterion.evidence for criterion in told.proof.criteria if criterion.name == name)


@pytest.mark.parametrize("name", ["proof-stays", "proof-remains", "proof-job", "proof-slow", "proof-splits", "proof-chatters"])
def test_what_stays_or_ends_well_is_proven_as_soon_as_that_is_seen(seen, name):
    told = seen[name]
    assert told.proof.is_proven, told.proof
    assert told.seconds < 8
    assert told.unasked == 0


def test_the_settle_time_is_kept(seen):
    assert seen["proof-stays"].seconds >= 1
    assert "process " in evidence(seen["proof-stays"], "one process")
    assert seen["proof-slow"].seconds >= 3  # two until it is ready, and one to settle


def test_one_that_dies_after_three_seconds_is_told_at_once(seen):
    told = seen["proof-dies"]
    assert answers(told)["one process"] == "no"
    assert evidence(told, "one process").startswith("it did not stay up: failed (failed) after 3")
    assert evidence(told, "one process").endswith("exit-code, exit status 7")
    assert 3 <= told.seconds < 4.9


def test_one_that_cannot_even_begin_is_told_at_once(seen):
    told = seen["proof-refused"]
    assert answers(told)["one process"] == "no"
    assert told.seconds < 3


def test_a_loop_is_told_before_the_settle_time_is_over(seen):
    told = seen["proof-loops"]
    assert answers(told)["one process"] == "no"
    assert told.seconds < 4


def test_one_that_goes_on_after_a_traceback_is_not_proven(seen):
    told = seen["proof-talks"]
    assert {name for name, holds in answers(told).items() if holds != "yes"} == {"no new traceback"}
    assert "KeyError: 'price'" in evidence(told, "no new traceback")
    assert told.seconds < 4


def test_the_processes_of_its_control_group_are_seen(seen):
    assert len(seen["proof-splits"].pids) == 2
    assert seen["proof-splits"].host


def test_a_publisher_is_proven_by_what_it_publishes(seen):
    told = seen["proof-publisher"]
    assert told.proof.is_proven, told.proof
    assert set(answers(told)) >= {"fresh", "sane", "written by the new process"}
    assert f":{told.pids[0]} is its process" in evidence(told, "written by the new process")
    assert told.seconds < 8


def test_where_redis_dies_in_the_middle_nobody_can_tell(seen):
    told = seen["proof-severed"]
    assert not told.proof.is_proven
    assert [answers(told)[name] for name in ("one process", "fresh", "sane", "written by the new process")] == [
        "yes", "could not tell", "could not tell", "could not tell",
    ]  # fmt: skip
    assert "does not answer" in evidence(told, "fresh")
    assert told.seconds < 9  # four of patience, and a look
    assert len(told.looks_s) > 1


def test_a_connection_that_breaks_is_opened_again(box):
    first, broken, again = inside(box, BROKEN).split("|")
    assert (first, again) == ("active", "active")
    assert broken.startswith("systemd: ")


def test_whoever_waits_may_be_interrupted(box):
    command = ("timeout", "--preserve-status", "-s", "INT", "3", sys.executable, "-c", PATIENT)
    done = box.run(*command, check=False, env=environment(), cwd="/")
    assert done.stdout == b"watching\n"
    assert done.returncode in {130, -2}
    assert done.stderr.rstrip().endswith(b"KeyboardInterrupt")


def inside(box: Box, script: str) -> str:
    return box.run(sys.executable, "-c", script, env=environment(), cwd="/").stdout.decode().strip()
