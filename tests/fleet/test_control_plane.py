"""``qtops map --control-plane`` on the three streams that stood at 0 events: from source alone, and on a booted systemd."""

import json
import sys

import pytest

from tests.cli.running import environment, qtops
from tests.fleet.case import DISABLED
from tests.fleet.control_plane import CLOSE, CONTROL_PLANE, RETRAIN, SOCKET, UPDATE, UPDATED
from tests.fleet.layout import lay
from tests.fleet.measuring import furnish

pytestmark = pytest.mark.slow


def told(document):
    """The verdict on each stream."""
    return {silence["name"]: silence["state"] for silence in document["silences"]}


def test_from_source_and_redis_alone_one_is_broken_and_of_two_only_systemd_could_tell(tmp_path, redis_url):
    lay(tmp_path, [CONTROL_PLANE])
    furnish(redis_url, [CONTROL_PLANE])
    done = qtops("map", "--control-plane", "--source", str(tmp_path), "--redis", redis_url, "-o", "json")
    document = json.loads(done.stdout)
    assert done.returncode == 2
    assert told(document) == {UPDATED: "broken", RETRAIN: "unknown", CLOSE: "unknown"}
    (finding,) = [finding for finding in document["findings"] if finding["severity"] == "critical"]
    assert (finding["code"], finding["subject"]) == ("WIRING103", UPDATED)
    assert UPDATE in finding["summary"]
    assert str(tmp_path / "control/policy_store.py") in finding["remedy"]


def test_its_four_questions_are_answered_for_people(tmp_path, redis_url):
    lay(tmp_path, [CONTROL_PLANE])
    furnish(redis_url, [CONTROL_PLANE])
    said = qtops("map", "--control-plane", "--source", str(tmp_path), "--redis", redis_url).stdout
    assert all(name in said for name in (UPDATED, RETRAIN, CLOSE))
    assert all(said.count(question) == 3 for question in ("why is it empty?", "who should publish?", "misconfigured?", "broken?"))


@pytest.fixture
def running(box):
    """The six units and a Redis on a real systemd; the one that asks for retraining is disabled, as it was."""
    lay(box.host_path("/srv/fleet"), [CONTROL_PLANE], seen="/srv/fleet", python=sys.executable)
    box.unit("control-redis.service", f"[Service]\nExecStart=/usr/bin/redis-server --port 0 --unixsocket {SOCKET} --save ''\n")
    started = [CONTROL_PLANE.unit(program.name) for program in CONTROL_PLANE.programs if program.state is not DISABLED]
    for program in CONTROL_PLANE.programs:
        name = CONTROL_PLANE.unit(program.name)
        box.unit(name, box.read(f"/srv/fleet/control/units/{name}"))
    box.reload()
    box.systemctl("start", "control-redis.service")
    box.run("sh", "-c", f"for i in $(seq 100); do redis-cli -s {SOCKET} ping >/dev/null 2>&1 && exit; sleep .1; done; exit 1")
    box.systemctl("enable", "--now", *started)
    groups = " && ".join(f"redis-cli -s {SOCKET} XINFO GROUPS {name} | grep -q name" for name in (UPDATED, RETRAIN, CLOSE)[::2])
    box.run("sh", "-c", f"for i in $(seq 100); do {groups} && exit; sleep .1; done; exit 1")
    yield box
    box.systemctl("disable", "--now", *started)
    box.systemctl("stop", "control-redis.service")


@pytest.mark.systemd
def test_on_the_host_itself_one_is_broken_one_unfed_and_one_idle_by_nature(running):
    names = [CONTROL_PLANE.unit(program.name) for program in CONTROL_PLANE.programs]
    command = [sys.executable, "-m", "qtops", "map", "--control-plane", "--all", "-o", "json"]
    done = running.run(*command, check=False, env=environment(), cwd="/")
    document = json.loads(done.stdout)
    assert done.returncode == 2
    assert told(document) == {UPDATED: "broken", RETRAIN: "unfed", CLOSE: "idle"}
    assert {(f["code"], f["subject"]) for f in document["findings"] if f["severity"] != "info"} == {
        ("WIRING103", UPDATED),
        ("WIRING106", RETRAIN),
    }
    assert set(names) <= {unit["unit"] for unit in document["units"]} | {CONTROL_PLANE.unit("policy-store")}
    by_source = running.run(*command, "--source", "/srv/fleet", check=False, env=environment(), cwd="/")
    assert told(json.loads(by_source.stdout)) == told(document)
