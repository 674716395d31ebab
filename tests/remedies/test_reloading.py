"""Where systemd or the process is behind what is on disk."""

from msgspec.structs import replace

from qtops.facts.preflight import ImportFacts, SettingFact
from qtops.facts.service import ChangedFile
from tests.checks.services import NOW_S, down, service, unit
from tests.checks.starts import imports, start

from .offers import named, offered

CHANGED = (ChangedFile("code", "/srv/app/main.py", NOW_S - 60),)


def test_a_reload_leaves_the_process_alone_and_comes_first():
    facts = unit(need_daemon_reload=True)
    facts = replace(facts, changed=(ChangedFile("unit", "/etc/systemd/system/app.service", NOW_S - 60),))
    reload, restart = offered("UNIT216", facts, "runs")
    assert (reload.name, reload.verb, reload.changes) == ("daemon-reload", "", ())
    assert (restart.name, restart.verb) == ("daemon-reload-and-restart", "restart")
    assert "left alone" in reload.why


def test_of_a_service_that_is_down_only_the_files_are_read():
    facts = replace(down(need_daemon_reload=True), changed=())
    assert named(offered("UNIT216", facts, "failed")) == [("daemon-reload", True)]


def test_changed_code_is_restarted():
    (remedy,) = offered("CODE201", service(changed=CHANGED), "runs")
    assert (remedy.name, remedy.verb, remedy.is_offered) == ("restart", "restart", True)


def test_not_where_nobody_knows_whether_it_would_come_up():
    unknown = imports(unknown="an import hook")
    assert isinstance(unknown.imports, ImportFacts)
    for found in (unknown, None):
        (remedy,) = offered("CODE201", service(changed=CHANGED, start=found), "runs")
        assert not remedy.is_offered


def refused(**changes):
    state = {"load_state": "bad-setting", "load_error": "Unit has a bad unit file setting.", "active_state": "inactive"}
    return replace(down(**state), **changes)


def test_a_unit_that_was_mended_since_is_read_again_and_started():
    (remedy,) = offered("UNIT206", refused(), "not loaded")
    assert (remedy.name, remedy.verb, remedy.is_offered) == ("daemon-reload", "start", True)


def test_not_one_that_is_refused_still_or_masked_or_gone():
    still = start(settings=(SettingFact("app.service:3", "refused", "neither ExecStart= nor …"),))
    gone = replace(refused(), start=None, unit=replace(refused().unit, load_state="not-found"))
    masked = replace(refused(), start=start(loads=False), unit=replace(refused().unit, load_state="masked"))
    for facts in (refused(start=still), refused(start=None), gone, masked):
        assert named(offered("UNIT206", facts, "not loaded")) == [("deploy-unit", False)]
