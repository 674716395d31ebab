"""What a recovery looks like: what matters first, nothing obeyed that a text says, and the same in JSON."""

import json

import msgspec
import pytest
from msgspec.structs import replace
from rich.console import Console

from qtops.facts.recovery import Criterion, Moment, Proof, RecoveryRecord
from qtops.findings import Diagnosis, Finding, Severity, Verdict
from qtops.reports.recovery import document, human
from qtops.reports.recovery.report import EXITS, Listing, Option, Report
from qtops.steps import Call, FileState, RecoveryPlan, Remedy, Replace, Step

NOW_S = 1_771_372_692.0
HOSTILE = "\x1b[31mred\x1b]0;title\x07 [bold]x[/] \u202e"
FILE = FileState(sha256="0" * 64, size=3, mode=0o644, uid=1000, gid=1000)
WRITE = Step(
    ("install", "/srv/app/main.py"), "the edit goes", "3 → 2 lines", "the backup", diff="--- a\n+++ b\n@@ -1 +0,0 @@\n-gone\n",
    action=Replace(path="/srv/app/main.py", before=FILE, after=FILE),
)  # fmt: skip
START = Step(("systemctl", "start", "app.service"), "runs it", way_back="stop it", action=Call("start", "app.service"))
PLAN = RecoveryPlan(
    id="20260218T000000Z-app-1a2b", host="h", unit="app.service", made_at_s=NOW_S, codes=("IMPORT101",), remedies=("remove",),
    fingerprint="f00d", was_up=False, steps=(WRITE, START),
)  # fmt: skip
ROOT = Finding("IMPORT101", Severity.CRITICAL, "app.service", "an import breaks", (), "remove it")
SICK = Diagnosis(subject="app.service", verdict=Verdict.CRITICAL, condition="failed", state="failed 3 min ago", root=ROOT)
TAKEN = Option(Remedy(name="remove", code="IMPORT101", title="Remove it", why="smallest"), is_taken=True)
OTHER = Option(Remedy(name="add-pythonpath", code="IMPORT101", title="Add a path", why="hides it"), False, "remove is smaller")
PLANNED = Report(
    outcome="planned", unit="app.service", host="h", at_s=NOW_S, diagnosis=SICK, plan=PLAN, options=(TAKEN, OTHER),
    notes=("`os` is unused",), advice=("qtops recover app.service --apply",),
)  # fmt: skip
PROVEN = Proof((Criterion("fresh", "yes", "3 keys"), Criterion("sane", "yes", "18 checks")), NOW_S)
TIMES = (Moment("failed", NOW_S - 60, "journal"), Moment("noticed", None, "no notice"), Moment("verified", NOW_S, "ledger"))
VERIFIED = replace(PLANNED, outcome="verified", after="active (running)", proof=PROVEN, moments=TIMES, folder="/var/lib/qtops/x")
RECORD = RecoveryRecord(
    id=PLAN.id, unit=PLAN.unit, codes=PLAN.codes, remedies=PLAN.remedies, fingerprint="f00d", state="verified", begun_s=NOW_S - 60,
    ended_s=NOW_S, by="ops", folder="/var/lib/qtops/x", paths=("/srv/app/main.py",),
)  # fmt: skip


def shown(report: Report, *, verbose: bool = False) -> str:
    """As on a wide screen."""
    console = Console(width=140, force_terminal=False, color_system=None, markup=False, highlight=False)
    with console.capture() as captured:
        console.print(human.render(report, verbose=verbose))
    return captured.get()


def test_a_plan_shows_each_step_with_its_diff_its_reason_and_its_way_back():
    text = shown(PLANNED)
    for words in (
        "PLANNED app.service", "nothing of it has been carried out", "1. write /srv/app/main.py", "-gone", "way back: the backup",
        "2. systemctl start app.service", "add-pythonpath", "remove is smaller", "`os` is unused", "--apply",
    ):  # fmt: skip
        assert words in text


def test_a_recovery_that_is_proven_shows_the_proof_before_the_steps():
    text = shown(VERIFIED)
    assert text.index("✔ fresh: 3 keys") < text.index("1. write /srv/app/main.py")
    assert "-gone" not in text
    assert "-gone" in shown(VERIFIED, verbose=True)
    assert "verified   2026-02-17 23:58:12 UTC  +1 min" in text
    assert "noticed    could not tell: no notice" in text


def test_times_that_cannot_be_right_are_told():
    report = replace(VERIFIED, disorders=("patched lies 1 h before diagnosed: a clock was set in between",))
    assert "patched lies 1 h before diagnosed" in shown(report)
    assert json.loads(document.render(report))["disorders"] == list(report.disorders)


def test_what_is_not_proven_is_marked_so():
    doubtful = replace(VERIFIED, outcome="rolled back", proof=Proof((Criterion("fresh", "could not tell", "Redis is down"),)))
    assert "NOT PROVEN\n    ? fresh: Redis is down" in shown(doubtful)


def test_nothing_is_obeyed_that_a_text_says():
    sick = replace(PLANNED, why=HOSTILE, advice=(HOSTILE,), notes=(HOSTILE,), repository=(HOSTILE,), after=HOSTILE, patch=HOSTILE)
    text = shown(sick)
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
    assert "[bold]x[/]" in text
    assert not {"\x1b", "\x07", "\u202e"} & set(json.dumps(json.loads(document.render(sick)), ensure_ascii=False))


@pytest.mark.parametrize("outcome", EXITS)
def test_every_outcome_has_its_exit_code_and_reads_back(outcome):
    report = replace(VERIFIED, outcome=outcome)
    found = msgspec.json.decode(document.render(report), type=document.Document)
    assert (found.outcome, found.exit_code) == (
        outcome,
        {"verified": 0, "undone": 0, "nothing to do": 0, "undo failed": 5}.get(outcome, 4),
    )
    assert shown(report).startswith(outcome.upper())


def test_the_code_of_an_error_wins():
    assert replace(VERIFIED, outcome="rolled back", code=77).exit_code == 77


def test_records_are_listed_with_who_and_when():
    console = Console(width=140, force_terminal=False, color_system=None)
    with console.capture() as captured:
        console.print(human.listing(Listing(host="h", at_s=NOW_S, records=(RECORD,), notices=("moved aside",))))
    text = captured.get()
    for words in ("moved aside", f"VERIFIED {PLAN.id}", "app.service  IMPORT101: remove", "(1 min ago) by ops", "/srv/app/main.py"):
        assert words in text
    (found,) = json.loads(document.records(Listing(host="h", at_s=NOW_S, records=(RECORD,))))["records"]
    assert found["state"] == "verified"
