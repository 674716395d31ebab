"""One root, what follows from it, and what could not be told."""

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from qtops.diagnose import diagnose
from qtops.facts.journal import Event, Frame, Line
from qtops.facts.keys import ServerReading
from qtops.facts.preflight import ImportFailure, PathEntry, PathFact
from qtops.facts.service import Facts, Missing, ProbeFacts, RedisFacts, ServiceFacts
from qtops.facts.unit import RelatedUnit
from qtops.findings import Diagnosis, Verdict
from qtops.settings import Service, Settings

from .bundle.looks import any_of
from .checks import services, starts
from .checks.services import (
    BEGAN_S,
    ENDED_S,
    NAME,
    NOW_S,
    SETTINGS,
    down,
    host,
    journal,
    looping,
    never_started,
    said,
    stopped,
    unit,
)

BREAKS = "ModuleNotFoundError: No module named 'app.kernel'"
EDIT = "/srv/app/main.py:3"
FAILURE = ImportFailure(
    kind="shadowed",
    message=BREAKS,
    module="app.kernel",
    importer="/srv/app/main.py",
    line=8,
    path=(PathEntry("/srv", f"edit {EDIT}"), PathEntry("/srv/app", "script directory")),
    resolves_without=EDIT,
)
IMPORTS = replace(starts.HEALTHY.imports, failures=(FAILURE,))
BROKEN = starts.start(imports=IMPORTS)


def diagnosis(facts: ServiceFacts, **changes) -> Diagnosis:
    return diagnose(host(facts, **changes))[0]


def codes(findings):
    return [finding.code for finding in findings]


def with_start(facts, start):
    return replace(facts, start=start)


def raised(facts, message=BREAKS, *frames):
    return journal(facts, tracebacks=(services.traceback(message, *frames),))


def without(*fields, path="WorkingDirectory"):
    """The healthy start whose working directory is not there."""
    gone = PathFact(path, "/etc/systemd/system/app.service:8", "/srv/gone", "missing")
    return starts.start(paths=(gone,), **dict(fields))


def test_a_healthy_service_is_ok():
    found = diagnosis(services.HEALTHY)
    assert (found.verdict, found.condition, found.findings, found.unknown) == (Verdict.OK, "runs", (), ())
    assert found.state == "active (running) for 1 h"


