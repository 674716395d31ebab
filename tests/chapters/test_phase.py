"""The report on a phase: what it says, in which order, and that every word of it is borne by a record."""

import json

import msgspec
import pytest
from msgspec.structs import replace

from qtops.bundle import load
from qtops.chapters.phase import phase
from qtops.errors import UsageError
from qtops.evidence.case import Backup, Case, Stood
from qtops.evidence.document import Claim, Criteria, Document, Listed, Paragraph, Row, Section, Table, Verbatim
from qtops.evidence.numbering import recorded
from qtops.evidence.splitting import split
from qtops.facts.host import FailedUnit
from qtops.facts.service import Facts
from qtops.settings import PHASES, Settings
from tests.checks.proposals import seed_evidence
from tests.evidence.cases import founding_case
from tests.phases.phases import UNIT, fields, journal, look, proposals, watched

SECTIONS = (
    "Objective", "Criteria", "Contradictions", "Verification evidence", "Deliverables", "Performance baseline",
    "System status upgrade", "Failed services remaining", "Next steps",
)  # fmt: skip


PRINTED = load(seed_evidence.PLACE)


def case(now: Facts | None = None, **changes) -> Case:
    """The founding service after its recovery, as phase 3."""
    found = founding_case()
    given = {"kind": "phase", "subject": "phase 3", "before": None, "after": None, "settling": None, "entries": (), "plan": None}
    return replace(found, **{**given, "now": now if now is not None else look(), "patch": "", **changes})


def composed(given: Case) -> Document:
    return phase(given, recorded(split(given)))


def section(document: Document, title: str) -> Section:
    return next(one for one in document.sections if one.title == title)


def claims(document: Document):
    """Everything in it that says something, with what bears it."""
    yield from ((claim.text, claim.evidence) for claim in document.summary)
    for one in document.sections:
        for block in one.blocks:
            match block:
                case Paragraph(given) | Listed(given):
                    yield from ((claim.text, claim.evidence) for claim in given)
                case Table(_, rows):
                    yield from ((" ".join(row.cells), row.evidence) for row in rows)
                case Criteria(criteria):
                    yield from ((f"{one.title} {one.seen}", one.evidence) for one in criteria)
                case Verbatim():
                    yield block.text, block.evidence


def text(document: Document) -> str:
    return "\n".join(said for said, _ in claims(document))


CASES = {
    "complete": case(),
    "not watched": case(look(cadence=None)),
    "lost": case(look(service=proposals(fields(p_trend="0.0")))),
    "nothing read": case(look(services=(), cadence=None), failed=None, units=(), recovery=None),
    "the founding report": seed_evidence.case(replace(PRINTED, settings=replace(PRINTED.settings, phases=PHASES))),
    "control plane": case(subject="phase 4"),
    "harvest brain": case(subject="phase 2"),
}


@pytest.mark.parametrize(
    ("name", "status", "exit_code", "tone"),
    [
        ("complete", "COMPLETE", 0, "good"),
        ("not watched", "UNVERIFIED", 3, "doubtful"),
        ("lost", "PARTIAL", 2, "bad"),
        ("nothing read", "PENDING", 3, "neutral"),
        ("the founding report", "PARTIAL", 2, "bad"),
        ("control plane", "PENDING", 3, "neutral"),
    ],
)
def test_its_status_follows_from_its_criteria(name, status, exit_code, tone):
    document = composed(CASES[name])
    assert (document.status, document.exit_code, document.tone) == (status, exit_code, tone)


@pytest.mark.parametrize("name", CASES)
def test_its_sections_are_those_of_a_phase_report(name):
    document = composed(CASES[name])
    assert tuple(one.title for one in document.sections if one.level == 2) == SECTIONS
    assert all(one.blocks for one in document.sections if one.title != "Verification evidence")


@pytest.mark.parametrize("name", CASES)
def test_every_claim_is_borne_by_a_record_or_says_that_nobody_could_tell(name):
    document = composed(CASES[name])
    known = {record.id for record in document.records}
    for said, evidence in claims(document):
        assert set(evidence) <= known
        assert evidence or said.startswith("could not tell: ")


@pytest.mark.parametrize("name", CASES)
def test_it_is_a_function_of_its_case(name):
    given = CASES[name]
    again = msgspec.json.decode(msgspec.json.encode(given), type=Case)
    assert msgspec.json.encode(composed(again)) == msgspec.json.encode(composed(given))


def test_the_founding_report_is_contradicted_by_what_it_prints():
    document = composed(seed_evidence.case())
    found = section(document, "Contradictions")
    codes = [
        row.cells[0].strip("`") for block in found.blocks if isinstance(block, Table) for row in block.rows if row.tone == "bad"
    ]
    assert set(codes) == {
        "PROPOSAL101", "PROPOSAL102", "PROPOSAL104", "PROPOSAL105", "PROPOSAL107", "PROPOSAL114", "KEYS201", "EVENT101",
    }  # fmt: skip
    assert "right: SL 105.64885" in text(document)
    assert "it was looked at too rarely to count" in text(document)
    assert "COMPLETE" not in document.summary[0].text


