"""Secrets of services that die beside the installed supervisor: none is in what it keeps, says, tells, serves, or starts.

It runs as the user qtops: files of the environment and credentials that root alone may read are unknown to it, so that what a
service writes of these is hidden by its shape alone. Each stands here as services write them: with a name, in a URL, in a header.
"""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.box.box import NoBox
from tests.deploy.host import Host, host
from tests.redaction.ground import CANARIES, leaks

pytestmark = [pytest.mark.heavy, pytest.mark.systemd]

STATE: Final = "/var/lib/qtops-supervisor"
TOLD: Final = f"{STATE}/told"
MODES: Final = ("trace", "kill", "exit", "module", "file")
CONFIG: Final = f"""[redis]
url = "redis://ops:{CANARIES["redisurl"]}@127.0.0.1:6379/0"
[supervise]
watch = ["leaky-*.service"]
settle_s = 2
every_s = 1
textfile = "{STATE}/qtops.prom"
[supervise.budget]
restarts = 2
first_s = 0.2
most_s = 1
[[notify]]
name = "ops"
command = ["/usr/local/bin/told"]
[[notify]]
name = "broken"
command = ["/usr/local/bin/broken"]
[[notify]]
name = "chat"
url_file = "%d/chat.url"
"""
HOOK: Final = f"""#!/usr/bin/python3
import json, os, sys
with open("{TOLD}", "a") as file:
    print(sys.stdin.read(), json.dumps(dict(os.environ)), file=file)
"""
BROKEN: Final = f"""#!/usr/bin/python3
import sys
sys.exit("401: Authorization: Bearer {CANARIES["cookie"]}")
"""
LEAKY: Final = f"""import base64, os, signal, sys, time
token, secret = os.environ["API_TOKEN"], os.environ["EXCHANGE_SECRET"]
print("starting with", token, "and", repr(token), base64.b64encode(token.encode()).decode(), token.encode().hex(), flush=True)
print("ERROR cannot log in: exchange_secret=" + secret, "redis://ops:{CANARIES["redisurl"]}@127.0.0.1:6379/0", flush=True)
print("GET /orders Authorization: Bearer {CANARIES["journal"]}", flush=True)
time.sleep(0.3)
match sys.argv[1]:
    case "trace":
        raise ValueError("cannot log in with " + token + ", password=" + secret)
    case "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    case "exit":
        sys.exit("CRITICAL password='" + secret + "' rejected for " + token)
    case "module":
        __import__("no_such_" + token)
    case "file":
        open("/srv/" + token + "?api_key=" + secret)
"""
UNIT: Final = f"""[Unit]
Description=leaks {CANARIES["unit"]}
[Service]
Environment=API_TOKEN={CANARIES["unit"]}
EnvironmentFile=/etc/leaky.env
ExecStart=/usr/bin/python3 /srv/leaky.py %s --password {CANARIES["option"]} --token={CANARIES["joined"]}
"""


@pytest.fixture(scope="module")
def installed() -> Iterator[Host]:
    """The supervisor of `qtops install`, at work."""
    try:
        with host() as there:
            box = there.box
            for path, content, mode in (
                ("/etc/qtops/conf.d/canaries.toml", CONFIG, 0o644),
                ("/etc/leaky.env", f"EXCHANGE_SECRET={CANARIES['envfile']}\n", 0o600),
                ("/etc/qtops/chat.url", f"json://ops:{CANARIES['loaded']}@127.0.0.1:1/{CANARIES['hash']}\n", 0o600),
                ("/usr/local/bin/told", HOOK, 0o755), ("/usr/local/bin/broken", BROKEN, 0o755), ("/srv/leaky.py", LEAKY, 0o644),
            ):  # fmt: skip
                box.write(path, content, mode)
            for mode in MODES:
                box.unit(f"leaky-{mode}.service", UNIT % mode)
            drop_in = "[Service]\nLoadCredential=chat.url:/etc/qtops/chat.url\n"
            box.write("/etc/systemd/system/qtops-supervisor.service.d/chat.conf", drop_in)
            there.install("--apply", "--enable", "supervisor", "--only", "supervisor")
            yield there
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


