"""The checks as a whole: named once, explained in three parts, with a runbook, and quiet on what is healthy."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from qtops.checks.registry import ALL, BY_CODE, CHECKS, MODULES, ROLES, SERVICE_CHECKS, SERVICE_MODULES, judge, judge_service
from qtops.facts.service import Facts, Missing, ServiceFacts

from .services import HEALTHY as HEALTHY_SERVICE
from .services import down, host
from .starts import HEALTHY, failing
from .test_services import QUIET as QUIET_SERVICES
from .test_services import SICK as SICK_SERVICES
from .test_starts import QUIET, SICK

ROOT = Path(__file__).parents[2]
CODES = [registered.check.code for registered in ALL]
OF_SERVICES = {registered.check.code for registered in (*CHECKS, *SERVICE_CHECKS)}  # the others prove theirs in their own folders


def test_codes_are_unique_and_titles_too():
    assert len(set(CODES)) == len(CODES)
    assert len({registered.check.title for registered in ALL}) == len(CODES)
    assert all(re.fullmatch(r"[A-Z]+\d{3}", code) for code in CODES)


def test_every_check_of_the_folder_is_registered():
    files = {path.stem for path in (ROOT / "qtops/checks").glob("*.py") if "CHECK = Check(" in path.read_text()}
    assert files == {module.__name__.rpartition(".")[2] for module in (*MODULES, *SERVICE_MODULES)}
    assert len(OF_SERVICES) == len(files)
    assert len(BY_CODE) == len(ALL)


@pytest.mark.parametrize("registered", ALL, ids=CODES)
def test_a_check_is_explained_in_three_parts_and_has_a_runbook(registered):
    for part in ("What it is:", "Why it matters:", "What to do:"):
        assert f"\n\n{part} " in registered.explanation
    runbook = (ROOT / "runbooks" / f"{registered.check.code}.md").read_text()
    assert runbook.startswith(f"# {registered.check.code}: {registered.check.title}\n")
    assert "Repair it" in runbook
    assert registered.judge.__doc__


def test_every_runbook_belongs_to_a_check():
    found = {path.stem for path in (ROOT / "runbooks").glob("*.md") if re.fullmatch(r"[A-Z]+\d{3}", path.stem)}
    assert found == set(CODES)


def test_a_healthy_start_yields_nothing():
    assert judge(HEALTHY) == ()


def test_each_check_has_a_case_where_it_fires_and_one_where_it_stays_quiet():
    assert {code for code, *_ in (*SICK, *SICK_SERVICES)} == OF_SERVICES
    assert {code for code, *_ in (*QUIET, *QUIET_SERVICES)} == OF_SERVICES


def test_a_healthy_service_yields_nothing():
    assert judge_service(HEALTHY_SERVICE, host(HEALTHY_SERVICE)) == ()


def test_what_the_next_start_would_meet_comes_before_what_the_last_one_did():
    codes = [finding.code for finding in judge_service(*seen(replace(down(), start=failing("missing"))))]
    assert codes == ["IMPORT101", "UNIT203"]


@pytest.mark.parametrize("source", ["systemd", "journal", "process", "redis", "keys", "unit files", "source"])
def test_a_check_whose_source_is_missing_is_skipped(source):
    missing = Missing(source, "permission denied", "sudo qtops doctor app")
    for facts in (facts for _, facts, _ in SICK_SERVICES):
        found = judge_service(*seen(replace(facts, missing=(missing,))))
        assert not [finding.code for finding in found if source in BY_CODE[finding.code].check.needs]


def test_a_source_of_the_whole_host_counts_for_each_service():
    facts = host(down(), missing=(Missing("systemd", "no D-Bus"),))
    assert judge_service(facts.services[0], facts) == ()


def test_roles():
    causes = {"IMPORT101", "UNIT113", "UNIT204", "UNIT205", "UNIT208", "UNIT209", "UNIT211", "LOG201", "LOG203", "REDIS201"}
    symptoms = {"UNIT201", "UNIT202", "UNIT203", "UNIT217", "UNIT219", "KEYS201"}
    notes = {"UNIT110", "UNIT112", "UNIT114", "ENV101", "ENV102", "ENV103", "IMPORT102", "UNIT216", "CODE201", "LOG202"}
    assert {code for code, role in ROLES.items() if role == "symptom"} & OF_SERVICES == symptoms
    assert {code for code, role in ROLES.items() if role == "note"} & OF_SERVICES == notes
    assert {ROLES[code] for code in causes} == {"cause"}


def seen(facts: ServiceFacts) -> tuple[ServiceFacts, Facts]:
    return facts, host(facts)
