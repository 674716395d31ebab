"""The journal of a real systemd, followed: what was written while nobody listened is told, and nothing twice."""

import time

import pytest

from tests.collectors.watching.watcher import Watcher

pytestmark = [pytest.mark.systemd, pytest.mark.slow]
pytest.importorskip("pystemd")

BOOM = "import sys, time\ntime.sleep(0.2)\nraise ValueError('no 17')\n"
TALKS = """
import time, traceback
for number in range(3):
    try:
        raise KeyError(f'order {number} of password=hunter2secret')
    except KeyError:
        traceback.print_exc()
    print('all is well', number, flush=True)
time.sleep(600)
"""
ODD = r"""
import os, time
os.write(2, b"\x1b[31mERROR\x1b[0m caf\xe9 \x07 [/red]\n")
os.write(2, b"ERROR " + b"word " * 4000 + b"\n")
os.write(2, b"ERROR \x00 nul\n")
time.sleep(600)
"""
FLOOD = """
import os, time
time.sleep(1)
data = b"".join(b"ERROR noise %d of many that all say the same in the end\\n" % number for number in range(1000))
for _ in range(LINES // 1000):
    os.write(2, data)
time.sleep(2)
os.write(2, b"ERROR and the needle\\n")
time.sleep(600)
"""
CHATTY = """
import os, time
time.sleep(1)
os.write(1, b"".join(b"INFO all is well %d\\n" % number for number in range(5000)) + b"ERROR the needle\\n")
time.sleep(600)
"""
UNLIMITED = ("LogRateLimitIntervalSec=1s", "LogRateLimitBurst=1000000000")  # 0 would be: as journald has it


PRETENDS = """
import socket, time
with open("/proc/self/cgroup") as file:
    unit = file.read().strip().rpartition("/")[2]
import os
for unit in (unit, "l-other.service"):
    fields = {
        "MESSAGE": "Main process exited", "MESSAGE_ID": "98e322203f7a4ed290d09fe03c09fe15", "COMMAND": "ExecStart", "UNIT": unit,
        "EXIT_CODE": "killed", "EXIT_STATUS": "9", "INVOCATION_ID": os.environ["INVOCATION_ID"], "PRIORITY": "4", "_PID": "1",
    }
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        text = "".join(f"{name}={value}\\n" for name, value in fields.items())
        journal.sendto(text.encode(), "/run/systemd/journal/socket")
print("ERROR all sent", flush=True)
time.sleep(600)
"""


@pytest.fixture
def program(box):
    """Start a service ``l-NAME`` that runs a program in Python."""

    def start(name, code, *settings, wait=True):
        box.write(f"/srv/l-{name}.py", code)
        text = "\n".join(("[Service]", f"ExecStart=/usr/bin/python3 -u /srv/l-{name}.py", *settings))
        box.unit(f"l-{name}.service", f"{text}\n[Install]\nWantedBy=multi-user.target\n")
        box.reload()
        box.systemctl("-q", "enable", f"l-{name}.service")
        box.systemctl("start", *(() if wait else ("--no-block",)), f"l-{name}.service")

    yield start
    box.run("sh", "-c", "systemctl stop 'l-*'; systemctl reset-failed 'l-*'; systemctl start systemd-journald", check=False)
    box.run("sh", "-c", "cd /etc/systemd/system; systemctl -q disable l-*; rm -f l-*; systemctl daemon-reload", check=False)


def test_a_hundred_crashes_are_the_same_deaths_both_ways(box, program):
    settings = ("Restart=always", "RestartSec=0", "[Unit]", "StartLimitIntervalSec=0")
    with Watcher(box, "signals,log", "l-quick.service") as watcher:
        program("quick", "raise SystemExit(3)\n", *settings)
        watcher.until(lambda: len(watcher.died("signal")) >= 100, 60)
        box.systemctl("stop", "l-quick.service")
        watcher.until(lambda: watcher.died("signal").keys() <= watcher.died("journal").keys())
        watcher.ask("look")
        assert watcher.died("signal") == watcher.died("journal")
        assert set(watcher.died("journal").values()) == {1}


