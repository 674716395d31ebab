"""What proves a recovery: each criterion alone, what flips it, and that nothing unseen counts for it."""

import re
from math import inf, nan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from qtops.facts.journal import Line, Run
from qtops.facts.recovery import Criterion, Proof
from qtops.facts.service import Missing, ServiceFacts
from qtops.findings import Finding, Severity
from qtops.proof import effect
from qtops.proof.effect import is_decided
from qtops.reports.recovery.report import EXITS
from qtops.settings import Settings
from tests.checks import services, starts
from tests.proof.recovered import (
    AFTER,
    BEFORE,
    BEGAN_S,
    CODES,
    NEW,
    NEW_JOURNAL,
    NEW_UNIT,
    NOW_S,
    PLAIN,
    RESTARTED_S,
    SERVICE,
    SETTINGS,
    WRITTEN,
    answers,
    evidence,
    observed,
    proposing,
    proven,
    samples,
    sick,
)  # fmt: skip

ALL = ("one process", "no restart", "no new traceback", "check clear", "fresh", "sane", "written by the new process")


def with_journal(**changes) -> ServiceFacts:
    return replace(AFTER, journal=replace(NEW_JOURNAL, **changes))


def raised(**changes):
    return services.traceback("KeyError: 'price'", at_s=BEGAN_S + 2, **{"invocation": NEW, "final": False, **changes})


def test_a_service_that_stays_and_publishes_is_proven():
    proof = proven(observed())
    assert answers(proof) == dict.fromkeys(ALL, "yes")
    assert proof.is_proven
    assert is_decided(proof)
    assert proof.at_s == NOW_S
    assert evidence(proof, "one process").startswith(
        "process 4812, invocation feedfacefeed, active (running) in 25 samples over 6 s"
    )
    assert evidence(proof, "fresh") == (
        "1 key: the oldest is quantum:risk:proposal:BTCUSDT, heartbeat_ms 2026-09-21 14:13:18 UTC (2 s ago), limit 20 s"
    )
    assert evidence(proof, "written by the new process").endswith(
        "publisher_id trader-1:4812 is its process, written 2026-09-21 14:13:18 UTC, 5.9 s after the process began"
    )


GROWN = replace(NEW_UNIT, n_restarts=1)
STALE = replace(WRITTEN, fields={**WRITTEN.fields, "heartbeat_ms": str(int((NOW_S - 25) * 1000))})
LEVELS = replace(WRITTEN, fields={**WRITTEN.fields, "position_source": "synthetic"})
FOREIGN = replace(WRITTEN, fields={**WRITTEN.fields, "publisher_id": "trader-1:99"})
STILL_BROKEN = replace(AFTER, start=starts.path("EnvironmentFile", "missing"))
FLIPS = {  # criterion → what alone makes it fail, and how
    "one process": (observed(samples=samples(*(NEW_UNIT,) * 12, replace(NEW_UNIT, main_pid=4900), *(NEW_UNIT,) * 12)), "no"),
    "no restart": (observed(samples=samples(*(NEW_UNIT,) * 20, *(GROWN,) * 5)), "no"),
    "no new traceback": (observed(with_journal(tracebacks=(raised(),))), "no"),
    "check clear": (observed(STILL_BROKEN), "no"),
    "fresh": (observed(proposing(AFTER, STALE)), "no"),
    "sane": (observed(proposing(AFTER, LEVELS)), "no"),
    "written by the new process": (observed(proposing(AFTER, FOREIGN)), "no"),
}


@pytest.mark.parametrize("name", FLIPS)
def test_each_criterion_fails_by_itself(name):
    seen, answer = FLIPS[name]
    codes = (*CODES, "UNIT106")
    assert sick(proven(seen, codes=codes)) == {name: answer}
    assert not proven(seen, codes=codes).is_proven


@given(st.sets(st.sampled_from(("no restart", "no new traceback", "check clear", "sane")), min_size=1))
def test_criteria_do_not_hide_each_other(names):
    service, taken = AFTER, samples(*(NEW_UNIT,) * 25)
    if "no restart" in names:
        taken = samples(*(NEW_UNIT,) * 20, *(GROWN,) * 5)
    if "sane" in names:
        service = proposing(service, LEVELS)
    if "no new traceback" in names:
        service = replace(service, journal=replace(NEW_JOURNAL, tracebacks=(raised(),)))
    if "check clear" in names:
        service = replace(service, start=starts.path("EnvironmentFile", "missing"))
    proof = proven(observed(service, samples=taken), codes=(*CODES, "UNIT106"))
    assert sick(proof) == dict.fromkeys(names, "no")


def test_nothing_seen_proves_nothing():
    proof = proven(observed(ServiceFacts(subject=AFTER.subject, families=AFTER.families), samples=()))
    assert sick(proof) == dict.fromkeys(answers(proof), "could not tell")
    assert not Proof(()).is_proven


