"""What is not carried out, and left to a person."""

import pytest
from msgspec.structs import replace

from qtops.facts.recovery import RecoveryRecord
from qtops.findings import Diagnosis, Finding, Severity, Verdict
from qtops.recovery.gate import RECURRENCE_S, Standing, not_allowed, not_to_be_finished, recurring, unproven, without_fallback
from qtops.steps import Call, FileState, RecoveryPlan, Replace, Step

NOW_S = 1_771_372_692.0
UNIT = "app.service"
FILE = "/srv/app/main.py"
OLD = FileState(sha256="0" * 64, size=3, mode=0o644, uid=1000, gid=1000)
NEW = replace(OLD, sha256="1" * 64)
WRITE = Step(("install", FILE), "the edit goes", way_back="the backup", action=Replace(path=FILE, before=OLD, after=NEW))
START = Step(("systemctl", "start", UNIT), "runs it", way_back="stop it", action=Call("start", UNIT))
RESTART = Step(("systemctl", "restart", UNIT), "runs it anew", way_back="restart it", action=Call("restart", UNIT))
PLAN = RecoveryPlan(
    id="20260218T000000Z-app-1a2b", host="h", unit=UNIT, made_at_s=NOW_S, codes=("IMPORT101",), remedies=("remove-path-edit",),
    fingerprint="f00d", was_up=False, steps=(WRITE, START),
)  # fmt: skip
UNDONE = RecoveryRecord(
    id="20260217T230000Z-app-9f9f", unit=UNIT, codes=("IMPORT101",), remedies=("remove-path-edit",), fingerprint="f00d",
    state="undone", begun_s=NOW_S - 3600, ended_s=NOW_S - 3590, by="ops", folder="/var/lib/qtops/recoveries/x", paths=(FILE,),
    after={FILE: NEW.sha256},
)  # fmt: skip
ROOT = Finding("IMPORT101", Severity.CRITICAL, UNIT, "an import breaks", (), "remove it")
DOWN = Diagnosis(subject=UNIT, verdict=Verdict.CRITICAL, condition="failed", state="failed", root=ROOT)


def why(*records: RecoveryRecord, standing: dict[str, Standing] | None = None) -> str:
    """What speaks against doing it again; empty where nothing does."""
    refusal = recurring(PLAN, records, standing or {}, NOW_S)
    return refusal.why if refusal else ""


def test_a_proven_root_that_can_be_undone_and_never_was_done_passes():
    assert unproven(DOWN) is None
    assert without_fallback(PLAN, "failed") is None
    assert why() == ""


def test_where_nobody_asked_only_what_the_configuration_names_is_done():
    assert not_allowed(DOWN, ("IMPORT101",)) is None
    refusal = not_allowed(DOWN, ("CODE101",))
    assert refusal is not None
    assert "IMPORT101 is not among the codes" in refusal.why
    assert refusal.advice == (f"qtops recover {UNIT}",)


def test_where_nobody_asked_what_a_person_broke_off_is_left_to_that_person():
    begun = replace(UNDONE, state="begun", ended_s=None)
    assert not_to_be_finished(begun, ("IMPORT101",)) is None
    refusal = not_to_be_finished(begun, ("CODE101",))
    assert refusal is not None
    assert "was begun by ops and has not ended" in refusal.why
    assert refusal.advice[0] == f"qtops recover {UNIT} --resume"


def test_without_a_root_a_person_is_told_what_is_seen_and_what_to_run():
    seen = Finding("UNIT203", Severity.CRITICAL, UNIT, "exited with status 1", (), "")
    sick = replace(DOWN, root=None, symptoms=(seen,), unknown=("journal: no right",), next_command="sudo qtops doctor app")
    refusal = unproven(sick)
    assert refusal is not None
    assert refusal.why == "no cause is proven: UNIT203 exited with status 1"
    assert refusal.advice == ("could not tell: journal: no right", "sudo qtops doctor app")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "was undone 2026-02-17 22:58:22 UTC (59 min 50 s ago)"),
        ({"why": "step 3: it did not start"}, "ago): step 3: it did not start"),
        ({"state": "undo failed"}, "was undone"),
        ({"state": "verified"}, "was verified 2026-02-17 22:58:22 UTC (59 min 50 s ago), and the fault is back"),
    ],
)
def test_what_did_not_last_a_day_is_not_done_again(changes, says):
    assert says in why(replace(UNDONE, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"fingerprint": "another change"},
        {"unit": "other.service"},
        {"begun_s": NOW_S - RECURRENCE_S - 1},
        {"state": "refused"},
        {"state": "begun"},
    ],
)
def test_what_is_not_the_same_or_long_ago_does_not_count(changes):
    assert why(replace(UNDONE, **changes)) == ""


def test_whoever_reverted_it_is_named_as_far_as_the_file_tells():
    told = why(replace(UNDONE, state="verified"), standing={FILE: Standing(OLD.sha256, NOW_S - 60, 1000)})
    assert f"{FILE} was changed 2026-02-17 23:57:12 UTC (1 min ago), and belongs to user 1000" in told
    assert f"{FILE} is gone" in why(replace(UNDONE, state="verified"), standing={FILE: Standing("", None)})
    assert FILE not in why(replace(UNDONE, state="verified"), standing={FILE: Standing(NEW.sha256, NOW_S - 60, 1000)})


def test_a_step_without_a_way_back_is_refused_unless_it_was_asked_for_by_name():
    oneway = replace(START, way_back="")
    refusal = without_fallback(replace(PLAN, steps=(WRITE, oneway)), "failed")
    assert refusal is not None
    assert refusal.why == f"step 2 has no way back: systemctl start {UNIT}"
    assert without_fallback(replace(PLAN, steps=(WRITE, replace(oneway, risk="asked for by name"))), "failed") is None


def test_what_runs_is_not_restarted_with_nothing_to_return_to():
    alone = replace(PLAN, steps=(RESTART,))
    assert without_fallback(alone, "runs") is not None
    assert without_fallback(alone, "restarts") is None
    assert without_fallback(replace(PLAN, steps=(WRITE, RESTART)), "runs") is None