def test_deaths_while_nobody_watched_are_told_once_and_in_order(box, program):
    program("gone", BOOM, "Restart=always", "RestartSec=10ms", "[Unit]", "StartLimitIntervalSec=0")
    told, position = [], ""
    for _ in range(3):
        with Watcher(box, "log", "l-gone.service", position=position) as watcher:
            began = time.monotonic()
            watcher.until(lambda: time.monotonic() > began + 1.5)  # noqa: B023
            position = watcher.finish()["position"]
            told += [seen["invocation"] for seen in watcher.of("died")]
        time.sleep(0.7)
    box.systemctl("stop", "l-gone.service")
    on_record = [
        entry["INVOCATION_ID"]
        for entry in box.journal("UNIT=l-gone.service", "MESSAGE_ID=98e322203f7a4ed290d09fe03c09fe15")
        if entry["EXIT_CODE"] == "exited"
    ]
    first = on_record.index(told[0])
    assert told == on_record[first : first + len(told)]
    assert len(told) >= 6


def test_what_a_unit_says_while_it_runs_is_told_without_secrets_and_once(box, program):
    with Watcher(box, "log", "l-talks.service") as watcher:
        program("talks", TALKS)
        watcher.until(lambda: watcher.of("spoke"))
        watcher.ask()
        (spoke,) = watcher.of("spoke")
        assert spoke["line"].startswith("KeyError: ")
        assert "hunter2secret" not in spoke["line"] + spoke["signature"]
        assert "order" not in spoke["signature"] or "N" in spoke["signature"]
        assert len(spoke["invocation"]) == 32


def test_what_the_units_files_give_it_is_not_told(box, program):
    box.write("/srv/l-given.env", "LOGIN_PASSWORD=plain horse battery\n", 0o600)
    code = "import os, time\nprint('ERROR refused:', os.environ['LOGIN_PASSWORD'])\ntime.sleep(600)\n"
    with Watcher(box, "log", "l-given.service") as watcher:
        program("given", code, "EnvironmentFile=/srv/l-given.env")
        watcher.until(lambda: watcher.of("spoke"))
        (spoke,) = watcher.of("spoke")
        assert spoke["line"] == "ERROR refused: ***"
        assert "horse" not in spoke["signature"]


def test_only_systemd_can_tell_of_a_death(box, program):
    with Watcher(box, "log", "l-pretends.service", "l-other.service") as watcher:
        program("pretends", PRETENDS)
        watcher.until(lambda: watcher.of("spoke"))
        sent = box.journal("MESSAGE_ID=98e322203f7a4ed290d09fe03c09fe15", "_SYSTEMD_UNIT=l-pretends.service")
        assert {entry["UNIT"] for entry in sent} == {"l-pretends.service", "l-other.service"}
        watcher.ask()
        assert watcher.of("died") == []


def test_last_words_belong_to_the_death(box, program):
    with Watcher(box, "log", "l-boom.service") as watcher:
        program("boom", BOOM)
        watcher.until(watcher.died)
        time.sleep(1.5)
        watcher.ask()
        assert watcher.of("spoke") == []


def test_what_it_says_is_printable_and_of_bounded_length(box, program):
    with Watcher(box, "log", "l-odd.service") as watcher:
        program("odd", ODD)
        watcher.until(lambda: len(watcher.of("spoke")) == 3)
        lines = [seen["line"] for seen in watcher.of("spoke")]
        assert all(line.isprintable() and len(line) < 400 for line in lines)
        assert any("[/red]" in line and "\x1b" not in line for line in lines)


def test_a_unit_that_comes_later_is_followed(box, program):
    with Watcher(box, "log", "l-new*.service") as watcher:
        program("new", TALKS)
        watcher.until(lambda: watcher.of("spoke"))
        assert watcher.of("spoke")[0]["unit"] == "l-new.service"
        program("newer", BOOM)
        watcher.until(lambda: watcher.died(unit="l-newer.service"))
        assert set(watcher.died().values()) == {1}


def test_journald_is_begun_anew_and_nothing_is_lost_or_doubled(box, program):
    settings = ("Restart=always", "RestartSec=20ms", "[Unit]", "StartLimitIntervalSec=0")
    with Watcher(box, "signals,log", "l-anew.service") as watcher:
        program("anew", BOOM, *settings)
        watcher.until(lambda: len(watcher.died("journal")) >= 2)
        box.systemctl("restart", "systemd-journald.service")
        watcher.until(lambda: len(watcher.died("journal")) >= 10)
        box.systemctl("stop", "l-anew.service")
        watcher.until(lambda: watcher.died("signal").keys() <= watcher.died("journal").keys())
        assert set(watcher.died("journal").values()) == {1}
        assert [len(watcher.of(kind)) for kind in ("lost", "back")] in ([0, 0], [1, 1])


