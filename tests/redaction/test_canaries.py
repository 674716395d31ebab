"""Secrets wherever a run as root looks: none is in anything that qtops prints, keeps, or says when it breaks."""

import hashlib
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.box.box import NoBox
from tests.cli.running import COMMAND
from tests.faults.doctoring import environment as in_box
from tests.recovery.founding import SERVICE, Host
from tests.redaction.ground import CANARIES, SIDE, leaks, planted

pytestmark = [pytest.mark.heavy, pytest.mark.systemd]

BOTH: Final = ("risk-proposal", SIDE)
LOOKS: Final = (  # before the recovery
    *(("doctor", *BOTH, "-v", "-o", form) for form in ("human", "json", "markdown", "junit", "nagios")),
    ("doctor", *BOTH, "--probe", "--save", "/root/before.json.gz"),
    ("doctor", *BOTH, "--via", "systemctl", "-o", "json"),
    ("doctor", *BOTH, "--config", "/etc/qtops/file.toml", "-v"),
    ("doctor", "--from", "/root/before.json.gz", "-v"),
    ("bundle", "show", "/root/before.json.gz", "-o", "json"),
    *(
        ("preflight", "/etc/systemd/system/quantum-risk-proposal.service", "-o", form)
        for form in ("human", "json", "github", "sarif")
    ),
    *(("recover", "risk-proposal", "-v", "-o", form) for form in ("human", "json")),
    ("runbook", "run", "recover-import", "--set", "service=risk-proposal", "--dry-run"),
    ("runbook", "run", "/root/looks.md", "--set", "service=risk-proposal", "--yes", "--evidence", "/root/looks.json"),
    *(("verify", "freshness", "-o", form) for form in ("human", "json", "nagios", "junit", "prometheus")),
    *(("verify", "proposals", "--scan", "-v", "-o", form) for form in ("human", "json", "nagios")),
    *(("verify", "streams", "-v", "-o", form) for form in ("human", "json")),
    ("verify", "streams", "--plan"),
    ("verify", "cadence", "--for", "2s", "-v", "-o", "json"),
    *(("map", "--all", "-v", "-o", form) for form in ("human", "json", "mermaid", "dot", "markdown")),
    ("map", "--all", "--save", "/root/map.json"),
    *(("events", "-v", "-o", form) for form in ("human", "json", "markdown", "nagios")),
    ("events", "--save", "/root/events.json"),
    ("watch", "doctor", *BOTH, "--count", "1"),
    ("watch", "proposals", "--count", "1", "-o", "json"),
    *(("config", "show", *more) for more in (("--origin",), ("-o", "json"))),
    ("phases", "-v", "-o", "json"),
)
INCIDENT: Final = ("report", "incident", "risk-proposal")
MENDS: Final = (
    ("recover", "risk-proposal", "--apply", "-v"),
    ("recover", "--list"),
    ("doctor", *BOTH, "--save", "/root/after.json.gz"),
    ("bundle", "diff", "/root/before.json.gz", "/root/after.json.gz"),
    *(
        ("report", "incident", "risk-proposal", "--to", f"/root/incident-{form}", "-o", form)
        for form in ("markdown", "html", "json")
    ),
    (
        "report",
        "incident",
        "risk-proposal",
        "--from",
        "/root/before.json.gz",
        "--from",
        "/root/after.json.gz",
        "--to",
        "/root/replayed",
    ),
    ("report", "phase", "3", "--at-once", "--to", "/root/phase", "-o", "markdown"),
    ("report", "check", "/root/incident-json"),
    ("report", "check", "/root/replayed"),
    ("recover", "risk-proposal", "--undo", "-o", "json"),
)
KEPT: Final = ("/root", "/var/lib/qtops")
BROKEN: Final = """import importlib
import sys

def broken(*given, **named):
    local = "the frame of this one is not shown"
    raise TypeError(f"cannot take {given} {named}")

module, _, name = sys.argv[1].partition(":")
setattr(importlib.import_module(module), name, broken)
from qtops.cli.main import main
main(sys.argv[2:])
"""
BREAKS: Final = {
    "qtops.collectors.doctor:read_redis": ("doctor", *BOTH),
    "qtops.collectors.doctor:fetch_journals": ("doctor", *BOTH, "-o", "json"),
    "qtops.collectors.doctor:read_process": ("doctor", *BOTH),
    "qtops.collectors.live_starts:credentials": ("doctor", *BOTH),
    "qtops.collectors.known_secrets:_ways": ("doctor", *BOTH),
    "qtops.collectors.wiring:_with_redis": ("map", "--all"),
    "qtops.recovery.drafting:unified": ("recover", "risk-proposal"),
    "qtops.casework.gathering:read_unit_texts": ("report", "incident", "risk-proposal", "--to", "/root/none"),
    "qtops.casework.writing:split": ("report", "incident", "risk-proposal", "--to", "/root/none"),
    "qtops.collectors.keys:_commands": ("verify", "freshness"),
}


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    """The planted host, with a runbook of looks."""
    try:
        with planted() as running:
            from tests.redaction.corpus import HERE

            book = (HERE.parents[1] / "runbooks" / "recover-import.md").read_text("utf-8")
            running.box.write("/root/looks.md", book.partition("## Mend")[0])
            yield running
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


