"""The founding system's question on a booted systemd, with a Redis of its own: why are the three control streams empty?"""

import json
import sys

import pytest

pytestmark = [pytest.mark.systemd, pytest.mark.slow]

FOLDER, SOCKET = "/srv/plane", "/run/plane.sock"
CLIENT = f'import redis\n\nr = redis.Redis(unix_socket_path="{SOCKET}")\n'


def reader(name: str) -> str:
    """Makes its own stream, as they do, and waits on it."""
    return (
        f'{CLIENT}r.xgroup_create("{name}", "readers", mkstream=True)\nr.xreadgroup("readers", "one", {{"{name}": ">"}}, block=0)\n'
    )


def writer(name: str, first: str) -> str:
    """Writes at once, or waits for something to happen first."""
    return f'{CLIENT}{first}\nr.xadd("{name}", {{"version": "1"}}, maxlen=9)\nr.blpop("never")\n'


SOURCES = {
    "policy": writer("quantum:stream:policy.update", "r.ping()"),
    "engine": reader("quantum:stream:policy.updated"),
    "evolution": writer("quantum:stream:model.retrain", "r.ping()"),
    "trainer": reader("quantum:stream:model.retrain"),
    "reconcile": writer("quantum:stream:reconcile.close", 'r.blpop("drift")'),
    "apply": reader("quantum:stream:reconcile.close"),
}
OFF = "evolution"
WAIT = (
    f"for i in $(seq 100); do [ $(redis-cli -s {SOCKET} --scan --pattern 'quantum:*' | wc -l) = 4 ] && exit; sleep .1; done; exit 1"
)


@pytest.fixture
def control_plane(box):
    """Redis and all units but one."""
    box.unit("plane-redis.service", f"[Service]\nExecStart=/usr/bin/redis-server --port 0 --unixsocket {SOCKET} --save ''\n")
    for name, source in SOURCES.items():
        box.write(f"{FOLDER}/{name}.py", source)
        box.unit(
            f"plane-{name}.service",
            f"[Unit]\nAfter=plane-redis.service\n[Service]\nRestart=on-failure\nRestartSec=100ms\n"
            f"ExecStart={sys.executable} {FOLDER}/{name}.py\n[Install]\nWantedBy=multi-user.target\n",
        )
    units = ("plane-redis", *(f"plane-{name}" for name in SOURCES if name != OFF))
    box.reload()
    box.systemctl("start", *units)
    box.run("sh", "-c", WAIT)
    yield box
    box.systemctl("stop", *units)


def test_broken_unfed_and_idle_by_nature(control_plane):
    command = (sys.executable, "-m", "qtops", "map", "--units", "plane-*", "--redis", f"unix://{SOCKET}", "--control-plane")
    done = control_plane.run(*command, "-o", "json", check=False, cwd="/")
    assert done.stderr.decode() == ""
    told = json.loads(done.stdout)
    silences = {silence["name"]: silence for silence in told["silences"]}
    assert {name.rpartition(":")[2]: silence["state"] for name, silence in silences.items()} == {
        "policy.updated": "broken",
        "model.retrain": "unfed",
        "reconcile.close": "idle",
    }
    assert "policy.py" in silences["quantum:stream:policy.updated"]["remedy"]
    assert "plane-evolution.service is inactive (dead), disabled" in silences["quantum:stream:model.retrain"]["why"]
    assert any("last id 0-0" in line for line in silences["quantum:stream:reconcile.close"]["evidence"])
    assert told["summary"]["exit_code"] == 2
