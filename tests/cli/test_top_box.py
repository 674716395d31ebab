"""``qtops top`` on a booted systemd: services as they are, and the Redis that a service's own environment names."""

import json
import sys

import msgspec
import pytest

from qtops.reports.top.document import Document
from qtops.reports.top.services import ServiceRow
from tests.cli.running import environment

pytestmark = [pytest.mark.systemd, pytest.mark.slow]

SOCKET, CONFIG, OPTIONS = "/run/top.sock", "/etc/top.toml", "/etc/top.env"
BEAT = f"while :; do redis-cli -s {SOCKET} hset top:beat at $(date +%%s); sleep .2; done"
SETTINGS = """
symbols = ["BTCUSDT"]
streams = []
[redis]
url = "redis://127.0.0.1:1/0"
[[families]]
name = "beat"
pattern = "top:beat"
times = [{ field = "at", interval_s = 1, warn_s = 10, critical_s = 20 }]
[[services]]
name = "app"
unit = "top-app.service"
families = ["beat"]
[[services]]
name = "sick"
unit = "top-sick.service"
[[services]]
name = "gone"
unit = "top-gone.service"
"""


@pytest.fixture
def services(box):
    """One that runs and writes, one that has failed, one that is not there."""
    box.write(CONFIG, SETTINGS)
    box.write(OPTIONS, f"REDIS_URL=unix://{SOCKET}\n")
    box.unit("top-redis.service", f"[Service]\nExecStart=/usr/bin/redis-server --port 0 --unixsocket {SOCKET} --save ''\n")
    box.unit("top-app.service", f"[Service]\nEnvironmentFile={OPTIONS}\nMemoryAccounting=yes\nExecStart=/bin/sh -c '{BEAT}'\n")
    box.unit("top-sick.service", "[Service]\nExecStart=/bin/sh -c 'exit 7'\n")
    box.reload()
    box.systemctl("start", "top-redis", "top-app", "top-sick")
    box.run("sh", "-c", f"until redis-cli -s {SOCKET} exists top:beat | grep -q 1; do sleep .1; done", timeout=20)
    box.run("sh", "-c", "until systemctl is-failed -q top-sick; do sleep .1; done", timeout=20)
    yield box
    box.systemctl("stop", "top-app", "top-redis")
    box.remove([CONFIG, OPTIONS, *(f"/etc/systemd/system/top-{name}.service" for name in ("redis", "app", "sick"))])
    box.systemctl("reset-failed", check=False)


def look(box, *words: str) -> tuple[int, str]:
    """Exit code and output; as root, and without a configuration of this machine."""
    done = box.run(
        sys.executable, "-m", "qtops", "--config", CONFIG, "top", *words, check=False, cwd="/", env=environment(COLUMNS="80")
    )
    assert done.stderr.decode() == ""
    return done.returncode, done.stdout.decode()


def rows(document: Document) -> dict[str, ServiceRow]:
    return {row.unit: row for row in document.services}


def test_services_as_systemd_has_them_and_what_each_writes_where_it_writes_it(services):
    code, text = look(services, "-o", "json")
    found = msgspec.json.decode(text, type=Document)
    assert (code, found.exit_code) == (2, 2)
    app, sick, gone = (rows(found)[f"top-{name}.service"] for name in ("app", "sick", "gone"))
    assert (app.state, app.verdict, app.restarts) == ("running", "ok", 0)
    assert app.pid > 0
    assert app.cpu_pct is not None
    assert app.for_s is not None
    assert app.for_s < 60
    assert (sick.state, sick.verdict, sick.pid) == ("failed (exit status 7)", "critical", 0)
    assert (gone.state, gone.verdict) == ("not-found", "critical")
    states = {server.url: server.state for server in found.servers}
    assert states == {f"unix://{SOCKET}": "ok", "redis://127.0.0.1:1/0": "down"}
    assert [(key.family, key.state) for key in found.keys] == [("beat", "FRESH")]


def test_what_a_person_sees(services):
    code, text = look(services)
    assert code == 2
    lines = text.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("✗")] == ["top-sick", "top-gone"]  # not the built-in one
    assert any("Redis redis://127.0.0.1:1/0 is down" in line for line in lines)
    assert all(len(line) <= 80 for line in lines)


def test_where_the_service_runs_anew_on_another_redis_it_is_asked_there(services):
    before = json.loads(look(services, "-o", "json")[1])
    services.write(OPTIONS, "REDIS_URL=redis://127.0.0.1:2/0\n")
    services.systemctl("restart", "top-app")
    after = json.loads(look(services, "-o", "json")[1])
    assert f"unix://{SOCKET}" in {server["url"] for server in before["servers"]}
    assert {server["url"]: server["state"] for server in after["servers"]}["redis://127.0.0.1:2/0"] == "down"
    assert after["keys"] == []
