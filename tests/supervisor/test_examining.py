"""Looks and reports: a few at a time, rationed, and "could not tell" where one comes to nothing."""

import selectors
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtops.findings import Severity, Verdict
from qtops.incidents import Diagnosed, Incident
from qtops.supervisor.children import Children, Ended
from qtops.supervisor.commands import Commands
from qtops.supervisor.examining import AT_ONCE, BURST, EVERY_S, MOST_LOOKS, Examining, diagnosed

UNIT = "app.service"
INCIDENT = Incident(
    number=7, fingerprint=f"{UNIT}|process", unit=UNIT, kind="process", title="it died", began_s=1.0, opened_s=1.0, last_s=1.0
)


class Shell(Commands):
    """Commands that leave a file where the real ones do, and end when they are allowed to."""

    def doctor(self, unit: str, bundle: str) -> tuple[str, ...]:
        return ("/bin/sh", "-c", f"touch {bundle or '/dev/null'}; exit 70")

    def report(self, unit: str, bundles, folder: str) -> tuple[str, ...]:
        return ("/bin/sh", "-c", f"echo {' '.join(bundles)} > {folder}")


class Bench:
    """Examining in a folder, with a clock that is set by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now_s = folder, 1000.0
        self.selector = selectors.DefaultSelector()
        self.children = Children(self.selector)
        self.found: list[Diagnosed] = []
        self.told: list[str] = []
        self.examining = Examining(
            self.children, Shell(settings=None), lambda number: str(folder), self.found.append,
            lambda incident, text: self.told.append(text), lambda: self.now_s,
        )  # fmt: skip

    def until_idle(self) -> None:
        while len(self.children):
            for key, _ in self.selector.select(5):
                key.data()


@pytest.fixture
def bench(tmp_path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.children.close()
    bench.selector.close()


def test_the_first_look_is_kept_as_the_bundle_at_opening_and_reported_on(bench):
    bench.examining.look(UNIT, INCIDENT)
    assert bench.examining.busy(UNIT)
    bench.until_idle()
    assert not bench.examining.busy(UNIT)
    assert (bench.folder / "report-opening").read_text().split() == [str(bench.folder / "opening.json.gz")]
    assert bench.told == [f"report: {bench.folder / 'report-opening'}"]


def test_the_last_one_is_reported_on_together_with_the_first(bench):
    bench.examining.look(UNIT, INCIDENT)
    bench.until_idle()
    bench.examining.look(UNIT, INCIDENT, closing=True)
    bench.until_idle()
    names = ["opening.json.gz", "closing.json.gz"]
    assert (bench.folder / "report-closing").read_text().split() == [str(bench.folder / name) for name in names]


def test_an_incident_that_was_opened_again_has_a_further_report_on_its_end(bench):
    for _ in range(2):
        bench.examining.look(UNIT, INCIDENT, closing=True)
        bench.until_idle()
    assert (bench.folder / "report-closing").exists()
    assert (bench.folder / "report-closing-2").exists()


def test_of_many_looks_the_first_and_the_newest_are_kept(bench):
    for _ in range(2 * MOST_LOOKS):
        bench.examining.look(UNIT, INCIDENT)
        bench.now_s += EVERY_S * BURST
        bench.until_idle()
    names = sorted(file.name for file in bench.folder.glob("*.json.gz"))
    assert len(names) == 1 + MOST_LOOKS
    assert names[-1] == "opening.json.gz"


def test_whatever_asks_for_a_look_that_is_under_way_gets_that_one(bench):
    for _ in range(5):
        bench.examining.look(UNIT, INCIDENT)
    bench.until_idle()
    assert len(bench.found) == 1


def test_only_so_many_at_once(bench):
    for number in range(3 * AT_ONCE):
        bench.examining.look(f"app-{number}.service", None)
        assert len(bench.children) <= AT_ONCE
    bench.until_idle()
    assert len(bench.found) == 3 * AT_ONCE


def test_a_unit_that_dies_every_second_is_not_looked_at_every_second(bench):
    for _ in range(50):
        bench.examining.look(UNIT, None)
        bench.until_idle()
        bench.now_s += 1.0
    assert len(bench.found) == BURST
    assert 0 < bench.examining.wait_s() <= BURST * EVERY_S
    bench.now_s += bench.examining.wait_s()
    bench.examining.go_on()
    bench.until_idle()
    assert len(bench.found) == BURST + 1


def test_nor_does_a_fault_after_it_wait_for_the_last_look_of_the_one_before(bench):
    for _ in range(BURST):
        bench.examining.look(UNIT, INCIDENT)
        bench.until_idle()
        bench.examining.look(UNIT, INCIDENT, closing=True)
        bench.until_idle()
    assert len(bench.found) == 2 * BURST


def test_the_last_look_of_an_incident_waits_for_no_ration(bench):
    for _ in range(BURST):
        bench.examining.look(UNIT, None)
        bench.until_idle()
    bench.examining.look(UNIT, INCIDENT, closing=True)
    bench.until_idle()
    assert (bench.folder / "closing.json.gz").exists()


@pytest.mark.parametrize(
    ("ended", "says"),
    [
        (Ended("look", 70, b"", b"qtops: error: a bug", 1.0), "qtops: error: a bug"),
        (Ended("look", -9, b"", b"", 30.0, timed_out=True), "it had not ended after 30 s"),
        (Ended("look", 0, b"nonsense", b"", 1.0), "JSON is malformed"),
        (Ended("look", 0, b'{"schema":"qtops.doctor/1"}', b"", 1.0), "missing required field"),
    ],
)
def test_a_look_that_comes_to_nothing_could_not_tell(ended, says):
    found = diagnosed(UNIT, ended, "", 5.0)
    assert (found.verdict, found.condition, found.root, found.at_s) == (Verdict.UNKNOWN, "unknown", None, 5.0)
    assert says in found.state


def test_hostile_last_words_are_one_printable_line():
    found = diagnosed(UNIT, Ended("look", 70, b"", b"\x1b[31mred\x07\n", 1.0), "", 5.0)
    assert found.state.isprintable()
    assert INCIDENT.severity is Severity.CRITICAL
