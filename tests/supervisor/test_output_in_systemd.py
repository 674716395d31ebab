"""Which Redis a service uses is what its own unit gives it, at each start anew; and doctor sees a process that a signal holds."""

import json
import subprocess
import sys
import time
from contextlib import contextmanager

import msgspec
import pytest
from msgspec.structs import replace

from publisher.embedded import find_server
from qtops.settings import Family, RedisSettings, Service, Settings, TimeRule
from tests.box.box import PYTHON
from tests.faults.doctoring import ask, environment
from tests.faults.servers import wait_until
from tests.scenarios.ground import ASK

pytestmark = [pytest.mark.slow, pytest.mark.systemd]

UNIT = "output-writer.service"
RULE = TimeRule(field="ts", interval_s=3600, warn_s=3600, critical_s=3600)
SETTINGS = Settings(
    redis=RedisSettings(url="redis://127.0.0.1:1/0"),
    families=(Family(name="f", pattern="f", times=(RULE,)),),
    services=(Service(name="writer", unit=UNIT, families=("f",)),),
)
PORTS = (6391, 6392)


def server(port):
    program = f"{find_server()} --port {port} --bind 127.0.0.1 --save ''"
    return f"[Service]\nExecStart={program}\nExecStartPost={PYTHON} /srv/ask.py {port}\n"


@pytest.fixture
def writer(box):
    box.write("/srv/ask.py", ASK)
    for port in PORTS:
        box.unit(f"output-redis-{port}.service", server(port))
    box.unit(UNIT, "[Service]\nEnvironmentFile=/etc/output.env\nExecStart=/bin/sleep 1000\n")
    box.write("/etc/output.env", f"REDIS_URL=redis://:kestrel-fjord@127.0.0.1:{PORTS[0]}/0\n", 0o600)
    box.reload()
    box.systemctl("start", UNIT, *(f"output-redis-{port}.service" for port in PORTS))
    yield box
    box.systemctl("kill", "-s", "KILL", UNIT, check=False)
    box.systemctl("stop", UNIT, *(f"output-redis-{port}.service" for port in PORTS))
    box.remove(["/etc/output.env"])


def line(box):
    shown = box.show(UNIT, properties=("MainPID", "InvocationID"))[UNIT]
    return f"{UNIT} {shown['MainPID']} {shown['InvocationID']}\n"


@contextmanager
def watch_inside(box, settings, user="root"):
    command = [sys.executable, "-m", "tests.supervisor.output_inside", msgspec.json.encode(settings).decode(), user]
    enter = ["nsenter", "-t", str(box.pid), "-m", "-u", "-i", "-n", "-p", "-C", "--", *command]
    with subprocess.Popen(enter, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()) as watch:

        def ask_it(line):
            watch.stdin.write(line)
            watch.stdin.flush()
            return json.loads(watch.stdout.readline())

        yield ask_it
        watch.stdin.close()


def test_the_redis_is_that_of_the_last_start(writer):
    seen = []
    with watch_inside(writer, SETTINGS) as ask_it:
        for port in PORTS:
            writer.write("/etc/output.env", f"REDIS_URL=redis://127.0.0.1:{port}/0\n", 0o600)
            writer.systemctl("restart", UNIT)
            said = ask_it(line(writer))
            seen.append([(one["redis"], one.get("trouble", "")) for one in said if one["type"] == "reached"])
            (outcome,) = [one for one in said if one["type"] == "outcome"]
            assert [finding["code"] for finding in outcome["findings"]] == ["KEYS201"]
    assert seen == [[(f"redis://127.0.0.1:{port}/0", "")] for port in PORTS]


def test_an_environment_that_may_not_be_read_is_told_where_it_matters(writer):
    settings = replace(SETTINGS, redis=RedisSettings(url=f"redis://127.0.0.1:{PORTS[1]}/0"))
    with watch_inside(writer, settings, "nobody") as ask_it:
        said = ask_it(line(writer))
    (outcome,) = [one for one in said if one["type"] == "outcome"]
    assert outcome["redis"] == f"redis://127.0.0.1:{PORTS[1]}/0"
    (finding,) = outcome["findings"]
    caution = (
        f"that it uses {outcome['redis']} is what redis.url in the configuration says: its own /etc/output.env may not be read"
    )
    assert finding["evidence"][-1] == caution


def test_doctor_sees_a_process_that_a_signal_holds(writer):
    writer.write("/etc/output.env", f"REDIS_URL=redis://127.0.0.1:{PORTS[0]}/0\n", 0o600)
    writer.systemctl("restart", UNIT)
    writer.systemctl("kill", "-s", "STOP", UNIT)
    pid = writer.show(UNIT, properties=("MainPID",))[UNIT]["MainPID"]
    wait_until(lambda: ") T " in writer.text("cat", f"/proc/{pid}/stat"), 5, "a stopped process")
    time.sleep(0.1)
    result = ask(writer, UNIT, "-o", "json").results[UNIT]
    assert result["root"]["code"] == "PROCESS201"
    assert f"process {pid} is stopped by a signal" in result["root"]["summary"]