UNREAD = {
    "journal": {"no new traceback"},
    "keys": {"fresh", "written by the new process"},
    "proposals": {"sane"},
}


@pytest.mark.parametrize("source", UNREAD)
def test_a_source_that_could_not_be_read_is_said_to_be_so(source):
    emptied = {"journal": None, "proposals": None, "keys": ()}
    service = replace(AFTER, missing=(Missing(source, "it gave no answer within 3 s"),), **{source: emptied[source]})
    proof = proven(observed(service))
    wanted = set(UNREAD[source]) | ({"written by the new process"} if source == "proposals" else set())
    assert {name for name, holds in sick(proof).items() if holds == "could not tell"} >= UNREAD[source]
    assert set(sick(proof)) <= wanted
    assert "it gave no answer within 3 s" in evidence(proof, min(UNREAD[source]))


@pytest.mark.parametrize("number", [nan, inf])
@pytest.mark.parametrize("field", ["settle_s", "restarted_at_s"])
def test_what_is_no_number_proves_nothing(field, number):
    assert not proven(observed(**{field: number})).is_proven


@pytest.mark.parametrize("number", [nan, inf, -inf])
def test_a_process_without_a_beginning_wrote_nothing(number):
    service = replace(AFTER, unit=replace(NEW_UNIT, exec_main_start_s=number))
    assert answers(proven(observed(service)))["written by the new process"] == "could not tell"


@pytest.mark.parametrize("heartbeat", ["nan", "inf", "", "soon", "1_790_000_000", "0"])
def test_a_time_that_is_none_makes_no_key_fresh(heartbeat):
    fields = {**WRITTEN.fields, "heartbeat_ms": heartbeat, "computed_at_utc": heartbeat}
    proof = proven(observed(proposing(AFTER, replace(WRITTEN, fields=fields))))
    assert sick(proof)["fresh"] == "could not tell"
    assert sick(proof)["written by the new process"] == "could not tell"


# --- the traceback ---


def test_a_traceback_of_an_earlier_run_is_no_new_one():
    old = services.traceback(invocation="0" * 32)
    assert proven(observed(with_journal(tracebacks=(old,)))).is_proven


def test_one_that_ended_the_program_is_told_as_such():
    proof = proven(observed(with_journal(tracebacks=(raised(final=True),))))
    assert evidence(proof, "no new traceback") == (
        "1, the last 2026-09-21 14:13:14 UTC (5.9 s ago): KeyError: 'price', and it ended by it"
    )
    assert is_decided(proof)


@pytest.mark.parametrize(("at_s", "answer"), [(RESTARTED_S + 1, "no"), (RESTARTED_S, "no"), (RESTARTED_S - 1, "yes"), (nan, "no")])
def test_one_without_an_invocation_counts_by_its_time(at_s, answer):
    found = services.traceback(at_s=at_s, invocation="")
    assert answers(proven(observed(with_journal(tracebacks=(found,)))))["no new traceback"] == answer


def test_a_journal_that_was_not_read_from_the_beginning_cannot_tell():
    talkative = {"cut": True, "runs": (Run(NEW, None, None),)}
    assert answers(proven(observed(with_journal(**talkative))))["no new traceback"] == "could not tell"
    assert answers(proven(observed(with_journal(cut=True))))["no new traceback"] == "yes"
    for at_s, answer in ((RESTARTED_S + 1, "could not tell"), (RESTARTED_S, "yes")):  # of a process that is not new
        read = with_journal(lines=(Line(at_s, "x"),), **talkative)
        assert answers(proven(observed(read, started=False)))["no new traceback"] == answer
    assert answers(proven(observed(with_journal(lines=(Line(RESTARTED_S - 1, "x"),), **talkative))))["no new traceback"] == (
        "could not tell"
    )


def test_what_the_run_before_said_is_not_taken_for_the_new_one():
    earlier = replace(services.down().journal, tracebacks=(services.traceback(),))
    assert proven(observed(replace(AFTER, journal=earlier))).is_proven


def test_one_that_logs_to_a_file_is_not_asked_for_tracebacks():
    silent = replace(with_journal(lines=()), start=starts.start(log_file="/var/log/app.log"))
    proof = proven(observed(silent))
    assert "no new traceback" not in answers(proof)
    assert "what it says goes to /var/log/app.log, which was not read" in evidence(proof, "check clear")
    heard = replace(AFTER, start=starts.start(log_file="/var/log/app.log"))
    assert answers(proven(observed(heard)))["no new traceback"] == "yes"


# --- the check ---


def test_what_was_to_be_mended_is_still_found():
    proof = proven(observed(replace(AFTER, start=starts.failing("missing"), source_changed_s=NOW_S - 1)))
    assert answers(proof)["check clear"] == "no"
    assert evidence(proof, "check clear").startswith("IMPORT101 is still found: ")
    assert not is_decided(proof)


