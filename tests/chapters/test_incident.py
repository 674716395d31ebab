"""The founding incident, recorded from a booted systemd, gives a complete report."""

import re
import time

from msgspec.structs import replace

from qtops.evidence.document import Ages, Levels
from qtops.facts.wiring import End, UnitWiring, WiringFacts
from tests.chapters.cases import FOUNDING, SUBJECT, criteria, everything, report, rows, section, service, told

DOCUMENT = report()
ORDER = (
    "1. Problem statement", "2. Root cause", "3. Investigation timeline", "4. What was changed", "5. Unit configuration",
    "6. Verification evidence", "7. Performance baseline", "8. Criteria", "9. Before and after", "10. Failed services remaining",
    "11. Next steps", "Appendix A: files modified", "Appendix B: risk events around the incident",
    "Appendix C: related documents",
)  # fmt: skip


def test_sections_stand_in_the_order_that_operators_use():
    assert tuple(one.title for one in DOCUMENT.sections if one.level == 2) == ORDER


def test_it_is_recovered_and_the_summary_says_how_long_everything_took():
    assert (DOCUMENT.status, DOCUMENT.tone, DOCUMENT.exit_code) == ("RECOVERED", "good", 0)
    summary = told(DOCUMENT.summary)
    assert "All 9 criteria hold, judged again" in summary
    assert "Cause: `IMPORT101` ModuleNotFoundError: No module named 'ai_engine.risk_kernel_stops'" in summary
    assert "Failed 2026-11-23 12:55:35 UTC (40 s ago)." in summary
    assert "First noticed, by the ledger, 2026-11-23 12:55:42 UTC (33 s ago), 7.1 s after it failed." in summary
    assert "Verified, by the ledger, 2026-11-23 12:55:48 UTC (26 s ago), 13 s after it failed." in summary


def test_every_claim_cites_records_or_says_that_it_could_not_be_told():
    known = {record.id for record in DOCUMENT.records}
    for text, evidence in everything(DOCUMENT):
        assert set(evidence) <= known
        assert evidence or text.startswith("could not tell: "), text


def test_the_problem_says_what_was_stale_since_when_and_who_was_concerned():
    problem = section(DOCUMENT, "Problem statement")
    assert "was failed (failed) since 2026-11-23 12:55:36 UTC" in problem
    assert "exit status 1" in problem
    assert "`quantum:risk:proposal:ETHUSDT` | STALE | `computed_at_utc` 2026-02-17 06:57:12 UTC (279 d 5 h ago)" in problem
    assert "was beyond its limit from 2026-02-17 06:59:42 UTC (279 d 5 h ago) on" in problem
    assert "Positions were published as open meanwhile: `BTCUSDT` LONG, `ETHUSDT` LONG, `SOLUSDT` LONG." in problem
    assert "could not tell: who reads these keys" in problem
    assert "For 7.1 s, from the failure to that look, no notice of it is on record." in problem
    assert "Active: failed (Result: exit-code)" in problem


def test_the_root_cause_is_borne_by_the_source_and_proven_by_the_journal():
    cause = section(DOCUMENT, "2. Root cause")
    assert "sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))" in cause
    assert "main.py:29" in cause
    assert "The journal holds the traceback that was predicted" in cause
    assert "The two are the same." in cause
    assert "the same walk without" in cause
    assert "`PYTHONPATH` names `/home/qt/quantum_trader`" in cause
    assert "What follows from it" in cause
    assert "`UNIT202` systemd gave up after 5 starts" in cause


def test_the_timeline_merges_journal_and_ledger_in_order():
    shown = rows(DOCUMENT, "Investigation timeline")
    assert [row.cells[0] for row in shown] == sorted(row.cells[0] for row in shown)
    assert {row.cells[3] for row in shown} == {"journal", "ledger", "qtops"}
    what = [row.cells[4] for row in shown]
    ends = [place for place, line in enumerate(what) if "Main process exited" in line]
    assert ends[0] < what.index("noticed: IMPORT101") < what.index("verified")
    assert len(what) == len({(row.cells[0], row.cells[1], row.cells[3], row.cells[4]) for row in shown}) + _alike(shown)


