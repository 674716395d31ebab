"""The founding incident on a real systemd, gathered as it goes: seen, recovered, killed on the way and resumed, undone."""

import sys
from collections.abc import Iterator

import msgspec
import pytest

from qtops.evidence.case import Case
from tests.box.box import NoBox
from tests.casework.inside import ROOT
from tests.preflight_trees import EDIT
from tests.recovery.founding import MAIN_BYTES, QUIET, SERVICE, Host, founding
from tests.recovery.trouble import ATTEMPT, begun, gives_up, lay_main, shell, waited

pytestmark = [pytest.mark.slow, pytest.mark.systemd]
CANARY = "pl4nted-Canary-One"
ENVIRONMENT = f"LOG_LEVEL=INFO\nAPI_SECRET={CANARY}\n"
FOLDER = "/var/lib/qtops/recoveries"
PATHS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
DROP_IN = f"[Service]\nEnvironment=PYTHONUNBUFFERED=1 \\\n  DB_PASSWORD={CANARY}\n"


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    """The tests of this file are one story. A secret is in the environment, in a drop-in, and in the source beside the fault."""
    try:
        with founding({"/etc/quantum/risk-proposal.env": ENVIRONMENT}) as running:
            running.box.write(f"/etc/systemd/system/{SERVICE}.d/50-more.conf", DROP_IN)
            running.box.reload()
            lay_main(running, MAIN_BYTES.replace(b"# Add parent", f"# {CANARY}\r\n# Add parent".encode()))
            gives_up(running)
            yield running
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


def gathered(host: Host, *words: str) -> Case:
    """A case, gathered as root in the box; nothing in it holds the canary."""
    environ = {**QUIET, "PATH": PATHS, "PYTHONPATH": ROOT}
    done = host.box.run(sys.executable, "-m", "tests.casework.inside", *words, env=environ, cwd="/", timeout=60)
    assert CANARY.encode() not in done.stdout
    return msgspec.json.decode(done.stdout, type=Case)


def test_before_anybody_did_anything_there_is_a_look_when_it_was_noticed_and_what_is_failed(host):
    host.recover("risk-proposal", expect=4)  # a dry run: somebody has seen it
    case = gathered(host, "incident", "risk-proposal", "")
    assert [entry.event for entry in case.entries] == ["noticed"]
    assert case.entries[0].at_s < case.now.taken_at_s
    assert case.now.services[0].unit.active_state == "failed"
    assert [unit.name for unit in case.failed] == [SERVICE]
    assert (case.recovery, case.before, case.failed_before) == (None, None, None)


def test_the_files_of_the_unit_are_there_without_their_secrets(host):
    fragment, drop_in = gathered(host, "incident", "risk-proposal", "").units
    assert 'Environment="PYTHONPATH=/home/qt/quantum_trader"' in fragment.text
    assert drop_in.text == '[Service]\nEnvironment="PYTHONUNBUFFERED=1" "DB_PASSWORD=***"\n'


def test_a_recovery_that_was_killed_has_kept_what_it_found_and_once_resumed_everything(host):
    begun(host)
    shell(host, f"systemctl kill -s KILL {ATTEMPT}")
    assert waited(host, f"! systemctl is-active -q {ATTEMPT}")
    case = gathered(host, "incident", "", "")
    assert (case.recovery.state, case.before is not None, case.lacking) == ("begun", True, ())
    assert [unit.name for unit in case.failed_before] == [SERVICE]
    assert [unit.name for unit in case.failed] == [ATTEMPT]
    resumed = host.recover("risk-proposal", "--resume")
    assert (resumed["outcome"], resumed["patch"]) == ("verified", f"{FOLDER}/{case.recovery.id}/repository.patch")
    case = gathered(host, "incident", "", "")
    assert (case.recovery.state, case.lacking) == ("verified", ())
    assert f"-{EDIT}" in case.patch
    assert f"-{EDIT}" in case.plan.steps[0].diff
    assert " # ***" in case.patch
    assert case.before.services[0].unit.active_state == "failed"
    assert case.after.services[0].unit.main_pid == case.now.services[0].unit.main_pid
    assert len(case.settling.samples) > 10
    assert {"noticed", "diagnosed", "verified"} <= {entry.event for entry in case.entries}


def test_what_it_uses_is_told_of_a_service_that_runs(host):
    unit = gathered(host, "incident", "", "").now.services[0].unit
    assert unit.description == "Quantum Risk Proposal Publisher (P1.5)"
    assert 0 < unit.cpu_s < 60


def test_a_phase_is_measured_with_the_recovery_of_its_service(host):
    case = gathered(host, "phase", "3", "1")
    assert case.recovery.state == "verified"
    assert {series.family for series in case.now.cadence.series} == {"risk-proposal"}
    assert case.now.events is not None
    assert len(case.units) == 2


def test_what_was_undone_is_still_told_in_full(host):
    assert host.recover("risk-proposal", "--undo")["outcome"] == "undone"
    case = gathered(host, "incident", "risk-proposal", "")
    assert (case.recovery.state, case.patch, case.lacking) == ("undone", "", ())
    assert None not in (case.plan, case.before, case.after, case.settling)
    assert case.entries[-1].event == "undone"