def test_a_mark_of_code_in_hostile_text_ends_no_code():
    document = composed(case(look(service=journal("Published proposal `rm -rf /` \x1b[31m | <b>"))))
    for said, _ in claims(document):
        assert "\x1b" not in said
    for one in document.sections:
        for block in one.blocks:
            if isinstance(block, Criteria):
                assert all("`" not in criterion.seen for criterion in block.criteria)


def rows(document: Document, title: str) -> tuple[Row, ...]:
    (table,) = (block for block in section(document, title).blocks if isinstance(block, Table))
    return table.rows


def test_what_has_changed_since_the_last_report():
    last = (Stood(number=2, state="COMPLETE", reported_s=1.0), Stood(number=3, state="PARTIAL", reported_s=2.0))
    changes = {row.cells[0]: row.cells[3:] for row in rows(composed(case(last=last)), "System status upgrade")}
    assert changes["3"] == ("COMPLETE", "PARTIAL → COMPLETE")
    assert changes["2"] == ("not looked at", "not known")  # however it stood: nobody knows how it stands
    assert changes["1"] == ("not looked at", "not known")
    first = {row.cells[0]: row.cells[3:] for row in rows(composed(case()), "System status upgrade")}
    assert first["3"] == ("COMPLETE", "→ COMPLETE")


def test_failed_services_and_the_phase_that_each_is_in():
    failed = (FailedUnit("quantum-rl-agent.service", "RL"), FailedUnit("quantum-verify-ensemble.service"))
    told = rows(composed(case(failed=failed, failed_before=(FailedUnit(UNIT),))), "Failed services remaining")
    assert [(row.cells[0], row.cells[2], row.cells[3]) for row in told] == [
        (f"`{UNIT}`", "no longer failed", "3"),
        ("`quantum-rl-agent.service`", "failed", "5"),
        ("`quantum-verify-ensemble.service`", "failed", "in none"),
    ]
    assert "could not tell: which units are failed" in text(composed(case(failed=None)))
    assert "None: systemd calls no unit failed." in text(composed(case(failed=())))


def test_warnings_stand_in_the_summary():
    """Keys without a time to live: nothing that keeps it from being complete, and nothing to be silent about."""
    proposals = look().services[0].proposals
    (seen,) = proposals.looks
    endless = replace(seen, readings=tuple(replace(one, ttl_ms=-1) for one in seen.readings))
    document = composed(case(look(service={"proposals": replace(proposals, looks=(endless,))})))
    assert document.status == "COMPLETE"
    assert "warning: `PROPOSAL113`. Warnings alone keep no phase" in " ".join(one.text for one in document.summary)


def deliverables(document: Document) -> dict[str, str]:
    (block,) = section(document, "Deliverables").blocks
    return {one.title.split()[0]: one.holds for one in block.criteria}


def test_deliverables_are_shown_by_records():
    kept = (Backup(path="/srv/main.py", sha256="a" * 64),)
    held = {"main.py": "yes", "Backup": "yes", "Service": "yes", "Performance": "yes", "Publishing": "could not tell"}
    assert deliverables(composed(case(backups=kept))) == held
    assert deliverables(composed(case()))["Backup"] == "could not tell"  # that a plan names one does not show that it is there
    gone = (replace(kept[0], trouble="cannot be read: No such file or directory"),)
    assert deliverables(composed(case(backups=gone)))["Backup"] == "no"
    unverified = replace(founding_case().recovery, state="undone")
    assert deliverables(composed(case(recovery=unverified)))["main.py"] == "no"
    nothing = composed(case(look(services=(), cadence=None), recovery=None, units=()))
    assert set(deliverables(nothing).values()) == {"could not tell"}


def test_updates_are_counted_and_not_multiplied():
    assert "Counted, by the fastest time field of each: 18 updates of 3 keys in 1 min 1 s, 17.7 a minute." in text(composed(case()))
    assert "nobody counted" in text(composed(case(look(cadence=None))))
    assert "18/min" not in text(composed(case(look(cadence=watched()))))


def test_next_is_first_what_keeps_it_from_being_complete():
    lost = composed(CASES["lost"])
    first, *_, last = (claim.text for block in section(lost, "Next steps").blocks for claim in block.claims)
    assert first.startswith("`PROPOSAL10")
    assert last.rstrip(".") == PHASES[2].next[-1]
    done = [claim.text.rstrip(".") for block in section(composed(case()), "Next steps").blocks for claim in block.claims]
    assert done == list(PHASES[2].next)


def test_what_a_case_lacks_is_in_its_summary():
    document = composed(case(lacking=("the ledger: no permission",)))
    assert Claim("could not tell: the ledger: no permission", document.summary[-1].evidence) == document.summary[-1]


def test_a_phase_that_the_plan_has_not():
    with pytest.raises(UsageError, match=r"no phase 8; there are: 1 \("):
        composed(case(subject="phase 8"))
    with pytest.raises(UsageError, match="names no phase"):
        composed(case(subject="risk-proposal"))
    with pytest.raises(UsageError, match="the plan is empty"):
        composed(case(replace(look(), settings=Settings(phases=()))))


def test_without_a_look_nothing_could_be_told():
    document = composed(replace(case(), now=None))
    assert document.status == "PENDING"
    assert "No look was taken" in text(document)


def test_it_is_printable_as_json():
    document = composed(CASES["the founding report"])
    assert json.loads(msgspec.json.encode(document))["schema"] == "qtops.report/1"
