"""``qtops map`` as a process: a folder of source and a real Redis, its forms, its exit code, and what it refuses."""

import json
import shutil
import subprocess
import time
from pathlib import Path

import msgspec
import pytest

from qtops import bundle
from qtops.cli.map_look import after
from qtops.facts.service import Facts
from qtops.reports.wiring.document import Document
from qtops.settings import Settings
from tests.checks.wiring import founding
from tests.checks.wiring.maps import NOW_S
from tests.cli.running import COMMAND, environment, qtops
from tests.cli.test_verify_freshness import TIME_LIMIT_S, TROUBLES
from tests.collectors.scene import NO_WAY, commands

pytestmark = pytest.mark.slow  # many commands, each a process, or a wait

UNIT = "[Service]\nExecStart=/usr/bin/python3 {file}\n"
PROGRAMS = {
    "policy": 'r.xadd("app:stream:policy.update", {"version": "1"}, maxlen=9)\n',
    "engine": 'r.xgroup_create("app:stream:policy.updated", "engine", mkstream=True)\n'
    'r.xreadgroup("engine", "w", {"app:stream:policy.updated": ">"})\n',
    "state": 'r.hset("app:state", mapping={"sigma": "1"})\nprint(r.hget("app:state", "sigma"))\n',
}
NO_SYSTEMD = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent"}


@pytest.fixture
def source(tmp_path):
    """Unit files, and what they start."""
    folder = tmp_path / "acme"
    folder.mkdir()
    for name, code in PROGRAMS.items():
        (folder / f"{name}.py").write_text(f"import redis\n\nr = redis.Redis()\n{code}")
        (folder / f"{name}.service").write_text(UNIT.format(file=folder / f"{name}.py"))
    return str(folder)


@pytest.fixture
def kept(tmp_path):
    """A look at the founding system."""
    path = tmp_path / "then.qtops"
    bundle.save(Facts(host="vps", taken_at_s=NOW_S, wiring=founding.founding(), settings=Settings()), path)
    return str(path)


def mapped(*arguments: str) -> tuple[int, Document]:
    """Exit code and report, which is valid by its published type."""
    result = qtops("map", *arguments, "-o", "json")
    assert result.stderr == ""
    json.loads(result.stdout, parse_constant=pytest.fail)
    return result.returncode, msgspec.json.decode(result.stdout, type=Document)


# a folder of source


def test_two_ends_that_never_meet_are_critical(source):
    code, document = mapped("--source", source, "--no-redis")
    assert code == 2
    assert [(finding.code, finding.subject) for finding in document.findings] == [("WIRING103", "app:stream:policy.updated")]
    assert {row.unit for row in document.units} == {"policy.service", "engine.service", "state.service"}
    assert document.missing == ()


def test_what_is_in_redis_is_joined(source, redis_url, redis_client):
    redis_client.hset("app:state", "sigma", "1")
    redis_client.xgroup_create("app:stream:policy.updated", "engine", mkstream=True)
    redis_client.xadd("app:stream:policy.update", {"version": "1"})
    redis_client.config_resetstat()
    _, document = mapped("--source", source, "--redis", redis_url)
    asked = commands(redis_client)
    rows = {row.name: row for row in document.names}
    assert (rows["app:state"].type, rows["app:state"].length) == ("hash", 1)
    assert rows["app:stream:policy.updated"].groups == ("engine",)
    assert rows["app:stream:policy.update"].age_s < 60
    assert [(silence.name, silence.state) for silence in document.silences] == [("app:stream:policy.updated", "broken")]
    assert not {"keys", "hgetall", "xadd", "set", "del"} & set(asked)


def test_one_unit_is_shown_with_all_that_it_is_connected_to(source):
    code, document = mapped("state", "--source", source, "--no-redis")
    assert code == 0
    assert [row.name for row in document.names] == ["app:state"]
    assert [row.unit for row in document.units] == ["state.service"]


def test_all_is_kept_and_replayed(source, tmp_path):
    path = str(tmp_path / "now.qtops")
    first = qtops("map", "--source", source, "--no-redis", "--save", path, "-q")
    again = qtops("map", "--from", path, "-q")
    assert again.stdout == first.stdout
    assert again.returncode == first.returncode == 2


# a bundle


def test_the_three_worst_stand_at_the_top(kept):
    result = qtops("map", "--from", kept)
    lines = result.stdout.splitlines()
    assert result.returncode == 2
    assert lines[2] == "WORST FIRST"
    assert [line[:13] for line in lines if line[:3] in (" 1.", " 2.", " 3.")] == [" 1. WIRING103", " 2. WIRING102", " 3. WIRING106"]