def test_another_root_is_not_taken_for_a_success():
    proof = proven(observed(STILL_BROKEN))
    assert answers(proof)["check clear"] == "no"
    assert evidence(proof, "check clear").startswith("another root than before: UNIT106 ")


def test_what_is_down_without_a_finding_is_not_clear():
    failed = replace(NEW_UNIT, active_state="failed", sub_state="failed", main_pid=0)
    proof = proven(observed(replace(AFTER, unit=failed, families=(), keys=())))
    assert answers(proof)["check clear"] == "no"


def test_what_was_wrong_before_is_no_news():
    before = replace(BEFORE, start=replace(starts.path("EnvironmentFile", "missing"), imports=BEFORE.start.imports))
    assert proven(observed(STILL_BROKEN), before).is_proven


def test_a_check_that_could_not_look_is_not_clear():
    assert evidence(proven(observed(replace(AFTER, start=None))), "check clear") == (
        "IMPORT101: what its next start would meet could not be looked at"
    )
    lost = replace(AFTER, start=starts.start(missing=("the folder /srv/app/lib cannot be read",)))
    assert answers(proven(observed(lost)))["check clear"] == "could not tell"
    assert answers(proven(observed(lost), replace(BEFORE, start=replace(BEFORE.start, missing=lost.start.missing))))[
        "check clear"
    ] == "yes"  # fmt: skip


def test_imports_that_cannot_be_followed_are_settled_by_running():
    started_s, unknown = NOW_S - 30, starts.imports(unknown="an import hook of x.pth")
    young = proven(observed(replace(AFTER, start=unknown)))
    assert answers(young)["check clear"] == "could not tell"
    old = replace(AFTER, start=unknown, unit=replace(NEW_UNIT, exec_main_start_s=started_s), source_changed_s=started_s - 1)
    assert answers(proven(observed(old)))["check clear"] == "yes"
    ended = replace(old, unit=replace(old.unit, main_pid=0, type="forking"))
    assert answers(proven(observed(ended)))["check clear"] == "could not tell"
    assert answers(proven(observed(replace(AFTER, start=unknown)), codes=("UNIT106",)))["check clear"] == "yes"


def test_without_a_code_nothing_is_clear():
    assert answers(proven(observed(), codes=()))["check clear"] == "could not tell"
    assert answers(proven(observed(), codes=("UNIT999",)))["check clear"] == "could not tell"


def test_a_check_that_is_off_does_not_count():
    off = replace(SERVICE, off={"PROPOSAL107": "2026-11-23: a trial"})
    settings = replace(SETTINGS, services=(off,))
    assert proven(observed(proposing(AFTER, LEVELS)), settings=settings).is_proven


# --- what does not apply ---


def test_one_that_declares_no_keys_is_not_asked_for_any():
    bare = replace(AFTER, families=(), keys=(), proposals=None)
    proof = proven(observed(bare), settings=Settings(services=()))
    assert set(answers(proof)) == set(ALL[:4])
    assert proof.is_proven
    assert evidence(proof, "check clear").endswith("it declares no keys: what it publishes was not asked")


def test_only_proposals_are_asked_to_be_sane():
    plain = replace(AFTER, families=("app",), keys=(services.FRESH,), proposals=None)
    settings = Settings(families=(PLAIN,), services=())
    assert "sane" not in answers(proven(observed(plain), settings=settings))


def test_waiting_is_over_with_what_cannot_be_made_good():
    assert is_decided(Proof((Criterion("one process", "no", ""),)))
    assert not is_decided(Proof((Criterion("fresh", "no", ""),)))
    assert not is_decided(Proof((Criterion("one process", "could not tell", ""),)))


def test_lines_are_told_as_they_are():
    assert "2 lines of its own" in evidence(
        proven(observed(with_journal(lines=(Line(BEGAN_S, "a"), Line(BEGAN_S + 1, "b"))))), "no new traceback"
    )


def test_the_runbook_explains_each_criterion_and_each_outcome():
    page = (Path(__file__).parents[2] / "runbooks" / "recover.md").read_text("utf-8")
    explained = re.findall(r"^\| `([\w ]+)` \|", page, re.MULTILINE)
    assert (set(explained[:-7]), explained[-7:]) == (set(EXITS), [*ALL])
    for outcome, code in re.findall(r"^\| `([\w ]+)` \| (\d) \|", page, re.MULTILINE):
        assert EXITS[outcome] == int(code)


def test_a_process_that_a_reload_left_alone_is_no_new_root():
    newer = Finding("CODE201", Severity.WARNING, "app.service", "1 file is newer than its process", (), "")
    assert not effect._is_news(newer, ())
    assert effect._is_news(replace(newer, code="UNIT203"), ())
