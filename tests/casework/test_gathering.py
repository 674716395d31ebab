"""The case of an incident on a host whose systemd nobody can ask: the ledger is told all the same, and what is lacking is said."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from qtops.actions.ledger_opening import open_ledger
from qtops.casework.gathering import gather_incident
from qtops.casework.redacting import redacted
from qtops.collectors.redact import Redactor
from qtops.errors import Exit, UsageError
from qtops.evidence.case import Entry
from qtops.facts.service import Facts
from qtops.facts.wiring import NameState, WiringFacts
from qtops.settings import Settings
from tests.casework.records import here, lay

SERVICE = "quantum-risk-proposal.service"


def quiet(*_):
    return None


@pytest.fixture
def settings(tmp_path, redis_url):
    """A host with nothing on record."""
    found = Settings(state=str(tmp_path / "state"))
    return replace(found, redis=replace(found.redis, url=redis_url))


@pytest.fixture
def state(tmp_path, settings):
    """One recovery on record."""
    return lay(tmp_path / "state", here())


def test_nothing_on_record_and_nothing_named_says_what_to_name(settings):
    with pytest.raises(UsageError, match="name the service") as raised:
        gather_incident(None, settings, quiet)
    assert raised.value.exit_code == Exit.USAGE


def test_a_service_without_any_recovery_has_a_case_that_says_so(settings):
    case = gather_incident("risk-proposal", settings, quiet)
    assert (case.kind, case.subject, case.recovery, case.entries) == ("incident", SERVICE, None, ())
    assert case.now.services[0].subject == SERVICE
    assert any("no recovery was ever begun" in told for told in case.lacking)
    assert case.made_at_s >= case.now.taken_at_s


def test_the_newest_recovery_on_record_is_the_one_that_is_meant(settings, state):
    case, known = gather_incident(None, settings, quiet), here()
    assert (case.subject, case.recovery.id, case.plan) == (SERVICE, known.plan.id, known.plan)
    assert (case.before, case.after, case.settling, case.patch) == (known.before, known.after, known.settling, known.patch)
    assert case.entries[0] == Entry("noticed", known.entries[0].at_s)
    assert case.recoveries == ()
    assert [told for told in case.lacking if "failed" not in told] == []


def test_an_older_one_is_reported_on_by_its_id_and_the_newer_ones_are_told_besides(settings, state, tmp_path):
    later = replace(here(), plan=replace(here().plan, id="20261124T000000Z-quantum-risk-proposal-0000"))
    lay(tmp_path / "state", later)
    assert gather_incident(None, settings, quiet).recovery.id == later.plan.id
    case = gather_incident("risk-proposal", settings, quiet, recovery=here().plan.id)
    assert case.recovery.id == here().plan.id
    assert [record.id for record in case.recoveries] == [later.plan.id]


def test_an_attempt_that_was_refused_for_having_been_made_belongs_to_the_incident_of_the_first(settings, state):
    again = replace(here().plan, id="20261124T000000Z-quantum-risk-proposal-0001")
    with open_ledger(state) as ledger:
        ledger.refuse(again, "root", "the same was undone")
    for name in (None, "risk-proposal"):
        case = gather_incident(name, settings, quiet)
        assert case.recovery.id == here().plan.id
        assert [(record.id, record.state) for record in case.recoveries] == [(again.id, "refused")]
    assert gather_incident(None, settings, quiet, recovery=again.id).recovery.id == again.id
    other = replace(again, id="20261124T000000Z-quantum-risk-proposal-0002", fingerprint="another")
    with open_ledger(state) as ledger:
        ledger.refuse(other, "root", "no way back")
    assert gather_incident(None, settings, quiet).recovery.id == other.id


def test_one_that_is_not_on_record_is_told_from_those_that_are(settings, state):
    for name in (None, "risk-proposal"):
        with pytest.raises(UsageError, match=rf"no recovery nope.* there are: {here().plan.id}"):
            gather_incident(name, settings, quiet, recovery="nope")
    with pytest.raises(UsageError, match=r"no recovery .* of redis\.service is on record; there are: none"):
        gather_incident("redis", settings, quiet, recovery=here().plan.id)


def test_a_ledger_that_cannot_be_read_is_no_error_where_the_service_is_named(settings, state):
    Path(state.ledger).write_bytes(b"no database" * 1000)
    case = gather_incident("risk-proposal", settings, quiet)
    assert case.recovery is None
    assert any("damaged" in told for told in case.lacking)
    with pytest.raises(UsageError, match="damaged"):
        gather_incident(None, settings, quiet)
    with pytest.raises(UsageError, match="cannot be looked up"):
        gather_incident("risk-proposal", settings, quiet, recovery="any")


def test_where_systemd_cannot_be_asked_nobody_knows_what_is_failed(settings, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr("qtops.collectors.systemd.connection.PRIVATE", "/nonexistent")
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent")
    case = gather_incident("risk-proposal", settings, quiet)
    assert case.failed is None
    assert any("failed" in told for told in case.lacking)


def test_what_has_been_recorded_is_redacted_once_more(settings, tmp_path):
    known = here()
    careless = replace(known, patch=known.patch + "+API_TOKEN = 'hunter2hunter2'\n")
    state = lay(tmp_path / "state", careless)
    with open_ledger(state) as ledger:
        ledger.note(known.plan.id, "undo failed", detail={"why": "password=hunter2hunter2 was wrong"})
        ledger.note(known.plan.id, "verified")
    case = gather_incident(None, settings, quiet)
    assert "API_TOKEN = '***'" in case.patch
    assert "password=*** was wrong" in str(case.entries)
    assert case.recovery.id == known.plan.id


def test_looking_makes_nothing(settings, tmp_path):
    gather_incident("risk-proposal", settings, quiet)
    assert not (tmp_path / "state").exists()


def test_what_opens_redis_is_known_wherever_it_stands(tmp_path, settings):
    password = tmp_path / "password"
    password.write_text("Quite-Some-Words\n")
    known = here()
    lay(tmp_path / "state", replace(known, patch=known.patch + "+client = Redis('Quite-Some-Words', 'or-in-the-url')\n"))
    redis = replace(settings.redis, url="redis://:or-in-the-url@127.0.0.1:1/0", password_file=str(password))
    case = gather_incident(None, replace(settings, redis=redis), quiet)
    assert "+client = Redis('***', '***')" in case.patch


def test_a_name_of_a_map_stays_whatever_it_is_called():
    name = NameState(name="auth:token:refresh-9f8e7d6c")
    wiring = WiringFacts(taken_at_s=1.0, units=(), names=(name,), found=("password:reset",))
    case = replace(here(), now=Facts(host="x", taken_at_s=1.0, wiring=wiring))
    assert redacted(case, Redactor()).now.wiring == wiring
    assert redacted(replace(case, patch="password:reset-me-now"), Redactor()).patch == "password:***"