class Spy(threading.Thread):
    """Reads the command line and the environment of every process of the supervisor, as long as it runs."""

    def __init__(self, group: Path) -> None:
        super().__init__(daemon=True)
        self._group, self.is_over, self.found, self.seen = group, threading.Event(), dict[str, str](), set[str]()

    def run(self) -> None:
        while not self.is_over.wait(0.01):
            for pid in self._group.read_text().split():
                for name in ("cmdline", "environ"):
                    try:
                        content = Path(f"/proc/{pid}/{name}").read_bytes()
                    except OSError:
                        continue
                    self.seen.add(pid)
                    self.found |= leaks(content)


def incidents(there: Host) -> list[dict]:
    return [row["incident"] for row in json.loads(there.qtops("incidents", "list", "--all", "-o", "json").stdout)["incidents"]]


@pytest.fixture(scope="module")
def spy(installed) -> Spy:
    """What was seen of its processes while every service died, and was looked at."""
    group = installed.box.show("qtops-supervisor.service", properties=["ControlGroup"])["qtops-supervisor.service"]["ControlGroup"]
    spy = Spy(installed.box.host_path(f"/sys/fs/cgroup{group}/cgroup.procs"))
    spy.start()
    for mode in MODES:
        installed.box.systemctl("start", f"leaky-{mode}.service")
    deadline = time.monotonic() + 90
    done = installed.box.host_path(f"{STATE}/incidents")
    while sum(1 for _ in done.glob("*/report-opening/report.md")) < len(MODES) and time.monotonic() < deadline:
        time.sleep(0.5)
    spy.is_over.set()
    spy.join()
    return spy


def test_no_process_of_its_own_is_given_one(spy):
    assert len(spy.seen) > len(MODES)
    assert spy.found == {}


def test_nothing_that_it_keeps_holds_one(spy, installed):
    listed = installed.box.text("find", STATE, "/tmp", "/var/tmp", "/run/qtops-supervisor", "-type", "f", check=False).splitlines()
    assert {f"{STATE}/incidents.db", f"{STATE}/qtops.prom", TOLD} <= set(listed)
    assert sum(name.endswith("report.html") for name in listed) >= len(MODES)
    assert {name: found for name in listed if (found := leaks(installed.box.read(name)))} == {}


def test_nothing_that_it_says_holds_one(spy, installed):
    entries = installed.box.journal("SYSLOG_IDENTIFIER=qtops") + installed.box.journal("_SYSTEMD_UNIT=qtops-supervisor.service")
    assert {entry["QTOPS_UNIT"] for entry in entries if "QTOPS_UNIT" in entry} >= {f"leaky-{mode}.service" for mode in MODES}
    assert leaks(json.dumps(entries, default=str)) == {}
    served = installed.box.run(
        "/usr/bin/python3", "-c", "import urllib.request as u; print(u.urlopen('http://127.0.0.1:9468/metrics').read())"
    )
    assert b"qtops_incidents_open" in served.stdout
    assert leaks(served.stdout) == {}


def test_nothing_that_is_shown_of_it_holds_one(spy, installed):
    for one in incidents(installed):
        for form in ("human", "json"):
            shown = installed.qtops("incidents", "show", str(one["number"]), "-o", form)
            assert (shown.returncode, leaks(shown.stdout + shown.stderr)) == (0, {})
    for words in (("incidents",), ("top", "--once"), ("notify", "test", "broken")):
        shown = installed.qtops(*words)
        assert leaks(shown.stdout + shown.stderr) == {}


def test_the_places_were_looked_at(spy, installed):
    told = installed.box.read(TOLD).decode()
    assert "cannot log in with ***" in told
    assert {one["unit"] for one in incidents(installed)} >= {f"leaky-{mode}.service" for mode in MODES}
