"""Cases from files: which look each bundle is, whose they are, and what is none."""

import gzip
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from qtops import bundle
from qtops.bundle.evidence import write_evidence
from qtops.bundle.writing import BundleError
from qtops.casework.recorded import from_bundles, from_evidence, read_case
from qtops.errors import Exit, UsageError
from qtops.evidence.numbering import recorded
from qtops.evidence.records import FOLDER, Index
from qtops.evidence.splitting import split
from qtops.facts.service import Facts
from qtops.settings import Phase, Service, Settings
from tests.evidence.cases import founding_case

SEED = Path(__file__).parents[1] / "data" / "seed_evidence.json.gz"
SETTINGS = Settings()


@pytest.fixture
def saved(tmp_path):
    """A way to save a look under a name."""

    def save(name, facts):
        bundle.save(facts, tmp_path / name)
        return tmp_path / name

    return save


@pytest.fixture
def looks(saved):
    """Before, after and now, saved."""
    case = founding_case()
    return [saved(f"{name}.json.gz", getattr(case, name)) for name in ("before", "after", "now")]


def looked(case):
    return {name for name in ("before", "after", "now") if getattr(case, name) is not None}


def test_one_bundle_is_how_it_is_now_two_are_before_and_after_and_three_all(looks):
    before, after, now = looks
    assert looked(from_bundles([before], "incident", SETTINGS)) == {"now"}
    assert looked(from_bundles([before, after], "incident", SETTINGS)) == {"before", "after"}
    case = from_bundles([now, before, after], "incident", SETTINGS)  # in whatever order
    known = founding_case()
    assert [look.taken_at_s for look in (case.before, case.after, case.now)] == [
        look.taken_at_s for look in (known.before, known.after, known.now)
    ]
    assert (case.kind, case.host, case.subject) == ("incident", known.host, known.subject)
    assert case.made_at_s >= known.now.taken_at_s


def test_a_service_is_named_as_operators_do(looks):
    for name in ("risk-proposal", "quantum-risk-proposal", "quantum-risk-proposal.service"):
        assert from_bundles(looks[:1], "incident", SETTINGS, name).subject == "quantum-risk-proposal.service"


def test_bundles_of_two_hosts_are_none_of_one_incident(looks, saved):
    other = saved("other.json", replace(founding_case().after, host="elsewhere"))
    with pytest.raises(UsageError, match=r"is of host box, .*other\.json of elsewhere") as raised:
        from_bundles([looks[0], other], "incident", SETTINGS)
    assert raised.value.exit_code == Exit.USAGE


def test_of_several_services_one_has_to_be_named(saved):
    (service,) = founding_case().now.services
    both = saved("both.json", replace(founding_case().now, services=(service, replace(service, subject="market.service"))))
    with pytest.raises(UsageError, match=r"has several services \(quantum-risk-proposal\.service, market\.service\)"):
        from_bundles([both], "incident", SETTINGS)
    case = from_bundles([both], "incident", SETTINGS, "market")
    assert case.subject == "market.service"
    assert [service.subject for service in case.now.services] == ["market.service"]


def test_a_service_that_is_not_there_is_told_from_those_that_are(looks):
    with pytest.raises(UsageError, match=r"has no nothing\.service; it has quantum-risk-proposal\.service"):
        from_bundles(looks[:1], "incident", SETTINGS, "nothing")


def test_a_bundle_without_services_is_none_of_an_incident(saved):
    with pytest.raises(UsageError, match="holds no look at a service"):
        from_bundles([saved("keys.json", Facts(host="box", taken_at_s=1.0))], "incident", SETTINGS)


def test_more_bundles_than_looks_are_refused(looks):
    with pytest.raises(UsageError, match="4 bundles"):
        from_bundles([*looks, looks[0]], "incident", SETTINGS)
    with pytest.raises(UsageError, match="2 bundles"):
        from_bundles(looks[:2], "phase", SETTINGS, "3")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "No such file"),
        (b"", "no JSON"),
        (b"{}", "no bundle of qtops"),
        (b'{"schema": "qtops.bundle/9"}', "another version"),
        (gzip.compress(b"{}" * 100, mtime=0)[:-20], "truncated"),
    ],
)
def test_what_is_no_bundle_is_said_with_its_name(tmp_path, content, told):
    path = tmp_path / "some.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BundleError, match=told) as raised:
        read_case([path], "incident", SETTINGS)
    assert str(path) in str(raised.value)


def test_secrets_of_a_bundle_that_a_stranger_sent_are_taken_out(saved):
    (service,) = founding_case().now.services
    process = replace(service.process, command=("python", "--password=hunter2hunter2"))
    careless = replace(founding_case().now, services=(replace(service, process=process),))
    case = from_bundles([saved("careless.json", careless)], "incident", SETTINGS)
    assert case.now.services[0].process.command == ("python", "--password=***")
    assert b"hunter2" not in msgspec.json.encode(case)


def test_the_plan_of_phases_is_the_one_at_hand_not_the_one_of_then(saved):
    plan = (Phase(number=7, title="Another"),)
    case = from_bundles([SEED], "phase", Settings(phases=plan), "7")
    assert (case.kind, case.subject, case.now.settings.phases) == ("phase", "phase 7", plan)
    with pytest.raises(UsageError, match="no phase 3"):
        from_bundles([SEED], "phase", Settings(phases=plan), "3")
    with pytest.raises(UsageError, match="is no number of a phase"):
        from_bundles([SEED], "phase", SETTINGS, "three")


@pytest.fixture
def evidence(tmp_path):
    """A report's folder with the evidence of the founding incident in it."""
    case = founding_case()
    parts = split(case)
    records = recorded(parts)
    contents = {record.file: part.content for record, part in zip(records, parts, strict=True)}
    (tmp_path / "report").mkdir()
    index = Index(version="1", kind=case.kind, host=case.host, subject=case.subject, made_at_s=case.made_at_s, records=records)
    write_evidence(tmp_path / "report" / FOLDER, index, contents)
    return tmp_path / "report"


def test_the_evidence_of_a_report_is_the_case_it_was_written_from(evidence):
    assert from_evidence(evidence) == from_evidence(evidence / FOLDER) == founding_case()
    assert read_case([evidence], "incident", SETTINGS, "risk-proposal") == founding_case()


def test_it_is_about_what_is_asked_or_it_is_refused(evidence, looks):
    settings = Settings(services=(Service(name="market", unit="market.service"),))
    with pytest.raises(
        UsageError, match=r"is about the incident of quantum-risk-proposal\.service, not about the incident of market"
    ):
        read_case([evidence], "incident", settings, "market.service")
    with pytest.raises(UsageError, match="not about phase 3"):
        read_case([evidence], "phase", SETTINGS, "3")
    with pytest.raises(UsageError, match="name it alone"):
        read_case([evidence, looks[0]], "incident", SETTINGS)


def test_nothing_is_written_from_evidence_that_somebody_altered(evidence):
    record = next(
        path for path in (evidence / FOLDER).iterdir() if "journal" in path.name and b"ModuleNotFound" in path.read_bytes()
    )
    record.write_bytes(record.read_bytes().replace(b"ModuleNotFoundError", b"MemoryError"))
    with pytest.raises(BundleError, match="altered evidence"):
        from_evidence(evidence)


def test_a_folder_without_evidence_is_none(tmp_path):
    with pytest.raises(BundleError):
        from_evidence(tmp_path)