def _alike(shown) -> int:
    """Rows that only differ below the second: the journal does say some things twice."""
    return len(shown) - len({(row.cells[0], row.cells[1], row.cells[3], row.cells[4]) for row in shown})


def test_what_was_changed_names_command_result_backup_and_way_back():
    changed = section(DOCUMENT, "4. What was changed")
    assert "Step 1: `install" in changed
    assert "Result: done, begun 2026-11-23 12:55:43 UTC (32 s ago), took 19 ms." in changed
    assert "-sys.path.insert(0" in changed
    assert "/recoveries/20261123T125543Z-quantum-risk-proposal-c233/a0b96a4cc5ad" in changed
    assert f"`qtops recover {SUBJECT} --undo 20261123T125543Z-quantum-risk-proposal-c233`" in changed
    assert "diff --git" in changed


def test_the_unit_is_shown_with_the_arithmetic_of_its_restart_limit():
    shown = section(DOCUMENT, "5. Unit configuration")
    assert "ExecStart=/opt/quantum/venvs/ai-engine/bin/python3" in shown
    assert "`PYTHONPATH` is set at `/etc/systemd/system/quantum-risk-proposal.service:7`." in shown
    assert "The recovery replaced no file of this unit." in shown
    assert "5 × 0.1 s = 0.5 s of pauses" in shown
    assert "There is no `OnFailure=`" in shown
    assert "5 runs, from the first start to the last end 1.5 s" in shown


def test_the_evidence_of_verification_shows_unit_process_journal_keys_and_movement():
    shown = section(DOCUMENT, "6. Verification evidence")
    assert "Active: active (running) since 2026-11-23 12:55:43 UTC (32 s ago)" in shown
    assert "187 | qt | 2026-11-23 12:55:43 UTC (32 s ago) | 32.3 MiB" in shown
    assert "Published proposal for SOLUSDT" in shown
    assert "`quantum:risk:proposal:BTCUSDT` | FRESH" in shown
    assert re.search(r"^publisher_id +box:187$", shown, re.MULTILINE)
    assert "34 fields" in shown
    assert "`heartbeat_ms` moved in 3 of 3 keys" in shown
    assert "`computed_at_utc` moved in 0 of 3 keys" in shown
    assert "Two readings show that something moved, not how often." in shown


def test_the_pictures_hold_every_level_and_every_age():
    blocks = [block for part in DOCUMENT.sections for block in part.blocks]
    (levels,) = [block for block in blocks if isinstance(block, Levels)]
    (ages,) = [block for block in blocks if isinstance(block, Ages)]
    assert [(one.symbol, one.side, one.wrong) for one in levels.levels] == [
        ("BTCUSDT", "LONG", ""), ("ETHUSDT", "LONG", ""), ("SOLUSDT", "LONG", ""),
    ]  # fmt: skip
    assert all(one.stop_loss < one.price < one.take_profit for one in levels.levels)
    assert [one.look for one in ages.ages] == ["before"] * 3 + ["after"] * 3 + ["now"] * 3
    assert all(one.age_s > one.critical_s for one in ages.ages[:3])
    assert all(one.age_s < one.warn_s for one in ages.ages[3:])


def test_the_baseline_names_each_metric_and_multiplies_nothing():
    shown = section(DOCUMENT, "7. Performance baseline")
    assert "Uptime | 31 s" in shown
    assert "Resident memory | 32.3 MiB | RSS of process 187 alone" in shown
    assert "could not tell: its memory: systemd told no `MemoryCurrent`" in shown
    assert "could not tell: how much it publishes in a minute" in shown
    assert not re.search(r"/min|per minute", "\n".join(text for text, _ in everything(DOCUMENT)))


def test_the_criteria_are_judged_again_all_of_them():
    found = criteria(DOCUMENT)
    assert len(found) == 9
    assert {one.holds for one in found.values()} == {"yes"}
    assert all(one.evidence for one in found.values())


