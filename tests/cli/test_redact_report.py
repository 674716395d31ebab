"""A report is redacted by writing it anew: what was composed of altered evidence follows from it, and is checked as before."""

import pytest
from msgspec.structs import replace

from qtops.casework.writing import compose, put
from qtops.reports.written.templates import load
from tests.cli.running import qtops
from tests.evidence.cases import founding_case
from tests.redaction.corpus import HERE, vault

SECRET = dict(vault())["REDIS_PASSWORD"]


@pytest.fixture
def report(tmp_path):
    """A report whose evidence holds a password that nobody knew for one: it stands alone, in what the unit is said to be."""
    case = founding_case()
    (service,) = case.after.services
    told = replace(service, unit=replace(service.unit, description=f"Publisher ({SECRET})"))
    return put(compose(replace(case, after=replace(case.after, services=(told,))), load(None)), tmp_path / "report")


def _holding(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and "P@ss" in path.read_text())


@pytest.mark.slow
def test_a_report_is_written_anew_and_still_says_what_its_evidence_says(report, tmp_path):
    assert _holding(report)
    ran = qtops("redact", str(report), "--env", str(HERE / "vault.env"), "--to", str(tmp_path / "shared"))
    assert (ran.returncode, ran.stdout) == (0, "")
    assert ran.stderr.startswith("1 value hidden in its evidence; ")
    assert _holding(tmp_path / "shared") == []
    assert qtops("report", "check", str(tmp_path / "shared")).returncode == 0


def test_a_file_of_a_report_is_not_replaced(report):
    for file in (report / "report.md", report / "evidence" / "index.json"):
        ran = qtops("redact", str(file), "--to", str(file))
        assert ran.returncode == 64
        assert "redact the report as a whole, into a new folder" in ran.stderr


def test_a_report_needs_a_place_of_its_own(report):
    for arguments, why in (((), "name one with --to"), (("--to", str(report)), "is not empty")):
        ran = qtops("redact", str(report), *arguments)
        assert ran.returncode == 64
        assert why in ran.stderr
