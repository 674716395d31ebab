"""Units on a booted systemd, their source, and a Redis of their own: who writes, who reads, and who is off."""

import json
import sys
import textwrap

import pytest

pytestmark = [pytest.mark.systemd, pytest.mark.slow]

FOLDER, SOCKET = "/srv/wired", "/run/wired.sock"
STREAM = "quantum:stream:wired"
CLIENT = f'import redis\n\nr = redis.Redis(unix_socket_path="{SOCKET}")\n'
SOURCES = {
    "feeder": CLIENT + f'r.xadd("{STREAM}", {{"price": "1"}}, maxlen=10)\nr.blpop("wired:end")\n',
    "reader": CLIENT + f'r.xgroup_create("{STREAM}", "readers", id="0", mkstream=True)\nr.xlen("{STREAM}")\n'
    f'r.xreadgroup("readers", "one", {{"{STREAM}": ">"}})\nr.blpop("wired:end")\n',
    "trainer": CLIENT + 'r.xadd("quantum:stream:wired.retrain", {"model": "x"})\n',
}
LOOK = """
import sys
import msgspec
from qtops.collectors.wiring import Request, look_at_wiring
facts = look_at_wiring(Request(names=tuple(sys.argv[1:]), via="systemctl"), lambda *_: None)
assert not facts.missing, facts.missing
print(msgspec.json.encode(facts.wiring).decode())
"""


@pytest.fixture
def wired(box):
    """Redis and three units; the third has never been started."""
    box.unit("wired-redis.service", f"[Service]\nExecStart=/usr/bin/redis-server --port 0 --unixsocket {SOCKET} --save ''\n")
    for name, source in SOURCES.items():
        box.write(f"{FOLDER}/{name}.py", textwrap.dedent(source))
        box.unit(
            f"wired-{name}.service",
            f"[Unit]\nAfter=wired-redis.service\n[Service]\nEnvironment=REDIS_URL=unix://{SOCKET}\nRestart=on-failure\nRestartSec=100ms\n"
            f"ExecStart={sys.executable} {FOLDER}/{name}.py\n[Install]\nWantedBy=multi-user.target\n",
        )
    units = ("wired-redis", "wired-feeder", "wired-reader")
    box.reload()
    box.systemctl("start", *units)
    box.run(
        "sh",
        "-c",
        f"for i in $(seq 100); do redis-cli -s {SOCKET} XINFO GROUPS {STREAM} | grep -q readers && exit; sleep .1; done; exit 1",
    )
    yield box
    box.systemctl("stop", *units)


def test_who_writes_who_reads_and_who_is_off(wired):
    names = [f"wired-{name}" for name in SOURCES]
    said = wired.run(sys.executable, "-c", LOOK, *names, cwd="/").stdout
    wiring = json.loads(said)
    units = {unit["unit"].removeprefix("wired-").removesuffix(".service"): unit for unit in wiring["units"]}
    assert {name: (unit["active_state"], unit["unit_file_state"]) for name, unit in units.items()} == {
        "feeder": ("active", "disabled"),
        "reader": ("active", "disabled"),
        "trainer": ("inactive", "disabled"),
    }
    ends = {
        name: {(end["name"], end["direction"]) for end in unit["ends"] if end["name"].startswith("quantum:")}
        for name, unit in units.items()
    }
    assert ends == {
        "feeder": {(STREAM, "write")},
        "reader": {(STREAM, "read"), (STREAM, "touch")},
        "trainer": {("quantum:stream:wired.retrain", "write")},
    }
    assert wiring["redis_url"] == f"unix://{SOCKET}"
    states = {state["name"]: state for state in wiring["names"]}
    assert states[STREAM]["length"] == 1
    assert states["quantum:stream:wired.retrain"]["present"] is False
    (stream,) = [stream for stream in wiring["streams"]["looks"][0]["streams"] if stream["name"] == STREAM]
    assert [group["name"] for group in stream["groups"]] == ["readers"]
    assert any(client["blocked"] for client in wiring["clients"])