def test_the_control_plane(kept):
    result = qtops("map", "--from", kept, "--control-plane")
    told = [line.split()[:2] for line in result.stdout.splitlines() if line.startswith(("BROKEN", "UNFED", "IDLE"))]
    assert told == [["BROKEN", founding.POLICY], ["UNFED", founding.RETRAIN], ["IDLE", founding.CLOSE]]
    assert result.returncode == 2


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        ("mermaid", "flowchart LR"),
        ("dot", "digraph wiring {"),
        ("markdown", "# SYSTEM_TRUTH_MAP"),
        ("nagios", "CRITICAL: "),
        ("junit", "<testsuites"),
        ("prometheus", "# HELP qtops_check_state"),
    ],
)
def test_each_form(kept, form, begins):
    result = qtops("map", "--from", kept, "-o", form)
    assert result.stdout.startswith(begins)
    assert (result.returncode, result.stderr) == (2, "")


def test_a_name_and_a_unit_choose_a_part(kept):
    assert {row.name for row in mapped("--from", kept, "--name", "*retrain*")[1].names} == {founding.RETRAIN}
    assert {row.name for row in mapped("--from", kept, "quantum-governor")[1].names} == {founding.RISK}


def test_a_reader_that_leaves_early_is_no_error(kept):
    command = " ".join(map(str, (*COMMAND, "map", "--from", kept)))
    bash = shutil.which("bash")
    ran = subprocess.run(
        [bash, "-c", f"{command} | head -1"], capture_output=True, encoding="utf-8", env=environment(), timeout=20, check=False
    )
    assert (ran.stderr, len(ran.stdout.splitlines())) == ("", 1)


# what it refuses, and what it cannot tell


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--from", "KEPT", "--all"), "--from draws what a file holds; it takes no --all"),
        (("--from", "KEPT", "nosuch"), "the map has no nosuch.service; it has quantum-ai-engine.service"),
        (("--control-plane", "--name", "x"), "it takes no --name"),
        (("--source", "/nonexistent"), "does not exist"),
        (("--from", "/nonexistent"), "/nonexistent"),
        (("--nmae", "x"), "--name"),
    ],
)
def test_what_was_meant_is_said(kept, arguments, words):
    result = qtops("map", *(kept if argument == "KEPT" else argument for argument in arguments))
    assert result.returncode in (64, 66, 74)
    assert result.stdout == ""
    assert words in result.stderr


def test_a_bundle_without_a_map(tmp_path):
    path = tmp_path / "other.qtops"
    bundle.save(Facts(host="vps", taken_at_s=NOW_S), path)
    result = qtops("map", "--from", str(path))
    assert (result.returncode, result.stdout) == (64, "")
    assert "this file holds no map" in result.stderr


def test_a_configuration_without_a_control_plane(tmp_path):
    file = tmp_path / "qtops.toml"
    none = "".join(f'[[streams]]\nname = "{name}"\n' for name in (founding.POLICY, founding.RETRAIN, founding.CLOSE))
    file.write_text(none)
    result = qtops("map", "--config", str(file), "--control-plane")
    assert result.returncode == 64
    assert "control_plane = true" in result.stderr


def test_an_empty_map_says_what_would_help(tmp_path):
    result = qtops("map", "--source", str(tmp_path), "--no-redis")
    assert result.returncode in (3, 64)
    assert "--source" in result.stdout + result.stderr or "unit" in result.stdout + result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("state", TROUBLES)
def test_a_redis_in_trouble_is_named_in_time_and_hides_no_finding(source, state):
    with TROUBLES[state]() as url:
        started = time.monotonic()
        mapped("--source", source, "--redis", NO_WAY)
        start_up_s = time.monotonic() - started
        started = time.monotonic()
        code, document = mapped("--source", source, "--redis", url)
        assert time.monotonic() - started < start_up_s + TIME_LIMIT_S + 0.5
    assert code == 2
    assert any(state.rpartition("_")[2] in reason for reason in document.missing)
    assert {finding.code for finding in document.findings} == {"WIRING103"}
    assert "hunter" not in json.dumps(document.missing)


def test_watching_compares_with_the_look_before(kept):
    facts = bundle.load(Path(kept))
    joined = after(facts, facts)
    assert len(joined.wiring.streams.looks) == 2
    assert after(Facts(host="vps", taken_at_s=NOW_S), facts) is facts
