"""A claim cites the records of what it is about, or nothing."""

import pytest

from qtops.evidence.citing import Citing
from qtops.evidence.numbering import recorded
from qtops.evidence.splitting import split
from qtops.facts.service import Missing
from tests.bundle.looks import facts, service
from tests.evidence.cases import case, founding_case

SERVICE = "quantum-risk-proposal.service"
RECORDS = recorded(split(founding_case()))
NAMES = {record.id: record.name for record in RECORDS}
CITING = Citing(RECORDS)


def names(cites, known=NAMES):
    return [known[cited] for cited in cites]


@pytest.mark.parametrize("look", ["before", "after", "now"])
@pytest.mark.parametrize("source", ["unit", "start", "journal", "changed", "redis", "keys", "proposals", "events"])
def test_a_source_of_a_service_is_one_record(look, source):
    assert names(CITING.of(look, SERVICE, source)) == [f"{look}/{SERVICE}/{source}"]


@pytest.mark.parametrize("source", ["host", "settings"])
def test_what_is_of_the_host_is_found_with_a_service_and_without(source):
    assert names(CITING.of("after", SERVICE, source)) == names(CITING.of("after", "", source)) == [f"after/{source}"]


@pytest.mark.parametrize("name", ["case", "recovery", "plan", "ledger", "patch", "settling", "failed/now"])
def test_the_rest_is_found_by_name(name):
    assert names(CITING.named(name)) == [name]


def test_a_unit_file_is_found_by_its_path():
    assert names(CITING.unit_file(f"/etc/systemd/system/{SERVICE}")) == [f"unit-files/etc-systemd-system-{SERVICE}"]


def test_what_is_not_there_cites_nothing():
    assert CITING.named("profit") == ()
    assert CITING.of("before", SERVICE, "process") == ()  # it had none
    assert CITING.of("after", "other.service", "unit") == ()
    assert CITING.of("yesterday", SERVICE, "unit") == ()
    assert CITING.unit_file("/etc/passwd") == ()


@pytest.mark.parametrize(
    ("missing", "source"),
    [
        ("journal", "journal"),
        ("systemd", "unit"),
        ("source", "start"),
        ("unit files", "start"),
        ("redis", "keys"),
        ("keys", "keys"),
    ],
)
def test_where_a_source_could_not_be_read_the_record_that_says_so_is_cited(missing, source):
    looked = service(unit=None, journal=None, start=None, redis=None, missing=(Missing(missing, "x"),))
    records = recorded(split(case(after=facts(looked))))
    known = {record.id: record.name for record in records}
    assert names(Citing(records).of("after", "app.service", source), known) == [f"after/app.service/missing/1/{missing}"]


def test_what_is_missing_of_the_whole_host_is_missing_of_each_service():
    records = recorded(split(case(after=facts(service(unit=None), missing=(Missing("systemd", "no D-Bus"),)))))
    known = {record.id: record.name for record in records}
    assert names(Citing(records).of("after", "app.service", "unit"), known) == ["after/missing/1/systemd"]


def test_two_services_do_not_cite_each_others_records():
    records = recorded(split(case(after=facts(service(), service(subject="b.service")))))
    known = {record.id: record.name for record in records}
    assert names(Citing(records).of("after", "b.service", "unit"), known) == ["after/b.service/unit"]