def run(host: Host, *words: str) -> subprocess.CompletedProcess[bytes]:
    return host.qtops(*words, environ={"QTOPS_DEBUG": "1"})


@pytest.fixture(scope="module")
def said(host: Host) -> dict[tuple[str, ...], bytes]:
    """What every command says before, while and after the service is mended; the journal meanwhile."""
    (last,) = host.box.journal("-n1")
    told = {}
    for words in (*LOOKS, *MENDS):
        done = run(host, *words)
        told[words] = done.stdout + done.stderr
        assert done.returncode not in (64, 70), (words, done.returncode, done.stderr[-2000:])
    told["journal",] = "\n".join(map(str, filter(_is_ours, host.box.journal(f"--after-cursor={last['__CURSOR']}")))).encode()
    return told


def _is_ours(entry: dict[str, object]) -> bool:
    return not {SERVICE, SIDE} & {str(entry.get(name)) for name in ("_SYSTEMD_UNIT", "UNIT")}


@pytest.mark.parametrize("words", [*LOOKS, *MENDS, ("journal",)], ids=" ".join)
def test_nothing_that_is_said_holds_a_secret(said, words):
    assert leaks(said[words]) == {}


def test_nothing_that_is_kept_holds_one_but_the_way_back(said, host):
    """Files as they were and were to be, and the patch for the repository, are of use only as they are: for root alone."""
    listed = host.box.text("find", *KEPT, "-type", "f").split("\n")
    files = {name: host.box.read(name) for name in listed if name and not name.startswith("/root/.")}
    leaking = {name: found for name, content in files.items() if (found := leaks(content))}
    exact = {name: (hashlib.sha256(files[name]).hexdigest(), "repository.patch") for name in leaking}
    contents = {name for name in leaking if Path(name).name in exact[name]}
    assert {name: found for name, found in leaking.items() if name not in contents} == {}
    assert {host.box.text("stat", "-c", "%a", name).strip() for name in contents} == {"600"}
    assert all(name.startswith("/var/lib/qtops/recoveries/") for name in contents)
    assert any(name.startswith("/root/incident-json/evidence/") for name in files)
    assert {"/root/before.json.gz", "/root/looks.json", "/root/map.json", "/root/events.json"} <= set(files)


def test_the_places_were_looked_at(said):
    facts = said["bundle", "show", "/root/before.json.gz", "-o", "json"].decode()
    assert "ERROR plain *** quoted '***' base64 ***" in facts
    assert "Authorization: Bearer ***" in facts
    assert CANARIES["unit"][6:] not in facts  # it runs over two lines
    assert '"--password","***","--token=***"' in facts
    diff = said["recover", "risk-proposal", "-v", "-o", "human"].decode()
    assert "# ***, api_token=***" in diff


@pytest.mark.parametrize(("part", "words"), BREAKS.items(), ids=BREAKS)
def test_a_bug_of_ours_quotes_none(host, part, words):
    done = host.box.run(sys.executable, "-c", BROKEN, part, *words, check=False, env=in_box(QTOPS_DEBUG="1", HOME="/root"), cwd="/")
    assert done.returncode == 70, done.stderr[-1500:]
    assert b"TypeError: cannot take" in done.stderr or part.endswith("_ways")  # then nothing can be hidden, and no message is shown
    assert b"the frame of this one" not in done.stderr.replace(b'local = "the frame of this one is not shown"', b"")
    assert leaks(done.stdout + done.stderr) == {}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_that_is_interrupted_quotes_none(host, number):
    began = host.box.run(
        "sh", "-c", f'"$@" & sleep 0.6; kill -{number.value} $!; wait $!; true', "sh",
        sys.executable, "-m", "qtops", "verify", "cadence", "--for", "20s", check=False, env=in_box(QTOPS_DEBUG="1", HOME="/root"),
    )  # fmt: skip
    assert leaks(began.stdout + began.stderr) == {}


def test_one_whose_reader_leaves_quotes_none(host):
    done = host.box.run(
        "sh", "-c", f"{sys.executable} -m qtops doctor {' '.join(BOTH)} -v | head -c 10", check=False,
        env=in_box(QTOPS_DEBUG="1", HOME="/root"),
    )  # fmt: skip
    assert leaks(done.stdout + done.stderr) == {}


def test_a_process_of_ours_leaves_no_core(tmp_path):
    """Memory holds what is known to be secret; no limit of the caller's has the kernel write it to a file."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    try:
        running = subprocess.Popen([*COMMAND, "redact", "-"], stdin=subprocess.PIPE, env=in_box(), cwd=tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)
    with running:
        deadline = time.monotonic() + 10
        while not (limit := _core_limit(running.pid)).startswith("0 ") and time.monotonic() < deadline:
            time.sleep(0.05)
        running.send_signal(signal.SIGABRT)
    assert (running.returncode, limit.split()[0]) == (-signal.SIGABRT, "0")
    assert list(tmp_path.iterdir()) == []


def _core_limit(pid: int) -> str:
    limits = Path(f"/proc/{pid}/limits").read_text("utf-8").splitlines()
    return next(line for line in limits if line.startswith("Max core")).removeprefix("Max core file size").strip()
