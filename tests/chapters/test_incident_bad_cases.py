"""Whatever is missing from a case, and whatever its texts hold, there is a report, and it claims nothing that it cannot bear."""

from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from qtops import bundle
from qtops.diagnose import DOWN, diagnose
from qtops.evidence.case import Case, Entry
from qtops.evidence.document import Criteria, Document, Listed, Paragraph, Table, Verbatim
from qtops.facts.service import Missing
from qtops.findings import Diagnosis, Severity
from qtops.settings import Settings
from tests.chapters.cases import FOUNDING, criteria, everything, report, seen, service

WITHOUT: dict[str, Any] = {
    "before": None, "after": None, "now": None, "settling": None, "recovery": None, "plan": None, "entries": (), "patch": "",
    "units": (), "failed": None,
}  # fmt: skip
SOURCES = ("unit", "start", "journal", "process", "redis", "proposals", "events")
PROOF = ("before", "after", "settling", "recovery")
SECTIONS = 14
BUNDLES = Path(__file__).parents[1] / "data" / "bundles"
EVIL = "EVIL`BREAK``` \x1b[31m\n# owned\r\n| a | b | <script>alert(1)</script> @all #1 \u202e\u200b\u2028 ]( ![x](http://x)"
RELAXED = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def is_sound(document: Document) -> None:
    """Every text is printable, no code is broken out of, no section is empty, and no claim stands without a record."""
    assert document.title.isprintable()
    assert sum(one.level == 2 for one in document.sections) == SECTIONS
    for text, evidence in everything(document):
        assert evidence or "could not tell" in text, text
    for part in document.sections:
        assert part.blocks, part.title
        assert part.title.isprintable()
        for block in part.blocks:
            match block:
                case Verbatim(text=text, caption=caption):
                    assert all(line.isprintable() for line in text.split("\n"))
                    _is_plain(caption)
                case Table(head, rows):
                    assert rows
                    assert {len(row.cells) for row in rows} == {len(head)}
                    for cell in (*head, *(cell for row in rows for cell in row.cells)):
                        _is_plain(cell)
                case Criteria(found):
                    for one in found:
                        _is_plain(one.seen)
                case Paragraph(claims) | Listed(claims):
                    assert claims
                    for claim in claims:
                        _is_plain(claim.text)
    for claim in document.summary:
        _is_plain(claim.text)


def _is_plain(text: str) -> None:
    assert text.isprintable(), ascii(text)
    assert text.count("`") % 2 == 0, text
    assert "EVIL`" not in text, text


@pytest.mark.parametrize("name", WITHOUT)
def test_without_one_part_every_section_is_there(name):
    is_sound(report(replace(FOUNDING, **{name: WITHOUT[name]})))


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("look", ["before", "after", "now"])
def test_without_one_source_every_section_is_there(look, source):
    missing = (Missing("systemd", "no answer"),)
    document = report(seen(look, **{source: None}, missing=missing))
    is_sound(document)
    if look == "now":
        assert document.status != "RECOVERED"


@pytest.mark.slow
@RELAXED
@given(
    gone=st.sets(st.sampled_from([*WITHOUT, *(f"{look}/{source}" for look in ("before", "after", "now") for source in SOURCES)]))
)
def test_whatever_is_missing_there_is_a_report_that_claims_no_recovery_without_its_proof(gone):
    case = replace(FOUNDING, **{name: WITHOUT[name] for name in gone & set(WITHOUT)})
    for name in sorted(gone - set(WITHOUT)):
        look, _, source = name.partition("/")
        if getattr(case, look) is not None:
            case = seen(look, case, **{source: None})
    document = report(case)
    is_sound(document)
    if document.status.startswith("RECOVERED"):
        assert not gone & set(PROOF)
        assert all(one.holds == "yes" for title, one in criteria(document).items() if "guard" not in title)


