"""Signals of a real systemd: every death once, while everything around goes away and comes back."""

import statistics
import time

import pytest

from tests.collectors.watching import scenario
from tests.collectors.watching.watcher import ROOT, Watcher

pytestmark = [pytest.mark.systemd, pytest.mark.slow]
pytest.importorskip("pystemd")

SLEEP = "[Service]\nExecStart=/bin/sleep 1000\n"
WANTED = "[Install]\nWantedBy=multi-user.target\n"


@pytest.fixture
def services(box):
    """Bring services of the name ``u-…``; they are gone afterwards."""

    def bring(*names, text=SLEEP):
        for name in names:
            box.unit(f"{name}.service", text + WANTED)
        box.reload()
        box.systemctl("-q", "enable", *(f"{name}.service" for name in names))
        box.systemctl("start", *(f"{name}.service" for name in names))

    yield bring
    box.run("sh", "-c", "systemctl stop 'u-*'; systemctl reset-failed 'u-*'", check=False)
    box.run("sh", "-c", "cd /etc/systemd/system; systemctl -q disable u-*", check=False)
    box.run("sh", "-c", "rm -f /etc/systemd/system/u-*; systemctl daemon-reload")


@pytest.mark.parametrize("user", ["root", "nobody"])  # systemd's own socket, and the system bus
def test_every_way_to_end(box, user):
    scenario.bring(box)
    try:
        with Watcher(box, "signals", "r-*.service", user=user) as watcher:
            box.run("sh", "-c", scenario.SCRIPT, check=False)
            watcher.ask()
            died = watcher.died()
            assert {name: sum(unit == f"{name}.service" for unit, _ in died) for name in scenario.SERVICES} == scenario.DEATHS
            assert set(died.values()) == {1}
            last = {seen["unit"].removesuffix(".service"): seen for seen in watcher.of("stands")}
            assert {name for name, seen in last.items() if seen["stopped"]} == scenario.STOPPED
            watcher.ask("look")
            assert watcher.died() == died
    finally:
        scenario.clear(box)


def test_how_soon_a_death_is_told(box, services, capsys):
    services("u-soon", text=f"[Unit]\nStartLimitIntervalSec=0\n{SLEEP}Restart=always\nRestartSec=0\n")
    script = """for round in $(seq 100); do
        pid=$(systemctl show -P MainPID u-soon); date +%s.%N; kill -9 $pid
        until [ $(systemctl show -P MainPID u-soon) -gt $pid ] 2>/dev/null; do sleep 0.01; done
    done"""
    with Watcher(box, "signals", "u-soon.service") as watcher:
        killed = [float(line) for line in box.text("sh", "-c", script).split()]
        watcher.ask()
        told = [seen["noticed_s"] for seen in watcher.of("died")]
        assert len(watcher.died()) == len(told) == len(killed) == 100
        took_ms = sorted(1e3 * (after - before) for before, after in zip(killed, told, strict=True))
        with capsys.disabled():
            print(f"\nSIGKILL -> told, 100 crashes: p50 {took_ms[49]:.1f} ms, p99 {took_ms[98]:.1f} ms, max {took_ms[99]:.1f} ms")
        assert all(seen["source"] == "signal" for seen in watcher.of("died"))  # no look was needed
        assert statistics.median(took_ms) <= 100  # some 8 ms where nothing else runs


def test_a_storm_of_twenty_units(box, services):
    names = [f"u-storm{number}" for number in range(20)]
    services(*names, text=f"[Unit]\nStartLimitIntervalSec=0\n{SLEEP}Restart=always\nRestartSec=50ms\n")
    with Watcher(box, "signals,log", "u-storm*.service") as watcher:
        for _ in range(10):
            box.run("sh", "-c", "systemctl kill -s KILL 'u-storm*'")
            box.run(
                "sh", "-c", "sleep 0.1; until [ $(systemctl is-active 'u-storm*' | grep -c ^active) = 20 ]; do sleep 0.05; done"
            )
        watcher.until(lambda: len(watcher.died("journal")) >= 200)
        watcher.ask("look")
        assert watcher.died("signal").keys() == watcher.died("journal").keys()
        assert len(watcher.died("signal")) == 200
        assert set(watcher.died("signal").values()) == set(watcher.died("journal").values()) == {1}


def test_a_bus_that_is_restarted_is_told_once_and_nothing_is_missed(box, services):
    services("u-bus", text=f"{SLEEP}Restart=on-failure\nRestartSec=10ms\n")
    with Watcher(box, "signals", "u-bus.service", user="nobody") as watcher:
        before = watcher.ask()
        box.run("systemctl", "stop", "dbus.socket", "dbus.service")
        box.run("sh", "-c", "systemctl kill -s KILL u-bus; sleep 0.3; systemctl start dbus.socket dbus.service")
        watcher.until(lambda: watcher.of("back"))
        assert [len(watcher.of(kind)) for kind in ("lost", "back")] == [1, 1]
        watcher.ask()
        assert list(watcher.died().values()) == [1]
        box.run("systemctl", "kill", "-s", "KILL", "u-bus")
        watcher.until(lambda: len(watcher.died("signal")) == 1)
        assert len(watcher.died()) == 2
        assert watcher.ask()["fds"] == before["fds"]


