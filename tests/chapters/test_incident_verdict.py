"""The status follows from the evidence: whatever is changed in it changes the word."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from qtops.chapters.criteria import CLEAR_NOW, NO_GUARD, OWN_HAND, TITLES
from qtops.evidence.case import Backup, Case
from qtops.facts.events import EventReading
from qtops.facts.journal import Traceback
from qtops.facts.recovery import RecoveryRecord
from qtops.facts.service import Missing
from qtops.steps import Replace
from tests.chapters.cases import FOUNDING, SUBJECT, criteria, ended, everything, report, section, seen, service, told, unit


def sampled(case: Case = FOUNDING, **changes: Any) -> Case:
    """The founding incident with something else in one of the samples of the settle time."""
    settling = case.settling
    samples = list(settling.samples)
    samples[10] = replace(samples[10], unit=replace(samples[10].unit, **changes))
    return replace(case, settling=replace(settling, samples=tuple(samples)))


def raised() -> Case:
    journal = service("after").journal
    new = Traceback(journal.lines[-1].at_s, "KeyError", "KeyError: 'sigma'", invocation=journal.invocation)
    return seen("after", journal=replace(journal, tracebacks=(new,)))


def aged() -> Case:
    keys = service("after").keys
    old = replace(keys[0], values=(None, "2026-02-17T06:57:12.720666"))
    return seen("after", keys=(old, *keys[1:]))


def proposed(**fields: str) -> Case:
    """The founding incident with other fields in its first proposal after the recovery."""
    facts = service("after").proposals
    (look,) = facts.looks
    first = replace(look.readings[0], fields=look.readings[0].fields | fields)
    return seen("after", proposals=replace(facts, looks=(replace(look, readings=(first, *look.readings[1:])),)))


def guarded(name: str = "now", case: Case = FOUNDING) -> Case:
    events = service(name, case).events
    guard = replace(events.guards[0], present=True, ttl_ms=3_600_000)
    return seen(name, case, events=replace(events, guards=(guard,)))


FLIPS: dict[str, tuple[Callable[[], Case], str]] = {
    TITLES["one process"]: (lambda: sampled(main_pid=999), "OPEN"),
    TITLES["no restart"]: (lambda: sampled(n_restarts=1), "OPEN"),
    TITLES["no new traceback"]: (raised, "OPEN"),
    TITLES["check clear"]: (lambda: seen("after", start=service("before").start), "OPEN"),
    TITLES["fresh"]: (aged, "OPEN"),
    TITLES["sane"]: (lambda: proposed(proposed_sl="11.0"), "OPEN"),
    TITLES["written by the new process"]: (lambda: proposed(publisher_id="box:999"), "OPEN"),
    CLEAR_NOW: (lambda: unit("now", active_state="failed", sub_state="failed", result="exit-code", main_pid=0), "OPEN"),
    NO_GUARD: (guarded, "RECOVERED, GUARD IN FORCE"),
}


@pytest.mark.parametrize("title", FLIPS)
def test_the_evidence_of_one_criterion_decides_that_criterion_and_the_status(title):
    flip, status = FLIPS[title]
    document = report(flip())
    assert criteria(report())[title].holds == "yes"
    assert criteria(document)[title].holds == "no"
    assert document.status == status
    assert document.exit_code != 0
    assert title in document.summary[0].text


def test_every_criterion_of_the_incident_has_such_a_flip():
    assert set(criteria(report())) == set(FLIPS)


UNSEEN: dict[str, tuple[Callable[[], Case], set[str]]] = {
    "settling": (lambda: replace(FOUNDING, settling=None), set(TITLES.values())),
    "before": (lambda: replace(FOUNDING, before=None), set(TITLES.values())),
    "after": (lambda: replace(FOUNDING, after=None), set(TITLES.values())),
    "no sample": (
        lambda: replace(FOUNDING, settling=replace(FOUNDING.settling, samples=())),
        {TITLES["one process"], TITLES["no restart"]},
    ),
    "journal": (
        lambda: seen("after", journal=None, missing=(Missing("journal", "no permission"),)),
        {TITLES["no new traceback"]},
    ),
    "source": (lambda: seen("after", start=None), {TITLES["check clear"]}),
    "keys": (lambda: seen("after", keys=(), missing=(Missing("keys", "time-out"),)), {TITLES["fresh"]}),
    "proposals": (
        lambda: seen("after", proposals=None, missing=(Missing("proposals", "time-out"),)),
        {TITLES["sane"]},
    ),
    "unit now": (lambda: seen("now", unit=None, missing=(Missing("systemd", "no answer"),)), {CLEAR_NOW}),
    "events now": (lambda: seen("now", events=None), {NO_GUARD}),
}


@pytest.mark.parametrize("what", UNSEEN)
def test_what_was_not_seen_is_not_taken_to_hold(what):
    unsee, titles = UNSEEN[what]
    document = report(unsee())
    found = criteria(document)
    assert {found[title].holds for title in titles} == {"could not tell"}
    assert (document.status, document.exit_code) == ("UNVERIFIED", 3)


def test_what_the_ledger_says_is_no_evidence():
    """Every entry and the record say verified; the samples show another process."""
    document = report(sampled(main_pid=999))
    assert FOUNDING.recovery.state == "verified"
    assert document.status == "OPEN"
    assert "The ledger calls it verified, and judged again it is not" in document.summary[0].text


def test_without_a_look_at_the_time_of_writing_the_proof_stands_and_the_report_says_of_when():
    document = report(replace(FOUNDING, now=None))
    assert document.status == "RECOVERED"
    assert "the look `after`" in told(document.summary)
    assert "could not tell: how it was in the look `now`" in section(document, "Before and after")


def test_a_proof_that_failed_is_rolled_back():
    case = ended("undone", "proof failed", "undoing", "undone", why="fresh: 3 of 3 keys are stale", case=aged())
    document = report(replace(case, now=replace(FOUNDING.before, taken_at_s=FOUNDING.now.taken_at_s)))
    assert (document.status, document.tone, document.exit_code) == ("ROLLED BACK", "bad", 2)
    assert "fresh: 3 of 3 keys are stale" in document.summary[0].text
    assert "Undone, by the ledger," in told(document.summary)
    assert "There is nothing to put back." in section(document, "What was changed")
    assert f"`qtops recover {SUBJECT}` shows the plan" in section(document, "Next steps")


def test_what_somebody_took_back_later_is_undone():
    case = ended("undone", "verified", "undoing", "undone")
    assert report(case).status == "UNDONE"
    sick = report(replace(case, now=replace(FOUNDING.before, taken_at_s=FOUNDING.now.taken_at_s)))
    assert "It was verified, and taken back later. It is sick: `IMPORT101`" in sick.summary[0].text
    resumed = ended("undone", "step failed", "step done", "verified", "undoing", "undone")
    assert report(resumed).status == "UNDONE"


def test_what_could_not_be_put_back_wants_a_person():
    document = report(ended("undo failed", "proof failed", "undoing", "undo failed", why="main.py was changed since"))
    assert (document.status, document.exit_code) == ("UNDO FAILED", 2)
    assert "a person must look" in document.summary[0].text


def test_a_sick_service_without_a_recovery_is_open():
    case = replace(FOUNDING, after=None, now=None, settling=None, recovery=None, plan=None, entries=(), patch="", failed=None)
    document = report(case)
    assert (document.status, document.exit_code) == ("OPEN", 2)
    assert "`IMPORT101`" in document.summary[0].text
    assert "could not tell: what was changed" in section(document, "What was changed")
    assert "could not tell: which services are failed" in section(document, "Failed services")
    assert f"`qtops recover {SUBJECT}` shows the plan" in section(document, "Next steps")


def test_a_recovery_that_has_not_ended_is_open():
    document = report(ended("begun"))
    assert document.status == "OPEN"
    assert section(document, "Next steps").splitlines()[1].startswith("End the recovery: `qtops recover")


def test_a_refused_recovery_changed_nothing():
    case = ended("refused", why="it recurs")
    case = replace(case, entries=case.entries[:2], after=None, settling=None, now=FOUNDING.before)
    document = report(case)
    assert document.status == "OPEN"
    assert "It was refused: nothing was changed." in section(document, "What was changed")


def test_the_same_fault_in_a_later_look_has_recurred():
    case = replace(FOUNDING, now=replace(FOUNDING.before, taken_at_s=FOUNDING.now.taken_at_s))
    document = report(case)
    assert (document.status, document.exit_code) == ("RECURRED", 2)
    assert criteria(document)[CLEAR_NOW].codes[0] == "IMPORT101"
    assert "Mend `IMPORT101`" in section(document, "Next steps")


def test_a_fault_that_came_back_below_a_running_process_has_recurred_as_well():
    """The edit is there again; the process that runs began before it."""
    changed_s = service("now").unit.exec_main_start_s + 5
    case = seen("now", start=service("before").start, source_changed_s=changed_s)
    document = report(case)
    assert document.status == "RECURRED"


def test_nothing_found_and_no_recovery_is_clear():
    case = replace(FOUNDING, before=None, after=None, settling=None, recovery=None, plan=None, entries=(), patch="")
    document = report(case)
    assert (document.status, document.exit_code) == ("CLEAR", 0)
    assert set(criteria(document)) == {CLEAR_NOW, NO_GUARD}
    assert "failed" not in told(document.summary)
    assert "Nothing is found that could have been noticed." in section(document, "How it was noticed")


def test_what_somebody_stopped_went_down_and_did_not_fail():
    case = replace(FOUNDING, before=None, after=None, settling=None, recovery=None, plan=None, entries=(), patch="")
    at_s = FOUNDING.now.taken_at_s - 60
    stopped = {"active_state": "inactive", "sub_state": "dead", "main_pid": 0, "result": "success", "inactive_enter_s": at_s}
    document = report(seen("now", unit("now", case, **stopped), journal=None))
    assert "Went down " in told(document.summary)
    assert "It went down " in section(document, "How it was noticed")


def test_no_look_at_all_is_unverified():
    case = replace(FOUNDING, before=None, after=None, now=None, settling=None, recovery=None, plan=None, entries=())
    document = report(case)
    assert (document.status, document.exit_code) == ("UNVERIFIED", 3)
    assert document.summary[0].text.startswith("could not tell: ")


def test_warnings_that_remain_mar_what_is_recovered():
    proposals = service("now").proposals
    (look,) = proposals.looks
    endless = tuple(replace(one, ttl_ms=-1) for one in look.readings)
    case = seen("now", proposals=replace(proposals, looks=(replace(look, readings=endless),)))
    document = report(case)
    assert (document.status, document.exit_code) == ("RECOVERED, FINDINGS REMAIN", 1)
    assert "`PROPOSAL113`" in document.summary[0].text


def emergency(*, by_key: bool) -> Case:
    """The founding emergency: activated three hours before, for four hours; the recovery fell into it."""
    at_s = FOUNDING.made_at_s - 11_000
    fields = {
        "event": "RISK_GUARD_ACTIVATED", "guard_type": "EMERGENCY_FLATTEN", "duration_sec": "14400",
        "reason": "EMERGENCY_FLATTEN drawdown=21.7% > 10.0%", "timestamp": str(at_s),
    }  # fmt: skip
    case = FOUNDING
    for name in ("before", "after", "now"):
        events = service(name).events
        stream = replace(events.stream, present=True, length=1)
        guard = replace(events.guards[0], present=by_key, ttl_ms=3_400_000 if by_key else None)
        entry = EventReading(f"{int(at_s * 1000)}-0", fields)
        case = seen(name, case, events=replace(events, stream=stream, events=(entry,), guards=(guard,)))
    return case


def test_a_guard_that_held_through_the_recovery_is_said_in_the_summary():
    document = report(emergency(by_key=True))
    summary = told(document.summary)
    assert (document.status, document.exit_code) == ("RECOVERED, GUARD IN FORCE", 1)
    assert all(f"was in force in the look `{name}`" in summary for name in ("before", "after", "now"))
    assert "drawdown=21.7%" in section(document, "Appendix B")
    assert "RISK_GUARD_ACTIVATED of EMERGENCY_FLATTEN" in section(document, "timeline")


def test_a_guard_whose_key_is_gone_is_not_said_to_hold_anything_back():
    document = report(emergency(by_key=False))
    contradiction = "in force by its events, though its key is gone, so that nothing is held back by it, in the look `now`"
    assert document.status == "RECOVERED, GUARD IN FORCE"
    assert contradiction in told(document.summary)
    assert contradiction in section(document, "Appendix B")


def test_what_is_stopped_after_a_recovery_that_holds_is_sick_with_something_else():
    stopped = {"active_state": "inactive", "sub_state": "dead", "main_pid": 0, "exec_main_exit_s": None}
    document = report(unit("now", **stopped))
    assert document.status == "OPEN"
    assert document.summary[0].text.startswith("The recovery holds when it is judged again, and something else does not: ")
    assert criteria(document)[TITLES["one process"]].holds == "yes"


def test_a_start_after_the_one_that_was_verified_is_said():
    started = unit("now", main_pid=4711, invocation_id="b" * 32, n_restarts=1, exec_main_start_s=FOUNDING.made_at_s - 5)
    document = report(started)
    assert f"the process that was looked at after the recovery ({service('after').unit.main_pid})" in told(document.summary)
    assert "it was started again, " in told(document.summary)
    assert "(NRestarts 0 → 1)" in told(document.summary)
    assert "started again" not in told(report().summary)


def test_what_could_not_be_had_is_said_in_the_summary():
    why = "the ledger: /var/lib/qtops/qtops.db: is damaged"
    assert f"could not tell: {why}." in told(report(replace(FOUNDING, lacking=(why,))).summary)


def test_a_backup_that_is_gone_is_no_way_back():
    (action,) = (step.action for step in FOUNDING.plan.steps if isinstance(step.action, Replace))
    there = Backup(path=action.path, sha256=action.before.sha256)
    assert "it is there, with this hash" in section(report(replace(FOUNDING, backups=(there,))), "What was changed")
    document = report(replace(FOUNDING, backups=(replace(there, trouble="cannot be read: No such file or directory"),)))
    changed = section(document, "What was changed")
    assert "NOT TO BE HAD: cannot be read: No such file or directory" in changed
    assert f"Not everything can be put back: the backup of `{action.path}` is not to be had." in changed
    assert f"which cannot put back `{action.path}`" in section(document, "Next steps")


def test_what_another_process_writes_by_now_is_said():
    (look,) = service("now").proposals.looks
    (first, *rest), ms = look.readings, str(int(FOUNDING.now.taken_at_s * 1000))

    def written_by(publisher: str) -> Case:
        changed = replace(first, fields=first.fields | {"publisher_id": publisher, "heartbeat_ms": ms})
        return seen("now", proposals=replace(service("now").proposals, looks=(replace(look, readings=(changed, *rest)),)))

    document = report(written_by(f"{FOUNDING.host}:99999"))
    assert document.status == "OPEN"
    assert f"`{first.key}` by `{FOUNDING.host}:99999`" in criteria(document)[OWN_HAND].seen
    assert "Find what else writes its keys, by `qtops map`" in section(document, "Next steps")
    assert report(written_by("elsewhere:99999")).status == "RECOVERED"  # from here nobody can tell


def test_what_was_mended_is_the_cause_though_something_else_kept_it_down():
    """After a stop by hand the fault of the source is found again, and mended."""
    at_s = FOUNDING.before.taken_at_s - 60
    stopped = {"active_state": "inactive", "sub_state": "dead", "result": "success", "exec_main_code": "", "exec_main_status": 0}
    document = report(seen("before", unit("before", inactive_enter_s=at_s, **stopped), journal=None))
    assert "Cause: `IMPORT101`" in told(document.summary)
    assert "without" in section(document, "Root cause")
    assert "`UNIT205`" in section(document, "What else kept it down")


def test_a_service_that_is_down_for_a_mere_warning_is_told_to_be_down_for_it():
    case = replace(FOUNDING, before=None, after=None, settling=None, recovery=None, plan=None, entries=(), patch="")
    masked = {"load_state": "masked", "active_state": "inactive", "sub_state": "dead", "main_pid": 0, "unit_file_state": "masked"}
    document = report(unit("now", case, **masked))
    assert document.status == "OPEN"
    assert criteria(document)[CLEAR_NOW].codes == ("UNIT206",)
    assert "no check tells why" not in " ".join(text for text, _ in everything(document))


def test_a_clock_that_jumped_is_said_and_no_duration_is_made_of_it():
    entries = tuple(replace(entry, at_s=entry.at_s - 7200) for entry in FOUNDING.entries)
    document = report(replace(FOUNDING, entries=entries))
    summary = told(document.summary)
    assert "Times out of order: noticed lies 1 h 59 min before failed" in summary
    assert "after it failed" not in summary
    assert "a clock was set" in section(document, "How it was noticed")
    assert "-" not in "".join(row.text for row in document.summary if " s after" in row.text)


def test_an_unreadable_journal_leaves_its_section_with_the_command_that_would_tell():
    case = FOUNDING
    for name in ("before", "after", "now"):
        case = seen(name, case, journal=None, missing=(Missing("journal", "no permission", "sudo qtops doctor"),))
    shown = section(report(case), "6. Verification evidence")
    assert f"could not tell: what `{SUBJECT}` wrote: journal: no permission (sudo qtops doctor)" in shown
    assert f"`journalctl -u {SUBJECT} -n 50`" in shown


def test_a_recovery_of_the_same_fault_later_on_is_said():
    later = replace(FOUNDING.recovery, id="later", begun_s=FOUNDING.recovery.ended_s + 10, state="verified")
    document = report(replace(FOUNDING, recoveries=(later,)))
    assert "Of the same fault another recovery was begun later: `later`, verified" in told(document.summary)
    assert "On record: 1 other recovery of this unit, 1 of the same fault: see what brings it back." in section(
        document, "Next steps"
    )


def test_failed_units_are_told_against_those_of_before():
    from qtops.facts.host import FailedUnit

    rl = FailedUnit("quantum-rl-agent.service", "RL agent", "exit-code", FOUNDING.made_at_s - 60)
    case = replace(FOUNDING, failed=(rl,), failed_before=(rl, FailedUnit(SUBJECT)))
    shown = section(report(case), "Failed services")
    assert "`quantum-rl-agent.service` | exit-code" in shown
    assert f"- {SUBJECT}\n  quantum-rl-agent.service" in shown


def test_a_status_is_never_recovered_by_the_record_alone():
    record = RecoveryRecord(
        id="x", unit=SUBJECT, codes=("IMPORT101",), remedies=(), fingerprint="", state="verified", begun_s=0.0, ended_s=1.0,
        by="root", folder="/x",
    )  # fmt: skip
    document = report(replace(FOUNDING, before=None, after=None, settling=None, recovery=record))
    assert document.status == "UNVERIFIED"
    assert all(text.startswith("could not tell") for text, evidence in everything(document) if not evidence)


def test_a_check_that_is_off_by_decision_is_said_with_its_reason():
    facts = FOUNDING.now
    off = replace(facts.settings, off={"UNIT114": "2026-11-23: alerts come from elsewhere"})
    shown = section(report(replace(FOUNDING, now=replace(facts, settings=off))), "Next steps")
    assert "Off by decision (2026-11-23: alerts come from elsewhere), `UNIT114`" in shown


def test_guards_that_were_not_read_beside_proposals_are_not_taken_to_be_none():
    document = report(seen("now", events=None, proposals=None))
    assert criteria(document)[NO_GUARD].holds == "could not tell"
    assert document.status == "UNVERIFIED"


def test_a_sick_service_of_which_only_the_newest_look_is_there_is_told_from_that():
    case = replace(
        FOUNDING, before=None, after=None, now=FOUNDING.before, settling=None, recovery=None, plan=None, entries=(), patch=""
    )
    document = report(case)
    assert document.status == "OPEN"
    assert "Cause: `IMPORT101`" in told(document.summary)
    assert "Failed 2026-11-23 12:55:35 UTC" in told(document.summary)
    assert "Active: failed" in section(document, "Discovery")
    assert "sys.path.insert" in section(document, "Root cause")


def test_what_could_not_be_had_is_said_with_why():
    document = report(replace(FOUNDING, lacking=("the ledger: /var/lib/qtops holds none",)))
    assert "could not tell: the ledger: /var/lib/qtops holds none" in section(document, "Next steps")


def test_a_service_that_declares_no_keys_is_not_asked_for_any():
    case = seen("now", families=(), keys=(), proposals=None, events=None)
    shown = section(report(case), "Verification evidence")
    assert "It declares no keys" in shown
    assert "One key in full" not in shown


@pytest.mark.parametrize("name", ["before", "after"])
def test_a_look_at_another_host_proves_nothing_here(name):
    case = replace(FOUNDING, **{name: replace(getattr(FOUNDING, name), host="other")})
    document = report(case)
    assert (document.status, document.exit_code) == ("UNVERIFIED", 3)
    assert f"could not tell: the look {name} is of host other, not of box" in section(document, "Next steps")


def test_a_recovery_of_another_unit_proves_nothing_of_this_one():
    document = report(replace(FOUNDING, recovery=replace(FOUNDING.recovery, unit="other.service")))
    assert document.status == "UNVERIFIED"
    assert "the recovery on record is one of other.service" in document.summary[0].text


def test_looks_in_the_wrong_order_are_said():
    case = replace(FOUNDING, now=replace(FOUNDING.now, taken_at_s=FOUNDING.after.taken_at_s - 3600))
    assert "Times out of order: the look now lies 1 h before the look after." in told(report(case).summary)
