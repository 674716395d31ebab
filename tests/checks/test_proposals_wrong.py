"""What a service is told of its proposals: one finding per check, the root first, its consequences behind it."""

import pytest
from msgspec.structs import replace

from qtops.bundle import encode
from qtops.bundle.file import decode
from qtops.checks.proposals_wrong import NAMED, SHOWN, findings, untold
from qtops.checks.registry import judge_service
from qtops.diagnose import diagnose
from qtops.facts.service import Missing
from qtops.findings import Severity, Verdict
from qtops.settings import Settings

from .proposals.proposals import looks, reading
from .services import HEALTHY, NAME, down, host

SYNTHETIC = {"position_source": "synthetic"}
BREACHED = {"proposed_sl": "103"}


def writing(*readings, service=HEALTHY, **more):
    """A service that writes these proposals."""
    return replace(service, proposals=looks(readings, **more))


def found(service):
    return {finding.code: finding for finding in findings(service, host(service))}


def diagnosis(service, **changes):
    (made,) = diagnose(host(service, **changes))
    return made


def test_a_service_whose_proposals_are_right_is_told_nothing():
    assert found(writing(reading("BTCUSDT"), reading("ETHUSDT"))) == {}
    assert diagnosis(writing(reading())).verdict is Verdict.OK


def test_who_writes_none_is_told_nothing():
    assert found(HEALTHY) == {}
    assert list(untold(HEALTHY, host(HEALTHY))) == []


def test_one_proposal_is_named_with_its_evidence():
    finding = found(writing(reading(fields=SYNTHETIC)))["PROPOSAL107"]
    assert finding.subject == NAME
    assert finding.summary.startswith("FRESH, NOT REAL: BTCUSDT: ")
    assert finding.evidence


def test_many_symbols_are_one_finding_with_the_symbols_as_evidence():
    symbols = [f"S{number}" for number in range(12)]
    finding = found(writing(*(reading(symbol, fields=SYNTHETIC) for symbol in symbols)))["PROPOSAL107"]
    assert "12 of 12 proposals (" + ", ".join(symbols[:NAMED]) + ", …)" in finding.summary
    assert finding.evidence[0].startswith("S0: it says so itself")
    assert finding.evidence[-1] == f"and {12 - SHOWN} more"


def test_a_service_that_runs_and_is_fresh_and_not_real_has_that_as_its_root():
    made = diagnosis(writing(reading(fields=SYNTHETIC | BREACHED)))
    assert made.condition == "runs"
    assert made.root is not None
    assert (made.root.code, made.verdict) == ("PROPOSAL107", Verdict.CRITICAL)
    assert "PROPOSAL102" in {finding.code for finding in made.symptoms}


def test_a_lost_input_is_the_root_where_the_position_is_real():
    lost = reading(fields={"p_trend": "0.0"})
    made = diagnosis(writing(lost))
    assert made.root is not None
    assert made.root.code == "PROPOSAL105"
    assert "PROPOSAL104" in {finding.code for finding in made.symptoms}


def test_a_service_that_is_down_keeps_its_root():
    without = diagnosis(down())
    made = diagnosis(writing(reading(fields=SYNTHETIC | BREACHED), service=down()))
    assert made.root == without.root
    assert "PROPOSAL107" in {finding.code for finding in made.notes}


def test_what_could_not_be_told_is_said_and_never_passes():
    lost = [reading(f"S{n}", present=None, fields={}, trouble="refused", detail="ERR") for n in range(5)]
    service = writing(*lost)
    made = diagnosis(service)
    assert made.verdict is Verdict.UNKNOWN
    assert len(list(untold(service, host(service)))) == SHOWN + 1


def test_checks_that_are_off_are_off_for_doctor_as_well():
    settings = replace(Settings(), off={"PROPOSAL107": "2026-11-23: until the move"})
    made = diagnosis(writing(reading(fields=SYNTHETIC)), settings=settings)
    assert {finding.code for finding in made.off} == {"PROPOSAL107"}
    assert made.root is None


def test_proposals_that_could_not_be_read_are_not_judged():
    service = replace(writing(reading(fields=SYNTHETIC)), missing=(Missing("proposals", "too slow"),))
    assert not any(finding.code.startswith("PROPOSAL") for finding in judge_service(service, host(service)))
    assert diagnosis(service).verdict is Verdict.UNKNOWN


def test_a_note_alone_leaves_the_service_without_a_root_of_that_kind():
    made = diagnosis(writing(reading(ttl_ms=-1)))
    assert made.verdict is Verdict.WARNING
    assert {finding.code for finding in made.findings} == {"PROPOSAL113"}
    assert all(finding.severity is Severity.WARNING for finding in made.findings)


@pytest.mark.parametrize("fields", [{}, SYNTHETIC, BREACHED, {"p_trend": "0.0"}, {"proposed_sl": "nan"}])
def test_a_bundle_gives_the_same_diagnosis(fields):
    facts = host(writing(reading(fields=fields)))
    assert diagnose(decode(encode(facts)).facts) == diagnose(facts)