class TestDown:
    def test_a_prediction_that_the_journal_holds_is_the_root_and_all_else_follows(self):
        found = diagnosis(with_start(raised(down()), BROKEN))
        assert found.root.code == "IMPORT101"
        assert BREAKS in found.proof[0]
        assert found.symptoms[0].code == "LOG201"
        assert {"LOG201", "UNIT203"} <= set(codes(found.symptoms))
        assert found.state == "failed since 2026-09-21 13:43:20 UTC (30 min ago) (exit status 1)"

    def test_another_exception_is_the_root_and_the_prediction_waits_on_the_path(self):
        found = diagnosis(with_start(raised(down(), "PermissionError: [Errno 13] Permission denied: '/x'"), BROKEN))
        assert found.root.code == "LOG201"
        assert codes(found.path) == ["IMPORT101"]

    def test_without_a_line_in_the_journal_nothing_speaks_against_the_prediction(self):
        found = diagnosis(with_start(journal(down(), lines=()), BROKEN))
        assert found.root.code == "IMPORT101"
        assert "no line of it" in found.proof[0]

    def test_a_server_that_wraps_the_error_names_the_module(self):
        found = diagnosis(with_start(said(down(), "Error loading ASGI app. Could not import module 'app.kernel'."), BROKEN))
        assert found.root.code == "IMPORT101"
        assert "Could not import module" in found.proof[0]

    def test_a_step_of_systemds_own_is_explained_by_the_file(self):
        found = diagnosis(with_start(journal(down("exit-code", "exited", 200), lines=()), without()))
        assert found.root.code == "UNIT104"
        assert found.proof == ("systemd says the same: status=200/CHDIR",)
        assert "UNIT209" in codes(found.symptoms)

    def test_stacked_faults_are_all_told_upstream_first(self):
        found = diagnosis(with_start(journal(down("exit-code", "exited", 200), lines=()), replace(without(), imports=IMPORTS)))
        assert found.root.code == "UNIT104"
        assert codes(found.path) == ["IMPORT101"]

    def test_loud_noise_does_not_win_over_a_proven_cause(self):
        noisy = said(raised(down()), *["ERROR feed: reconnecting"] * 200)
        found = diagnosis(with_start(noisy, BROKEN))
        assert found.root.code == "IMPORT101"

    def test_redis_is_the_root_where_the_last_words_are_about_it_and_it_does_not_serve(self):
        refused = RedisFacts(ServerReading(services.URL, "down"), "REDIS_URL at /etc/app.env:3")
        words = "redis.exceptions.ConnectionError: Error 111 connecting to 127.0.0.1:6379. Connection refused."
        found = diagnosis(replace(raised(down(), words, Frame("/venv/redis/connection.py", 9)), redis=refused))
        assert found.root.code == "REDIS201"
        assert found.symptoms[0].code == "LOG201"

    def test_redis_is_not_blamed_for_what_is_not_about_it(self):
        refused = RedisFacts(ServerReading(services.URL, "down"), "REDIS_URL at /etc/app.env:3")
        found = diagnosis(replace(raised(down(), "KeyError: 'X'"), redis=refused))
        assert found.root.code == "LOG201"
        assert "REDIS201" in codes(found.notes)

    def test_an_exit_that_nothing_explains_is_inconclusive_and_names_the_next_command(self):
        found = diagnosis(journal(down("exit-code", "exited", 3), lines=()))
        assert (found.root, found.verdict) == (None, Verdict.CRITICAL)
        assert "UNIT203" in codes(found.symptoms)
        assert found.next_command.startswith("journalctl ")

    def test_without_the_journal_the_right_to_read_it_comes_next(self):
        lacking = Missing("journal", "it may not be read", "sudo qtops doctor app.service")
        found = diagnosis(replace(down("exit-code", "exited", 3), journal=None, missing=(lacking,)))
        assert found.next_command == "sudo qtops doctor app.service"
        assert found.unknown == ("journal: it may not be read (sudo qtops doctor app.service)",)

    def test_a_masked_requirement_that_the_unit_text_tells_as_well_is_told_once_as_the_root(self):
        masked = RelatedUnit("Requires", "db.service", "masked", "inactive")
        event = Event(ENDED_S, "job_failed", "Dependency failed for app.service", result="dependency")
        found = diagnosis(never_started(event, related=(services.TARGET, masked)))
        assert found.root.code == "UNIT208"
        assert found.condition == "does not run"

    def test_a_loop_between_two_runs_is_told_by_the_runs_before(self):
        running = looping(
            active_state="active", sub_state="running", main_pid=9, exec_main_code="", exec_main_status=0, result="success"
        )
        found = diagnosis(with_start(raised(running), BROKEN))
        assert (found.condition, found.root.code) == ("restarts", "IMPORT101")
        assert "UNIT201" in codes(found.symptoms)

    def test_stale_keys_follow(self):
        stale = replace(services.FRESH, values=("2026-01-01T00:00:00+00:00",))
        found = diagnosis(replace(with_start(raised(down()), BROKEN), keys=(stale,)))
        assert "KEYS201" in codes(found.symptoms)

    def test_stopped_by_hand_is_a_reason(self):
        found = diagnosis(stopped(Event(ENDED_S - 1, "stopping", "Stopping app.service...", invocation=services.INVOCATION)))
        assert (found.condition, found.root.code) == ("does not run", "UNIT205")


