import os
import re
import shutil
import socket
import stat
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from qtops import __version__
from qtops.errors import NotPermitted, Unavailable
from qtops.findings import Severity
from qtops.incidents import Outcome, Stands
from qtops.supervisor import metrics as module
from qtops.supervisor.exposition import render
from qtops.supervisor.metrics import MOST, Metrics, write_textfile
from qtops.supervisor.snapshot import KeyAge, Snapshot
from tests.supervisor.snapshots import NOW_S, UNIT, finding, healthy, incident

pytestmark = pytest.mark.slow

OPEN = {"severity": "critical", "kind": "process"}


def samples(snapshot: Snapshot | None) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Name → labels and values, as a Prometheus reads them."""
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(render(snapshot).decode("utf-8")):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((dict(sample.labels), sample.value))
    return found


def value(snapshot: Snapshot, name: str, **labels: str) -> float | None:
    """The one sample with these labels; None where there is none."""
    (found,) = [known for given, known in samples(snapshot).get(name, []) if given == labels] or [None]
    return found


class TestWhatIsShown:
    def test_before_the_first_look_only_the_build(self):
        assert samples(None) == {"qtops_build_info": [({"version": __version__}, 1.0)]}

    def test_a_unit_that_is_up(self):
        now = healthy()
        assert value(now, "qtops_unit_up", unit=UNIT) == 1.0
        assert value(now, "qtops_unit_state", unit=UNIT, state="active") == 1.0
        assert value(now, "qtops_unit_state", unit=UNIT, state="failed") == 0.0
        assert value(now, "qtops_unit_state_change_timestamp_seconds", unit=UNIT) == NOW_S - 600

    @pytest.mark.parametrize("state", ["failed", "inactive", "activating", "deactivating"])
    def test_a_unit_that_is_not(self, state):
        now = healthy(units=(Stands(unit=UNIT, at_s=NOW_S, active_state=state),))
        assert value(now, "qtops_unit_up", unit=UNIT) == 0.0
        assert value(now, "qtops_unit_state", unit=UNIT, state=state) == 1.0

    def test_a_unit_whose_file_is_gone_is_not_up(self):
        assert value(healthy(units=(Stands(unit=UNIT, at_s=NOW_S, load_state="not-found"),)), "qtops_unit_up", unit=UNIT) == 0.0

    def test_counters_begin_at_0_so_that_the_first_death_is_an_increase(self):
        assert value(healthy(), "qtops_unit_deaths_total", unit=UNIT) == 0.0
        now = healthy(deaths={UNIT: 3, "other.service": 1}, restarts={UNIT: 2})
        assert value(now, "qtops_unit_deaths_total", unit=UNIT) == 3.0
        assert value(now, "qtops_unit_deaths_total", unit="other.service") == 1.0
        assert value(now, "qtops_unit_restarts_total", unit=UNIT) == 2.0

    def test_restarts_by_systemd_are_told_apart(self):
        assert value(healthy(units=(Stands(unit=UNIT, at_s=NOW_S, n_restarts=5),)), "qtops_unit_systemd_restarts", unit=UNIT) == 5.0

    def test_ages_and_their_limits(self):
        key = {"family": "risk-proposal", "symbol": "BTCUSDT"}
        assert value(healthy(), "qtops_key_age_seconds", **key) == 3.5
        assert value(healthy(), "qtops_key_age_limit_seconds", **key) == 20.0
        assert value(healthy(), "qtops_key_fresh", **key) == 1.0

    @pytest.mark.parametrize("age_s", [None, float("nan"), float("inf")])
    def test_an_age_that_is_not_known_is_absent(self, age_s):
        now = healthy(ages=(KeyAge("risk-proposal", "BTCUSDT", age_s, "EXPIRED"),))
        assert "qtops_key_age_seconds" not in samples(now)
        assert "qtops_key_age_limit_seconds" not in samples(now)
        assert value(now, "qtops_key_fresh", family="risk-proposal", symbol="BTCUSDT") == 0.0

    @pytest.mark.parametrize(("state", "fresh"), [("IDLE", 1.0), ("LATE", 0.0), ("FUTURE", 0.0), ("UNKNOWN", None)])
    def test_whether_a_key_is_fresh(self, state, fresh):
        now = healthy(ages=(KeyAge("f", "s", 1.0, state),))
        assert value(now, "qtops_key_fresh", family="f", symbol="s") == fresh

    def test_incidents_are_counted_while_they_are_open(self):
        assert value(healthy(), "qtops_incidents_open", **OPEN) == 0.0
        assert value(healthy(incidents=(incident(),)), "qtops_incidents_open", **OPEN) == 1.0
        assert value(healthy(incidents=(incident(state="acknowledged"),)), "qtops_incidents_open", **OPEN) == 1.0
        assert value(healthy(incidents=(incident(state="resolved"),)), "qtops_incidents_open", **OPEN) == 0.0

    def test_the_age_of_an_incident_goes_with_it(self):
        assert value(healthy(incidents=(incident(),)), "qtops_incident_age_seconds", unit=UNIT, kind="process") == 3600.0
        assert "qtops_incident_age_seconds" not in samples(healthy(incidents=(incident(state="resolved"),)))

    def test_an_incident_dated_ahead_by_a_clock_that_was_set_back_is_0_old(self):
        now = healthy(incidents=(incident(began_s=NOW_S + 3600),))
        assert value(now, "qtops_incident_age_seconds", unit=UNIT, kind="process") == 0.0

    def test_whether_it_was_acknowledged_or_given_up(self):
        where = {"unit": UNIT, "kind": "process"}
        now = healthy(incidents=(incident(state="acknowledged", gave_up_s=NOW_S),))
        assert value(now, "qtops_incident_acknowledged", **where) == 1.0
        assert value(now, "qtops_incident_given_up", **where) == 1.0
        assert value(healthy(incidents=(incident(),)), "qtops_incident_given_up", **where) == 0.0

    def test_findings_are_counted_by_code_and_doubts_are_told(self):
        found = (finding(), finding(), finding("PROPOSAL102", Severity.WARNING))
        now = healthy(outcomes=(Outcome(unit=UNIT, at_s=NOW_S, findings=found, doubts=("no permission",)),))
        assert value(now, "qtops_findings", unit=UNIT, code="KEY101", severity="critical") == 2.0
        assert value(now, "qtops_findings", unit=UNIT, code="PROPOSAL102", severity="warning") == 1.0
        assert value(now, "qtops_doubts", unit=UNIT) == 1.0

    def test_itself(self):
        now = healthy(holds=(UNIT,), sources={"redis": False}, notices_sent=4, notices_failed=2, notices_waiting=1, clock_jumps=3)
        assert value(now, "qtops_last_run_timestamp_seconds") == NOW_S
        assert value(now, "qtops_start_time_seconds") == NOW_S - 3600
        assert value(now, "qtops_source_up", source="redis") == 0.0
        assert value(now, "qtops_hold", unit=UNIT) == 1.0
        assert value(now, "qtops_notices_sent_total") == 4.0
        assert value(now, "qtops_notices_failed_total") == 2.0
        assert value(now, "qtops_notices_waiting") == 1.0
        assert value(now, "qtops_clock_jumps_total") == 3.0

    def test_a_clock_that_was_set_an_hour_ahead_makes_no_supervisor_look_stuck(self):
        metrics = Metrics("", wall=lambda: NOW_S + 3600)
        metrics.update(healthy())
        found = {family.name: family.samples for family in text_string_to_metric_families(metrics.text().decode())}
        assert found["qtops_last_run_timestamp_seconds"][0].value == NOW_S + 3600
        assert found["qtops_look_timestamp_seconds"][0].value == NOW_S + 3598

    @given(st.lists(st.text(max_size=300), max_size=4), st.floats())
    def test_whatever_names_say_a_prometheus_can_read_it_and_no_set_of_labels_comes_twice(self, names, age_s):
        now = healthy(
            units=tuple(Stands(unit=name, at_s=NOW_S) for name in names),
            ages=tuple(KeyAge(name, name, age_s, name) for name in names),
            incidents=tuple(incident(unit=name) for name in [*names, *names]),
            holds=(*names, *names),
        )
        for found in samples(now).values():
            assert len({tuple(labels.items()) for labels, _ in found}) == len(found)
            assert all(known.isprintable() and len(known) <= 200 for labels, _ in found for known in labels.values())
        assert "NaN" not in re.sub("#.*", "", render(now).decode()) or any("NaN" in name for name in names)

    def test_every_metric_says_what_it_is_and_in_which_unit(self):
        told = dict(re.findall(r"^# HELP (\S+) (.*)$", render(healthy(incidents=(incident(),))).decode(), re.MULTILINE))
        assert len(told) > 20
        for name, text in told.items():
            assert text.endswith("."), name
            assert name.startswith("qtops_")
            assert ("second" in text) == ("_seconds" in name), name

    @pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
    def test_promtool_has_nothing_to_say(self):
        text = render(healthy(incidents=(incident(),), deaths={UNIT: 1}, holds=(UNIT,)))
        ran = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, check=False, timeout=30)
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")


@pytest.fixture
def served() -> Iterator[Metrics]:
    metrics = Metrics("127.0.0.1:0")
    metrics.update(healthy())
    yield metrics
    metrics.close()


def fetch(metrics: Metrics, path: str = "/metrics") -> bytes:
    with urllib.request.urlopen(f"http://{metrics.address}{path}", timeout=5) as answer:
        return bytes(answer.read())


def connect(metrics: Metrics) -> socket.socket:
    host, _, port = metrics.address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=5)


def threads() -> int:
    return threading.active_count()


def until(holds: Callable[[], bool], within_s: float = 5.0) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


class TestServing:
    def test_the_last_snapshot_is_served(self, served):
        assert fetch(served) == served.text()
        served.update(healthy(clock_jumps=9))
        assert b"qtops_clock_jumps_total 9.0" in fetch(served)

    def test_a_prometheus_is_told_which_format_it_is(self, served):
        with urllib.request.urlopen(f"http://{served.address}/metrics?x=1", timeout=5) as answer:
            assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"

    def test_there_is_nothing_else(self, served):
        with pytest.raises(urllib.error.HTTPError, match="404") as error:
            fetch(served, "/")
        error.value.close()

    def test_each_snapshot_is_rendered_once_however_often_it_is_asked_for(self, served):
        assert served.text() is served.text()

    def test_nowhere(self):
        metrics = Metrics("")
        metrics.update(healthy())
        assert metrics.address == ""
        assert b"qtops_unit_up" in metrics.text()
        metrics.close()

    @pytest.mark.parametrize("listen", ["[::1]:0", "localhost:0"])
    def test_other_names_of_loopback(self, listen):
        try:
            metrics = Metrics(listen)
        except Unavailable as why:
            pytest.skip(str(why))
        metrics.update(healthy())
        assert b"qtops_unit_up" in fetch(metrics)
        metrics.close()

    def test_a_port_that_is_taken_is_said_to_be(self, served):
        with pytest.raises(Unavailable, match=r"/metrics cannot be served on .*Address already in use; see what listens there"):
            Metrics(served.address)

    def test_closed_it_listens_no_more_and_the_port_is_free(self):
        metrics = Metrics("127.0.0.1:0")
        address, before = metrics.address, threads()
        fetch(metrics)
        metrics.close()
        metrics.close()
        Metrics(address).close()
        assert threads() == before - 1


class TestClientsThatDoNotBehave:
    def test_those_that_say_nothing_are_cut_off_and_pile_up_nowhere(self, served, monkeypatch):
        monkeypatch.setattr(module, "LIMIT_S", 0.3)
        before = threads()
        silent = [connect(served) for _ in range(4 * MOST)]
        until(lambda: threads() > before)
        assert threads() <= before + MOST
        for client in silent:
            assert client.recv(1) == b""
            client.close()
        until(lambda: threads() == before)
        assert b"qtops_unit_up" in fetch(served)

    def test_one_that_asks_a_letter_at_a_time_has_no_more_time_than_others(self, served, monkeypatch):
        monkeypatch.setattr(module, "LIMIT_S", 0.3)
        began = time.monotonic()
        with connect(served) as slow, suppress(OSError):
            while time.monotonic() - began < 5:
                slow.sendall(b"G")
                time.sleep(0.02)
        assert time.monotonic() - began < 3

    def test_one_that_does_not_read_is_cut_off_as_well(self, served, monkeypatch):
        monkeypatch.setattr(module, "LIMIT_S", 0.3)
        served.update(healthy(ages=tuple(KeyAge("f", f"S{n}" + 100 * "x", 1.0, "FRESH") for n in range(40_000))))
        served.text()
        before = threads()
        with connect(served) as lazy:
            lazy.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            until(lambda: threads() > before)
            until(lambda: threads() == before)

    def test_while_they_hang_on_the_owner_of_the_snapshot_does_not_wait(self, served):
        hanging = [connect(served) for _ in range(MOST)]
        began = time.monotonic()
        served.update(healthy())
        served.text()
        assert time.monotonic() - began < 0.2
        for client in hanging:
            client.close()

    @pytest.mark.parametrize(
        "asked", [b"\x00\xff\r\n\r\n", b"POST /metrics HTTP/1.1\r\n\r\n", b"GET " + 70_000 * b"a", b"GET / HTTP/9\r\n\r\n"]
    )
    def test_what_is_no_question_ends_nothing(self, served, asked, capfd):
        with connect(served) as client:
            client.sendall(asked)
            client.shutdown(socket.SHUT_WR)
            try:
                while client.recv(65536):
                    pass
            except ConnectionResetError:
                pass
        assert b"qtops_unit_up" in fetch(served)
        assert capfd.readouterr().err == ""


class TestTextfile:
    def test_it_is_there_as_a_whole_and_all_may_read_it(self, tmp_path):
        place = tmp_path / "qtops.prom"
        before = os.umask(0o077)
        try:
            write_textfile(str(place), b"a 1\n")
            write_textfile(str(place), b"a 2\n")
        finally:
            os.umask(before)
        assert place.read_bytes() == b"a 2\n"
        assert stat.S_IMODE(place.stat().st_mode) == 0o644
        assert [file.name for file in tmp_path.iterdir()] == ["qtops.prom"]

    def test_a_link_in_its_place_is_replaced_not_followed(self, tmp_path):
        precious = tmp_path / "precious"
        precious.write_text("mine")
        (tmp_path / "qtops.prom").symlink_to(precious)
        (tmp_path / ".qtops.prom.tmp").symlink_to(precious)
        write_textfile(str(tmp_path / "qtops.prom"), b"a 1\n")
        assert precious.read_text() == "mine"
        assert not (tmp_path / "qtops.prom").is_symlink()

    def test_what_a_killed_writer_left_is_in_nobodys_way(self, tmp_path):
        (tmp_path / ".qtops.prom.tmp").write_text("half")
        write_textfile(str(tmp_path / "qtops.prom"), b"a 1\n")
        assert [file.name for file in tmp_path.iterdir()] == ["qtops.prom"]

    def test_a_folder_that_is_not_there(self, tmp_path):
        with pytest.raises(Unavailable, match=r"gone/qtops\.prom cannot be written: No such file or directory; see supervise"):
            write_textfile(str(tmp_path / "gone" / "qtops.prom"), b"")

    def test_a_folder_in_its_place_leaves_nothing_beside_it(self, tmp_path):
        (tmp_path / "qtops.prom").mkdir()
        with pytest.raises(Unavailable):
            write_textfile(str(tmp_path / "qtops.prom"), b"")
        assert [file.name for file in tmp_path.iterdir()] == ["qtops.prom"]

    def test_a_folder_that_takes_no_files(self):
        with pytest.raises((Unavailable, NotPermitted), match=r"/proc/qtops\.prom cannot be written"):
            write_textfile("/proc/qtops.prom", b"a 1\n")


def test_it_costs_little():
    """Of a thousand keys and fifty units: rendered within a few frames of the loop, and only when somebody asks."""
    ages = tuple(KeyAge("risk-proposal", f"S{number}", 1.0, "FRESH", 20.0) for number in range(1000))
    units = tuple(replace(healthy().units[0], unit=f"u{number}.service") for number in range(50))
    began = time.process_time()
    render(healthy(ages=ages, units=units))
    assert time.process_time() - began < 0.25
