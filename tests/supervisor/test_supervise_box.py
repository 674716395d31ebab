"""The supervisor on a real systemd: what it notices, what it does, what it leaves alone, and what it tells."""

import time
from collections.abc import Iterator

import pytest

from tests.box.box import PYTHON, NoBox, booted
from tests.box.fixture import unseen
from tests.supervisor.supervised import STATE, Supervised, prepare, supervising

pytestmark = [pytest.mark.slow, pytest.mark.systemd]
SLEEPER = (
    "[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=/bin/sleep infinity\n{more}\n[Install]\nWantedBy=multi-user.target\n"
)
STUBBORN = SLEEPER.format(more="TimeoutStopSec=500ms").replace(
    "/bin/sleep infinity", """/bin/sh -c "trap '' TERM; while :; do sleep 0.05; done" """
)
NAMED_BY_ALIAS = '[[services]]\nname = "other"\nunit = "app-other.service"\n'
IMPORTING = f"[Service]\nExecStart={PYTHON} /srv/app/main.py\n[Install]\nWantedBy=multi-user.target\n"


@pytest.fixture(scope="module")
def supervised() -> Iterator[Supervised]:
    """One supervisor for the stories of this file, each about a unit of its own."""
    try:
        with booted(binds=unseen()) as box:
            for name in ("killed", "stopped", "held", "again"):
                box.unit(f"app-{name}.service", SLEEPER.format(more="Restart=always\nRestartSec=50ms" if name == "again" else ""))
            box.unit("app-own.service", SLEEPER.format(more="") + "Alias=app-other.service\n")
            box.unit("app-stubborn.service", STUBBORN)
            box.unit("app-import.service", IMPORTING)
            box.write("/srv/app/main.py", "import nowhere_to_be_found\n")
            box.reload()
            box.systemctl("enable", "app-killed", "app-stopped", "app-held", "app-again", "app-import", "app-own", "app-stubborn")
            box.systemctl("start", "app-killed", "app-stopped", "app-held", "app-again", "app-own", "app-stubborn")
            prepare(box, NAMED_BY_ALIAS)
            with supervising(box) as running:
                yield running
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


def kill(supervised: Supervised, unit: str) -> None:
    supervised.box.systemctl("kill", "--signal=KILL", unit)


def active(supervised: Supervised, unit: str) -> str:
    return supervised.box.show(unit, properties=["ActiveState"])[unit]["ActiveState"]


def invocation(supervised: Supervised, unit: str) -> str:
    return supervised.box.show(unit, properties=["InvocationID"])[unit]["InvocationID"]


def test_a_killed_service_is_restarted_once_and_resolved(supervised):
    unit = "app-killed.service"
    kill(supervised, unit)
    supervised.until_event(unit, "resolved")
    events = [event for event, _ in supervised.timeline(unit)]
    assert events.count("restarting") == events.count("restarted") == 1
    assert active(supervised, unit) == "active"
    incident = supervised.of(unit)
    assert (incident["state"], incident["code"]) == ("resolved", "UNIT211")
    supervised.until(lambda: sum(unit in line for line in supervised.told()) >= 2, "both notices")
    told = [line.split()[0] for line in supervised.told() if unit in line]
    assert (told[0], told[-1]) == ("opened", "resolved")


def test_its_bundles_and_its_reports_lie_in_its_folder(supervised):
    number = supervised.of("app-killed.service")["number"]
    folder = supervised.box.host_path(f"{STATE}/incidents/{number}")
    supervised.until((folder / "report-closing" / "report.md").exists, "the report at its end")
    names = {file.name for file in folder.iterdir()}
    assert {"opening.json.gz", "closing.json.gz", "report-opening", "report-closing"} <= names
    assert folder.stat().st_mode & 0o777 == 0o700
    assert supervised.qtops("report", "check", f"{STATE}/incidents/{number}/report-closing")


def test_a_broken_import_is_diagnosed_once_and_never_restarted(supervised):
    unit = "app-import.service"
    supervised.box.systemctl("start", unit)
    supervised.until_event(unit, "left alone")
    incident = supervised.of(unit)
    assert (incident["code"], incident["nature"]) == ("IMPORT103", "deterministic")
    events = [event for event, _ in supervised.timeline(unit)]
    assert events.count("diagnosed") == 1
    assert "restarting" not in events
    assert active(supervised, unit) == "failed"


def test_a_service_that_systemd_restarts_is_left_to_it(supervised):
    unit = "app-again.service"
    for _ in range(3):
        before = invocation(supervised, unit)
        kill(supervised, unit)
        while active(supervised, unit) != "active" or invocation(supervised, unit) == before:
            time.sleep(0.05)
    supervised.until_event(unit, "resolved")
    assert supervised.of(unit)["times"] == 3
    assert "restarting" not in [event for event, _ in supervised.timeline(unit)]


def test_what_an_operator_stopped_is_no_fault(supervised):
    unit = "app-stopped.service"
    supervised.box.systemctl("stop", unit)
    kill(supervised, "app-killed.service")  # something that is noticed for certain after it
    supervised.until(lambda: len([line for line in supervised.told() if "app-killed.service" in line]) >= 3, "another fault")
    assert unit not in {one["unit"] for one in supervised.incidents()}
    assert active(supervised, unit) == "inactive"


def test_what_is_held_is_told_and_left_alone(supervised):
    unit = "app-held.service"
    supervised.qtops("hold", unit, "--until", "1h", "--why", "a deployment")
    kill(supervised, unit)
    supervised.until_event(unit, "left alone")
    assert "restarting" not in [event for event, _ in supervised.timeline(unit)]
    assert active(supervised, unit) == "failed"
    supervised.qtops("hold", unit, "--lift")
    supervised.until_event(unit, "restarted")
    assert active(supervised, unit) == "active"


def test_what_has_to_be_killed_as_an_operator_stops_it_stays_down(supervised):
    unit = "app-stubborn.service"
    supervised.box.systemctl("stop", unit)
    supervised.until_event(unit, "resolved")
    assert (supervised.of(unit)["code"], active(supervised, unit)) == ("UNIT214", "failed")
    assert "restarting" not in [event for event, _ in supervised.timeline(unit)]


def test_a_unit_is_one_whatever_it_is_called(supervised):
    unit = "app-other.service"
    supervised.qtops("hold", "app-own", "--until", "1h", "--why", "a deployment")
    kill(supervised, "app-own.service")
    supervised.until_event(unit, "left alone")
    assert active(supervised, unit) == "failed"
    supervised.qtops("hold", "app-own", "--lift")
    supervised.until_event(unit, "resolved")
    folder = supervised.box.host_path(f"{STATE}/incidents/{supervised.of(unit)['number']}")
    supervised.until((folder / "report-closing" / "report.md").exists, "the report at its end")
    assert "app-own.service" not in {one["unit"] for one in supervised.incidents()}
