"""Secrets wherever doctor looks: none is in a report of any form, a bundle, an error, the journal, or on a command line."""

import sys
import threading
import time
from collections.abc import Iterator
from typing import Final, NamedTuple

import pytest

from qtops import bundle
from tests.box.box import PYTHON, Box, NoBox
from tests.cli.running import qtops
from tests.faults.doctoring import FORMATS, Told, ask, environment, prepared, settled
from tests.faults.planted import FILES, PLANTED, SEED, SERVERS, SICK

pytestmark = [pytest.mark.slow, pytest.mark.systemd]

BROKEN: Final = """import sys
import qtops.collectors.doctor as look

def broken(*given, **named):
    raise TypeError(f"cannot take {given} {named}")

setattr(look, sys.argv[1], broken)
from qtops.cli.main import main
main(sys.argv[2:])
"""


class Asked(NamedTuple):
    """Everything that came out: of doctor by format, of a probe, of processes meanwhile, of the journal, and of errors."""

    reports: dict[str, Told]
    probe: Told
    bundle: bytes
    command_lines: str
    journal: str
    failures: dict[str, str]


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    try:
        with prepared({**SICK, **SERVERS}, FILES) as box:
            for name in SICK:
                box.write(f"/etc/systemd/system/{name}.d/10.conf", f"[Service]\nEnvironment=DB_PASSWORD={PLANTED['dropin']}\n")
            box.reload()
            box.systemctl("start", *SERVERS)
            box.run(PYTHON, "/srv/ask.py", "6390", input=SEED.encode())
            for name in SICK:
                box.systemctl("start", name, check=False)
            settled(box, *SICK)
            yield everything(box)
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


def everything(box: Box) -> Asked:
    given = (*SICK, "--config", "/etc/canary.toml", "-v")
    reports = {form: ask(box, *given, "-o", form, QTOPS_DEBUG="1") for form in FORMATS}
    (last,) = box.journal("-n1")
    with Watched(box) as watched:
        probe = ask(box, *given, "--probe", "--save", "/run/canary.json", QTOPS_DEBUG="1")
    written = box.journal(f"--after-cursor={last['__CURSOR']}")
    failures = {part: broken(box, part, *given) for part in ("read_redis", "read_keys", "read_process", "fetch_journals")}
    failures["save"] = ask(box, *given, "--save", "/dev/full", QTOPS_DEBUG="1").err
    journal = "\n".join(map(str, filter(is_ours, written)))
    return Asked(reports, probe, box.read("/run/canary.json"), "\n".join(watched.seen), journal, failures)


def is_ours(entry: dict[str, object]) -> bool:
    """Not what a sick service, or systemd of its file, says: whatever doctor brings about."""
    return not str(entry.get("_SYSTEMD_UNIT", "")).startswith("canary-") and not str(entry.get("UNIT", "")).startswith("canary-")


def broken(box: Box, part: str, *given: str) -> str:
    """What is said, tracebacks included, where one of doctor's own functions raises an exception that quotes what it was given."""
    done = box.run(sys.executable, "-c", BROKEN, part, "doctor", *given, check=False, env=environment(QTOPS_DEBUG="1"))
    assert done.returncode == 70, done
    return (done.stdout + done.stderr).decode()


class Watched:
    """Command lines of all processes of a box within the block, but those of its services."""

    def __init__(self, box: Box) -> None:
        self._box, self.seen, self._over = box, set[str](), threading.Event()
        self._watch = threading.Thread(target=self._look)

    def __enter__(self) -> "Watched":
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()

    def _look(self) -> None:
        proc = self._box.host_path("/proc")
        services = {path.name for path in proc.glob("[0-9]*")}
        while not self._over.is_set():
            for path in proc.glob("[0-9]*"):
                if path.name not in services:
                    try:
                        self.seen.add(path.joinpath("cmdline").read_text("utf-8", "replace").replace("\0", " "))
                    except OSError:
                        continue  # it has ended
            time.sleep(0.005)


def leaks(text: str) -> dict[str, str]:
    """The planted secrets in a text, by the place where they stand, each with what is around it."""
    found = {place: text.find(secret) for place, secret in PLANTED.items()}
    return {place: text[max(0, at - 60) : at + 60] for place, at in found.items() if at >= 0}


@pytest.mark.parametrize("form", FORMATS)
def test_no_report_holds_a_secret(asked, form):
    told = asked.reports[form]
    assert told.code == 2
    assert leaks(told.out + told.err) == {}


def test_a_probe_tells_none(asked):
    assert asked.probe.code == 2
    assert leaks(asked.probe.out + asked.probe.err) == {}
    assert "imported in the unit's own context (systemd-run as root)" in " ".join(asked.probe.out.split())


def test_no_command_line_holds_one(asked):
    assert "systemd-run" in asked.command_lines
    assert "want = json.loads(sys.argv.pop())" in asked.command_lines
    assert leaks(asked.command_lines) == {}


def test_the_journal_gets_none(asked):
    assert "qtops-probe-" in asked.journal
    assert leaks(asked.journal) == {}


def test_a_bundle_holds_none_and_what_it_shows_neither(asked, tmp_path):
    assert leaks(asked.bundle.decode()) == {}
    saved = tmp_path / "canary.json"
    saved.write_bytes(asked.bundle)
    for arguments in (("show", saved), ("show", saved, "-o", "json"), ("diff", saved, saved)):
        shown = qtops("bundle", *map(str, arguments))
        assert (shown.returncode, leaks(shown.stdout + shown.stderr)) == (0, {})


@pytest.mark.parametrize("part", ["read_redis", "read_keys", "read_process", "fetch_journals", "save"])
def test_an_error_quotes_none(asked, part):
    assert ("cannot take" if part != "save" else "BundleError") in asked.failures[part]
    assert leaks(asked.failures[part]) == {}


def test_each_place_was_looked_at(asked, tmp_path):
    saved = tmp_path / "canary.json"
    saved.write_bytes(asked.bundle)
    services = {service.subject: service for service in bundle.load(saved).services}
    lines = [line.text for line in services["canary-import.service"].journal.lines]
    assert "GET /orders Authorization: Bearer ***" in lines
    assert "{'Authorization': 'Basic ***'}" in lines
    assert "logged in with password=***" in lines
    assert '{"api_key": "***"}' in lines
    assert "ERROR *** *** ***" in lines
    (failure,) = services["canary-import.service"].start.imports.failures
    assert failure.edited_line.startswith('sys.path.insert(0, "/srv/canary/shadow")')
    assert services["canary-stays.service"].unit.status_text == "logged in with token=***"
    assert services["canary-stays.service"].process.command[2:] == ("--password", "***", "--token=***", "-p", "***")
    assert services["canary-family.service"].keys[0].values == (None, "token=***")
    for name in ("canary-stays.service", "canary-bare.service"):
        assert "AUTH" in services[name].redis.reading.detail
    (traceback,) = services["canary-fails.service"].journal.tracebacks
    assert traceback.message == "RuntimeError: password=*** refused at redis://app:***@127.0.0.1:6398/0 for ***"