@pytest.mark.heavy
def test_journald_goes_away_and_comes_back(box, program):
    units = (
        "systemd-journald.socket",
        "systemd-journald-dev-log.socket",
        "systemd-journald-audit.socket",
        "systemd-journald.service",
    )
    program("away", "import time\ntime.sleep(600)\n", "Restart=always", "RestartSec=20ms")
    with Watcher(box, "log", "l-away.service") as watcher:
        box.run("systemctl", "stop", *units, check=False)
        watcher.until(lambda: watcher.of("lost"))
        box.systemctl("start", "systemd-journald.service")
        watcher.until(lambda: watcher.of("back"))
        box.systemctl("kill", "-s", "KILL", "l-away.service")
        watcher.until(watcher.died)
        (lost,), (back,) = watcher.of("lost"), watcher.of("back")
        assert (lost["source"], back["source"]) == ("journal", "journal")
        assert "journald" in lost["why"]
        assert lost["advice"].startswith("systemctl start")


def test_a_child_that_is_killed_is_begun_again_where_it_was(box, program):
    settings = ("Restart=always", "RestartSec=50ms", "[Unit]", "StartLimitIntervalSec=0")
    with Watcher(box, "signals,log", "l-child.service") as watcher:
        program("child", BOOM, *settings)
        watcher.until(lambda: len(watcher.died("journal")) >= 2)
        for line in followers(box):
            box.run("kill", "-KILL", line.split()[0])
        watcher.until(lambda: watcher.of("back"))
        watcher.until(lambda: len(watcher.died("journal")) >= 6)
        box.systemctl("stop", "l-child.service")
        watcher.until(lambda: watcher.died("signal").keys() <= watcher.died("journal").keys())
        assert set(watcher.died("journal").values()) == {1}
        assert [len(watcher.of(kind)) for kind in ("lost", "back")] == [1, 1]
        assert "status -9" in watcher.of("lost")[0]["why"]


def test_who_may_not_read_the_journal_is_told_what_to_do(box):
    with Watcher(box, "log", "l-any.service", user="nobody") as watcher:
        watcher.until(lambda: watcher.of("lost"))
        time.sleep(1)
        watcher.ask()
        (lost,) = watcher.of("lost")
        assert "systemd-journal" in lost["advice"]


def test_a_failure_among_much_that_is_none_is_told(box, program):
    with Watcher(box, "log", "l-chatty.service") as watcher:
        program("chatty", CHATTY, *UNLIMITED)
        watcher.until(lambda: watcher.of("spoke"))
        watcher.ask()
        assert [seen["line"] for seen in watcher.of("spoke")] == ["ERROR the needle"]
        assert watcher.finish()["dropped"] > 1000


def followers(box):
    return box.text("sh", "-c", "ps -eo pid,args | grep '[j]ournalctl -f' || true").splitlines()


def test_the_child_ends_with_the_watcher_however_that_ends(box):
    with Watcher(box, "log", "l-any.service") as watcher:
        deadline = time.monotonic() + 5
        while len(followers(box)) < 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(followers(box)) == 1
        watcher.kill()
        while followers(box) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert followers(box) == []


@pytest.mark.parametrize("lines", [pytest.param(100_000), pytest.param(1_000_000, marks=pytest.mark.heavy)])
def test_a_flood_neither_grows_nor_hides_anything(box, program, capsys, lines):
    with Watcher(box, "signals,log", "l-flood.service", "l-victim.service") as watcher:
        program("victim", "import time\ntime.sleep(600)\n")
        program("flood", FLOOD.replace("LINES", str(lines)), *UNLIMITED)
        before = watcher.ask()["rss"]
        watcher.until(lambda: watcher.of("spoke"), 60)
        box.systemctl("kill", "-s", "KILL", "l-victim.service")
        began = time.monotonic()
        watcher.until(lambda: watcher.died("signal"))
        signalled_s = time.monotonic() - began
        watcher.until(lambda: watcher.of("spoke")[-1]["line"] == "ERROR and the needle", 300)
        took_s = time.monotonic() - began
        growth, spoken, dropped = watcher.ask()["rss"] - before, len(watcher.of("spoke")), watcher.finish()["dropped"]
        with capsys.disabled():
            print(f"\n{lines} lines in {took_s:.1f} s: signal after {signalled_s:.3f} s,", end=" ")
            print(f"RSS {growth / 2**20:+.1f} MB, {spoken} told, {dropped} dropped")
        assert growth < 20 * 2**20
        assert spoken <= 3 + took_s / 10
        assert dropped > 0.9 * lines
        assert signalled_s < 5
        assert watcher.died("journal") == watcher.died("signal")