def test_a_signal_that_somebody_else_sends_is_not_heard(box, services):
    services("u-faked")
    path, properties = "/org/freedesktop/systemd1/unit/u_2dfaked_2eservice", "org.freedesktop.DBus.Properties"
    emit = ["busctl", "emit", path, properties, "PropertiesChanged", "sa{sv}as"]
    fake_service = ["org.freedesktop.systemd1.Service", "2", "Result", "s", "signal", "MainPID", "u", "0", "0"]
    fake_unit = ["org.freedesktop.systemd1.Unit", "1", "ActiveState", "s", "failed", "0"]
    with Watcher(box, "signals", "u-faked.service", user="nobody") as watcher:
        box.run(*emit, *fake_service)
        box.run(*emit, *fake_unit)
        time.sleep(0.2)
        watcher.ask()
        assert watcher.of("died") == []
        assert {seen["active_state"] for seen in watcher.of("stands")} == {"active"}


def test_a_bus_that_answers_nothing_is_lost_and_comes_back(box, services):
    services("u-mute", text=f"{SLEEP}Restart=on-failure\nRestartSec=10ms\n")
    daemon = box.systemctl("show", "-P", "MainPID", "dbus.service").strip()
    with Watcher(box, "signals", "u-mute.service", user="nobody") as watcher:
        box.run("kill", "-STOP", daemon)
        try:
            watcher.ask("look")
            assert "did not answer" in watcher.of("lost")[0]["why"]
        finally:
            box.run("kill", "-CONT", daemon)
        watcher.until(lambda: watcher.of("back"))
        box.run("systemctl", "kill", "-s", "KILL", "u-mute")
        watcher.until(watcher.died)
        assert [len(watcher.of(kind)) for kind in ("lost", "back")] == [1, 1]


@pytest.mark.parametrize("user", ["root", "nobody"])
def test_systemd_itself_is_begun_anew(box, services, user):
    services("u-anew", text=f"{SLEEP}Restart=on-failure\nRestartSec=10ms\n")
    with Watcher(box, "signals", "u-anew.service", user=user) as watcher:
        box.run("sh", "-c", "systemctl daemon-reexec; systemctl daemon-reload; systemctl is-active u-anew")
        watcher.until(lambda: watcher.of("stands", "look")[1:])
        time.sleep(0.3)
        box.run("systemctl", "kill", "-s", "KILL", "u-anew")
        watcher.until(watcher.died)
        assert list(watcher.died().values()) == [1]
        assert len(watcher.of("lost")) == len(watcher.of("back")) == (user == "root")  # whose connection is to systemd itself


def test_units_that_come_later_and_go_and_come_again(box, services):
    with Watcher(box, "signals", "u-late*.service") as watcher:
        services("u-late", text=SLEEP)
        box.run("systemctl", "kill", "-s", "KILL", "u-late")
        watcher.until(watcher.died)
        box.run("sh", "-c", "systemctl reset-failed u-late; rm /etc/systemd/system/u-late.service; systemctl daemon-reload")
        services("u-late", text=SLEEP)
        box.run("systemctl", "kill", "-s", "KILL", "u-late")
        watcher.until(lambda: len(watcher.died()) == 2)
        box.run("systemd-run", "-q", "--unit=u-later.service", "/bin/sh", "-c", "sleep 0.1; exit 3")
        watcher.until(lambda: watcher.died(unit="u-later.service"))
        watcher.ask()
        assert watcher.of("stands", unit="u-later.service")[-1]["active_state"] == "failed"


def test_how_long_a_look_takes(box, services, capsys):
    services(*(f"u-many{number}" for number in range(50)))
    with Watcher(box, "signals", "u-many*.service") as watcher:
        took_ms = []
        for _ in range(5):
            began = time.perf_counter()
            watcher.ask("look")
            took_ms.append(1e3 * (time.perf_counter() - began))
        assert len(watcher.of("stands", "look")) == 300
        with capsys.disabled():
            print(f"\na look at 50 units, with its telling: best {min(took_ms):.0f} ms, worst {max(took_ms):.0f} ms")
        assert min(took_ms) < 1000


def test_without_pystemd_looks_tell(box, services, tmp_path):
    services("u-look")
    box.write("/srv/none/pystemd/__init__.py", "raise ImportError('not here')\n")
    with Watcher(box, "signals", "u-look.service", "u-none.service", environ={"PYTHONPATH": f"/srv/none:{ROOT}"}) as watcher:
        box.run("systemctl", "kill", "-s", "KILL", "u-look")
        box.run("sh", "-c", "until systemctl -q is-failed u-look; do sleep 0.02; done")
        watcher.ask("look")
        (died,) = watcher.of("died")
        assert (died["code"], died["status"], died["result"], died["source"]) == ("killed", 9, "signal", "look")
        assert watcher.of("stands", unit="u-none.service")[-1]["load_state"] == "not-found"


def test_a_transient_unit_that_ended_well_is_nothing_and_one_that_did_not_has_died(box):
    with Watcher(box, "signals", "u-run*.service") as watcher:
        for number in range(10):
            box.run("systemd-run", "-q", f"--unit=u-run{number}", "/bin/true")
        box.run("systemd-run", "-q", "--collect", "--unit=u-run-bad", "/bin/false")
        watcher.until(watcher.died)
        watcher.ask("look")
        assert {seen["unit"] for seen in watcher.of("died")} == {"u-run-bad.service"}
        assert not [seen for seen in watcher.of("stands") if seen["load_state"] == "not-found"]
