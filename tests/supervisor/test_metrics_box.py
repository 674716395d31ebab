"""What a supervisor at work shows on /metrics and in its text file, and ``qtops top`` beside it."""

import json
import sys
import time
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.box.box import NoBox, booted
from tests.box.fixture import unseen
from tests.supervisor.supervised import CONFIG, ENVIRONMENT, Supervised, prepare, supervising

pytestmark = [pytest.mark.slow, pytest.mark.systemd]
WELL, SICK = "app-well.service", "app-sick.service"
SOCKET, TEXTFILE, PORT = "/run/shown.sock", "/run/qtops.prom", 9468
BEAT = f"while :; do redis-cli -s {SOCKET} hset shown:beat at $(date +%%s); sleep .5; done"
UNIT = "[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart={run}\n[Install]\nWantedBy=multi-user.target\n"
SETTINGS = f"""
[redis]
url = "unix://{SOCKET}"
[[families]]
name = "beat"
pattern = "shown:beat"
times = [{{ field = "at", interval_s = 1, warn_s = 10, critical_s = 20 }}]
[[services]]
name = "well"
unit = "{WELL}"
families = ["beat"]
"""
FETCH = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{PORT}/metrics', timeout=5).read().decode(), end='')"


@pytest.fixture(scope="module")
def supervised() -> Iterator[Supervised]:
    """A supervisor of two services: one writes, one dies for a reason that no restart mends."""
    try:
        with booted(binds=unseen()) as box:
            box.unit(
                "shown-redis.service", f"[Service]\nExecStart=/usr/bin/redis-server --port 0 --unixsocket {SOCKET} --save ''\n"
            )
            box.unit(WELL, UNIT.format(run=f"/bin/sh -c '{BEAT}'"))
            box.unit(SICK, UNIT.format(run="/bin/sleep infinity"))
            box.reload()
            box.systemctl("enable", WELL, SICK)
            box.systemctl("start", "shown-redis", WELL, SICK)
            box.run("sh", "-c", f"until redis-cli -s {SOCKET} exists shown:beat | grep -q 1; do sleep 0.1; done")
            prepare(box, SETTINGS)
            shown = f'metrics = "127.0.0.1:{PORT}"\ntextfile = "{TEXTFILE}"'
            box.write(CONFIG, box.read(CONFIG).decode().replace('metrics = ""', shown), 0o644)
            with supervising(box) as running:
                yield running
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


def shown(text: str) -> dict[tuple[str, ...], float]:
    """Name and values of labels → value."""
    families = text_string_to_metric_families(text)
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


def fetched(supervised: Supervised) -> dict[tuple[str, ...], float]:
    return shown(supervised.box.run(sys.executable, "-c", FETCH, env=ENVIRONMENT).stdout.decode())


def test_what_is_well_is_shown_as_well(supervised):
    supervised.until(lambda: ("qtops_key_age_seconds", "beat", "") in fetched(supervised), "the first look at what it writes")
    found = fetched(supervised)
    assert found["qtops_unit_up", WELL] == 1.0
    assert 0 <= found["qtops_key_age_seconds", "beat", ""] < 10
    assert found["qtops_key_age_limit_seconds", "beat", ""] == 10
    assert found["qtops_key_fresh", "beat", ""] == 1.0
    assert {name: found["qtops_source_up", name] for name in ("systemd", "journal", "redis", "store")} == dict.fromkeys(
        ("systemd", "journal", "redis", "store"), 1.0
    )
    assert abs(found["qtops_last_run_timestamp_seconds",] - time.time()) < 5


def test_a_death_an_incident_and_a_hold(supervised):
    supervised.qtops("hold", SICK, "--until", "1h", "--why", "somebody looks at it")
    supervised.box.systemctl("kill", "--signal=KILL", SICK)
    supervised.until(lambda: fetched(supervised).get(("qtops_incidents_open", "process", "critical"), 0) == 1, "the incident")
    supervised.until(lambda: fetched(supervised).get(("qtops_hold", SICK), 0) == 1, "the hold")
    found = fetched(supervised)
    assert found["qtops_unit_up", SICK] == 0.0
    assert found["qtops_unit_deaths_total", SICK] == 1.0
    assert ("qtops_incident_age_seconds", "process", SICK) in found


@pytest.mark.heavy
def test_the_text_file_has_the_same_and_all_may_read_it(supervised):
    supervised.until(lambda: b"qtops_hold{" in (supervised.box.read(TEXTFILE) or b""), "the text file")
    assert {name for name, *_ in shown(supervised.box.read(TEXTFILE).decode())} >= {
        "qtops_unit_up",
        "qtops_hold",
        "qtops_build_info",
    }
    assert supervised.box.text("stat", "-c", "%a", TEXTFILE).strip() == "644"


def test_top_shows_the_incident_beside_the_service_and_what_it_writes(supervised):
    found = json.loads(supervised.qtops("top", "-o", "json"))
    assert [(row["unit"], row["kind"]) for row in found["incidents"]] == [(SICK, "process")]
    assert [(row["unit"], row["why"]) for row in found["holds"]] == [(SICK, "somebody looks at it")]
    assert {row["unit"]: row["verdict"] for row in found["services"]} == {WELL: "ok"}
    assert [(row["family"], row["state"]) for row in found["keys"]] == [("beat", "FRESH")]
    assert found["streams"] == []