class TestUp:
    def test_what_would_stop_the_next_start_is_a_warning_while_it_runs(self):
        found = diagnosis(replace(with_start(services.HEALTHY, BROKEN), source_changed_s=NOW_S - 60))
        assert (found.verdict, found.root.code, codes(found.symptoms)) == (Verdict.WARNING, "IMPORT101", ["UNIT219"])

    def test_a_prediction_that_the_process_refutes_is_given_up_and_said(self):
        found = diagnosis(replace(with_start(services.HEALTHY, BROKEN), source_changed_s=BEGAN_S - 60))
        assert (found.root, found.verdict) == (None, Verdict.UNKNOWN)
        assert "and yet it runs" in found.unknown[0]

    def test_what_could_not_be_predicted_is_proven_by_a_process_that_runs_on_the_same_files(self):
        doubtful = starts.start(imports=replace(starts.HEALTHY.imports, unknown="a hook in x.pth"))
        assert diagnosis(with_start(services.HEALTHY, doubtful)).verdict is Verdict.OK
        changed = replace(with_start(services.HEALTHY, doubtful), source_changed_s=NOW_S - 60)
        assert diagnosis(changed).verdict is Verdict.UNKNOWN

    def test_redis_bites_now_and_comes_before_what_would_stop_the_next_start(self):
        refused = RedisFacts(ServerReading(services.URL, "hung"), "REDIS_URL at /etc/app.env:3")
        found = diagnosis(replace(with_start(services.HEALTHY, BROKEN), source_changed_s=NOW_S - 60, redis=refused))
        assert found.root.code == "REDIS201"
        assert codes(found.path) == ["IMPORT101"]

    def test_stale_keys_of_a_service_that_runs_are_inconclusive(self):
        stale = replace(services.FRESH, values=("2026-01-01T00:00:00+00:00",))
        found = diagnosis(replace(services.HEALTHY, keys=(stale,)))
        assert (found.root, codes(found.symptoms)) == (None, ["KEYS201"])
        assert found.next_command

    def test_the_gravest_of_what_is_wrong_stands_first_where_nothing_is_broken(self):
        found = diagnosis(unit(need_daemon_reload=True))
        assert (found.root.code, found.verdict) == ("UNIT216", Verdict.WARNING)

    def test_a_disabled_service_rests(self):
        disabled = never_started(unit_file_state="disabled", related=())
        found = diagnosis(replace(disabled, families=()))
        assert (found.condition, found.verdict) == ("rests", Verdict.OK)


class TestProbe:
    PROBE = ProbeFacts(
        module="app.kernel", how="systemd-run as app", expected=BREAKS, said=BREAKS, mended_by=f"without the edit at {EDIT}",
        mended_found="/srv/real/app/kernel.py",
    )  # fmt: skip

    def test_it_confirms_cause_and_counterfactual(self):
        found = diagnosis(replace(with_start(raised(down()), BROKEN), probe=self.PROBE))
        assert "systemd-run as app" in found.proof[1]
        assert found.proof[1].endswith("without the edit at /srv/app/main.py:3: /srv/real/app/kernel.py")

    def test_it_refutes(self):
        fine = replace(self.PROBE, said="", found="/srv/app/kernel.py")
        found = diagnosis(replace(with_start(journal(down(), lines=()), BROKEN), probe=fine))
        assert found.root is None
        assert any("is imported in the unit's own context" in reason for reason in found.unknown)


class TestDecisions:
    def test_a_check_that_is_switched_off_is_told_apart(self):
        off = Service(name="app", unit=NAME, off={"UNIT216": "2026-11-23: until the move"})
        settings = Settings(families=SETTINGS.families, services=(off,))
        found = diagnosis(unit(need_daemon_reload=True), settings=settings)
        assert (found.verdict, codes(found.off)) == (Verdict.OK, ["UNIT216"])

    def test_without_systemd_nothing_is_ok(self):
        lacking = Missing("systemd", "it is not PID 1 here")
        found = diagnosis(ServiceFacts(subject=NAME), missing=(lacking,))
        assert (found.condition, found.verdict) == ("unknown", Verdict.UNKNOWN)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(any_of(Facts))
def test_whatever_the_facts_there_is_a_diagnosis_for_each_service(facts: Facts):
    found = diagnose(facts)
    assert [one.subject for one in found] == [service.subject for service in facts.services]
    assert all(one.root is None or one.verdict not in {Verdict.OK, Verdict.UNKNOWN} or one.root.severity == "info" for one in found)


def test_lines_of_another_kind_are_no_last_words():
    from_systemd = journal(down("exit-code", "exited", 2), lines=(Line(ENDED_S, "can't open file", "systemd"),))
    assert diagnosis(from_systemd).root is None