def spoiled(value: Any) -> Any:
    """The same with hostile text after every text that is free to hold anything. What matched before matches still."""
    if isinstance(value, Settings):
        return value
    if isinstance(value, msgspec.Struct):
        hints = get_type_hints(type(value))
        kept = {"family", "families", "codes", "code"}
        own = {name: getattr(value, name) for name in value.__struct_fields__ if name not in kept}
        return replace(value, **{name: one + EVIL if hints[name] is str else spoiled(one) for name, one in own.items()})
    if isinstance(value, tuple):
        return tuple(one + EVIL if isinstance(one, str) else spoiled(one) for one in value)
    if isinstance(value, dict):
        return {name: one + EVIL if isinstance(one, str) else spoiled(one) for name, one in value.items()}
    return value


PARTS = ("before", "after", "now", "settling", "recovery", "plan", "entries", "patch", "units", "failed", "recoveries")


def test_hostile_text_everywhere_stays_text():
    document = report(spoiled(FOUNDING))
    is_sound(document)
    assert "EVIL'BREAK" in "\n".join(text for text, _ in everything(document))


@pytest.mark.parametrize("part", PARTS)
def test_hostile_text_in_one_part_stays_text(part):
    value = getattr(FOUNDING, part)
    if part == "recoveries":
        value = (replace(FOUNDING.recovery, id="other"),)
    changed = value + EVIL if isinstance(value, str) else spoiled(value)
    if part in {"before", "after", "now"}:
        changed = replace(changed, services=(replace(changed.services[0], subject=FOUNDING.subject),))
    is_sound(report(replace(FOUNDING, **{part: changed})))


def test_hostile_journal_lines_stay_on_their_lines():
    journal = service("now").journal
    lines = (*journal.lines, replace(journal.lines[-1], text=f"{EVIL}{'x' * 100_000}"))
    document = report(seen("now", journal=replace(journal, lines=lines)))
    (shown,) = [
        block.text
        for part in document.sections
        for block in part.blocks
        if isinstance(block, Verbatim) and block.caption.startswith("Journal of") and "EVIL" in block.text
    ]
    assert len(shown.split("\n")) == 12
    assert r"\x1b[31m\n# owned\r\n" in shown
    assert "more characters)" in shown


def test_a_loop_that_ran_for_days_is_told_by_its_ends():
    journal = service("before").journal
    first = journal.runs[0]
    runs = tuple(
        replace(first, invocation=f"{number:032x}", began_s=first.began_s - 10 * number, ended_s=first.ended_s - 10 * number)
        for number in range(5000, 0, -1)
    )
    document = report(seen("before", journal=replace(journal, runs=(*runs, *journal.runs))))
    (table,) = [
        block for part in document.sections if "timeline" in part.title for block in part.blocks if isinstance(block, Table)
    ]
    assert len(table.rows) == 61
    assert any("4965 more, in the records" in row.cells[4] for row in table.rows)


def test_times_that_no_calendar_has_are_given_as_they_are():
    entries = (*FOUNDING.entries, Entry("step failed", 1e300, 1, {"why": "x"}), Entry("noticed", -1e300))
    is_sound(report(replace(FOUNDING, entries=entries, made_at_s=1e18)))


def test_another_service_in_a_look_is_none_of_this_incident():
    case = replace(FOUNDING, subject="other.service")
    document = report(case)
    assert document.status == "UNVERIFIED"
    is_sound(document)


def _incidents() -> st.SearchStrategy[Case]:
    from tests.evidence.cases import any_case

    return any_case().map(lambda case: replace(case, kind="incident"))


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=_incidents())
def test_any_case_at_all_has_a_report(case):
    is_sound(report(case))


@pytest.mark.slow
def test_every_recorded_trouble_has_a_sound_report():
    """Of each recorded look one incident: a service that is down is open, whatever else is known of it."""
    told = 0
    for path in sorted(BUNDLES.glob("*.json.gz")):
        facts = bundle.load(path)
        for diagnosis in diagnose(facts):
            now_s = facts.taken_at_s + 60
            document = report(Case(kind="incident", host=facts.host, subject=diagnosis.subject, made_at_s=now_s, now=facts))
            is_sound(document)
            is_sick = diagnosis.condition in DOWN or critical_of(diagnosis)
            assert (document.status == "OPEN") == is_sick, path.name
            told += 1
    assert told > 100


def critical_of(diagnosis: Diagnosis) -> bool:
    """Whether something critical is found of the service itself."""
    return any(one.severity is Severity.CRITICAL and not one.code.startswith("EVENT") for one in diagnosis.findings)
