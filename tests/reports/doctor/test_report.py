"""The verdict of a whole look, and what its renderers share."""

import pytest

from qtops.facts.service import Facts, Missing
from qtops.findings import Severity, Verdict
from qtops.reports.doctor.report import counted, doubts, evidence, headline, in_full, provenance, report, worst_first
from tests.reports.doctor.reports import FOUNDING, HEALTHY, NOW_S, diagnosis, finding
from tests.reports.doctor.reports import report as built

SICK = diagnosis(subject="b.service", verdict=Verdict.WARNING, notes=(finding(),))
DOUBTFUL = diagnosis(subject="c.service", verdict=Verdict.UNKNOWN, unknown=("journal: may not be read",))


@pytest.mark.parametrize(
    ("services", "missing", "verdict"),
    [
        ([HEALTHY], (), Verdict.OK),
        ([HEALTHY, DOUBTFUL], (), Verdict.UNKNOWN),
        ([DOUBTFUL, SICK], (), Verdict.WARNING),
        ([SICK, FOUNDING, HEALTHY], (), Verdict.CRITICAL),
        ([HEALTHY], ("redis: hung",), Verdict.UNKNOWN),
        ([SICK], ("redis: hung",), Verdict.WARNING),
    ],
)
def test_the_worst_wins_and_a_missing_source_is_not_well(services, missing, verdict):
    assert built(*services, missing=missing).verdict is verdict


def test_no_service_looked_at_is_could_not_tell():
    assert report(Facts(host="h", taken_at_s=NOW_S, services=()), ()).verdict is Verdict.UNKNOWN


def test_a_report_is_made_of_facts_and_diagnoses():
    missing = (Missing("redis", "hung", "look for a stopped process"), Missing("journal", "empty"))
    facts = Facts(host="risk-1", taken_at_s=NOW_S, services=(), via="systemctl", systemd_version="257", missing=missing)
    made = report(facts, [HEALTHY], 0.5)
    assert (made.host, made.taken_at_s, made.diagnoses, made.took_s) == ("risk-1", NOW_S, (HEALTHY,), 0.5)
    assert made.missing == ("redis: hung (look for a stopped process)", "journal: empty")
    assert provenance(made) == "via systemctl, systemd 257, in 0.5 s"
    assert provenance(report(Facts(host="h", taken_at_s=NOW_S, services=()), ())) == "replayed from a bundle"


def test_the_worst_come_first():
    assert worst_first([HEALTHY, DOUBTFUL, SICK, FOUNDING]) == [FOUNDING, SICK, DOUBTFUL, HEALTHY]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (HEALTHY, "runs for 3 d 4 h"),
        (diagnosis(notes=(finding(severity=Severity.INFO),)), "runs for 3 d 4 h"),
        (FOUNDING, "IMPORT101 ModuleNotFoundError: No module named 'ai_engine.risk_kernel_stops' at "),
        (SICK, "UNIT111 a directory is missing"),
        (diagnosis(verdict=Verdict.CRITICAL, symptoms=(finding("UNIT203"),)), "no root is proven: UNIT203 a directory is missing"),
        (DOUBTFUL, "journal: may not be read"),
        (diagnosis(verdict=Verdict.WARNING, state="inactive"), "inactive"),
    ],
)
def test_the_headline_is_the_root_else_what_is_seen_else_the_state(row, said):
    assert headline(row).startswith(said)


def test_services_are_counted_worst_first():
    assert counted(built(HEALTHY, HEALTHY, FOUNDING, DOUBTFUL)) == "4 services: 1 critical, 1 unknown, 2 ok"
    assert counted(built(HEALTHY)) == "1 service: 1 ok"


def test_what_is_missing_on_the_whole_host_is_no_doubt_of_each_service():
    row = diagnosis(unknown=("redis: hung", "journal: may not be read"))
    assert doubts(row, built(row, missing=("redis: hung",))) == ["journal: may not be read"]


def test_the_place_of_a_finding_is_evidence_where_nothing_else_says_it():
    assert evidence(finding(where="app.service:7")) == ("/srv/none is missing", "app.service:7")
    assert evidence(finding(where="app.service:7", remedy="Correct app.service:7")) == ("/srv/none is missing",)
    assert evidence(finding(where="", evidence=())) == ()


def test_in_full_nothing_is_left_out():
    text = "\n".join(in_full(FOUNDING))
    for part in FOUNDING.findings:
        assert all(said in text for said in (part.code, part.summary, *part.evidence, part.remedy))
    assert all(said in text for said in (*FOUNDING.proof, *FOUNDING.unknown, FOUNDING.next_command, FOUNDING.state))