def test_before_and_after_stand_side_by_side():
    shown = {row.cells[0]: row.cells[1:] for row in rows(DOCUMENT, "Before and after")}
    assert shown["State"] == ("failed (failed)", "active (running)", "active (running)")
    assert shown["NRestarts"] == ("5", "0", "0")
    assert shown["Keys that are fresh"] == ("0 of 3", "3 of 3", "3 of 3")
    assert shown["Root cause found"] == ("`IMPORT101`", "none found", "none found")
    assert shown["Guards in force"] == ("none", "none", "none")


def test_what_is_left_to_do_is_the_patch_the_note_and_the_way_back():
    shown = section(DOCUMENT, "11. Next steps")
    assert "Commit the patch" in shown
    assert "`UNIT114`" in shown
    assert "--undo" in shown


def test_the_appendices_name_files_events_and_documents():
    assert "`a0b96a4cc5ad` → `18d88ac1e891` | `0640` 991:991" in section(DOCUMENT, "Appendix A")
    assert "No guard was in force in the look `before`" in section(DOCUMENT, "Appendix B")
    assert "`qtops explain IMPORT101`" in section(DOCUMENT, "Appendix C")


def test_the_whole_report_is_as_it_was(snapshot):
    lines = [f"{DOCUMENT.title}: {DOCUMENT.status}", *(claim.text for claim in DOCUMENT.summary)]
    lines += [f"{'#' * one.level} {one.title}\n{section(DOCUMENT, one.title)}" for one in DOCUMENT.sections if one.level == 2]
    assert re.sub(r"\d+ checks of", "N checks of", "\n".join(lines)) == snapshot


def test_no_word_claims_more_than_was_measured():
    text = "\n".join(text for text, _ in everything(DOCUMENT)).lower()
    for word in ("operational", "continuous", "healthy", "complete", "every 10 seconds", "adaptive"):
        assert word not in text, word


def test_it_is_the_same_report_every_time_and_made_at_once():
    began_s = time.perf_counter()
    assert report() == DOCUMENT
    assert time.perf_counter() - began_s < 1


def test_what_systemd_counted_is_told_with_its_metric():
    state = replace(
        service("now").unit, memory_bytes=18_769_510, memory_peak_bytes=19_188_941, cpu_s=0.126, tasks=1, tasks_max=18689
    )
    case = replace(FOUNDING, now=replace(FOUNDING.now, services=(replace(service("now"), unit=state),)))
    shown = section(report(case), "Performance baseline")
    assert "Memory | 17.9 MiB | `MemoryCurrent` of its control group, page cache included" in shown
    assert "CPU | 126 ms | `CPUUsageNSec` since its start, the start of the interpreter included" in shown
    assert "Tasks | 1 | `TasksCurrent`: threads in its control group, limit 18689" in shown
    assert "could not tell: its memory" not in shown


def test_readers_of_the_keys_are_named_where_the_wiring_was_looked_at():
    def unit_of(name: str) -> UnitWiring:
        end = End(unit=name, name="quantum:risk:proposal:<symbol>", command="HGETALL", direction="read", where="/srv/harvest.py:7")
        return UnitWiring(unit=name, ends=(end,))

    wiring = WiringFacts(taken_at_s=0.0, units=(unit_of("quantum-harvest-proposal.service"), unit_of(SUBJECT)))
    case = replace(FOUNDING, before=replace(FOUNDING.before, wiring=wiring))
    shown = section(report(case), "Impact")
    assert "these read them: `quantum-harvest-proposal.service` (`/srv/harvest.py:7`)." in shown
    nobody = replace(FOUNDING, before=replace(FOUNDING.before, wiring=replace(wiring, units=())))
    assert "By the source of 0 units in the look `before`" in section(report(nobody), "Impact")
    assert "no other unit reads them." in section(report(nobody), "Impact")
    later = replace(FOUNDING, now=replace(FOUNDING.now, wiring=wiring))
    assert "in the look `now`" in section(report(later), "Impact").partition("these read them")[0]
