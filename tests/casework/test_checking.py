"""A report is checked by writing it anew from its evidence: whatever was altered on the way is found, and named."""

import json
import os
import resource
import shutil
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from qtops.bundle.writing import BundleError
from qtops.casework.checking import examine
from qtops.casework.writing import compose, put, usual_folder
from qtops.errors import QtopsError, UsageError
from qtops.evidence.document import Criteria, Document
from qtops.evidence.numbering import sha256
from qtops.evidence.records import Index
from qtops.findings import Verdict
from qtops.reports.written.templates import load
from tests.evidence.cases import founding_case

TEMPLATES = load(None)
REPORT = compose(founding_case(), TEMPLATES)


@pytest.fixture
def report(tmp_path):
    return put(REPORT, tmp_path / "report")


def found(report: Path) -> list[tuple[str, str]]:
    return [(one.kind, one.where) for one in examine(report, TEMPLATES).objections]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def rehash(report: Path) -> None:
    """What somebody does who knows about the hashes: all of them are right again."""
    path = report / "evidence" / "index.json"
    index = msgspec.json.decode(path.read_bytes(), type=Index)
    records = tuple(
        replace(record, sha256=sha256(content), size=len(content))
        for record in index.records
        for content in [(report / "evidence" / record.file).read_bytes()]
    )
    reports = {name: sha256((report / name).read_bytes()) for name in index.reports}
    path.write_bytes(msgspec.json.encode(replace(index, records=records, reports=reports)))


def test_a_report_as_it_was_written_says_what_its_evidence_says(report):
    checked = examine(report, TEMPLATES)
    assert checked.objections == ()
    assert checked.verdict is Verdict.OK
    assert checked.status == "RECOVERED"
    assert checked.records == len(REPORT.index.records)
    assert checked.claims > 100
    assert {str(path) for path in (report / "report.md", report / "report.html", report)} == {
        examine(path, TEMPLATES).path for path in (report / "report.md", report / "report.html", report)
    }


def test_it_is_its_owners_alone_and_may_be_moved_anywhere(report, tmp_path):
    assert {path.stat().st_mode & 0o777 for path in [report, report / "evidence"]} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in report.rglob("*") if path.is_file()} == {0o600}
    shutil.move(report, tmp_path / "elsewhere")
    assert examine(tmp_path / "elsewhere", TEMPLATES).verdict is Verdict.OK


@pytest.mark.parametrize("record", REPORT.index.records, ids=lambda record: record.file.partition(".")[0])
def test_a_record_that_was_altered_is_named(report, record):
    path = report / "evidence" / record.file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    checked = examine(report, TEMPLATES)
    assert [(one.kind, one.where) for one in checked.objections] == [("altered", record.id)]
    assert checked.verdict is Verdict.CRITICAL


def test_a_line_written_in_by_hand_is_named(report):
    edit(report / "report.md", "✔ RECOVERED", "✔ COMPLETE AND OPERATIONAL")
    kinds = found(report)
    assert ("altered", "report.md") in kinds
    assert [where for kind, where in kinds if kind == "wording"] == ["report.md line 3"]


@pytest.mark.parametrize("name", ["report.md", "report.html"])
def test_hashing_it_anew_does_not_help(report, name):
    edit(report / name, "RECOVERED", "OPERATIONAL")
    rehash(report)
    checked = examine(report, TEMPLATES)
    assert {one.kind for one in checked.objections} == {"wording"}
    assert checked.verdict is Verdict.CRITICAL


def test_a_verdict_that_does_not_follow_is_found_though_every_hash_is_right(report):
    document = msgspec.json.decode((report / "report.json").read_bytes(), type=Document)
    (report / "report.json").write_bytes(msgspec.json.encode(replace(document, status="COMPLETE")))
    rehash(report)
    assert ("verdict", "status") in found(report)


@pytest.mark.parametrize("number", range(9))
def test_a_box_that_was_ticked_otherwise_is_found(report, number):
    document = msgspec.json.decode((report / "report.json").read_bytes(), type=Document)
    sections, title = with_answer(document, number)
    (report / "report.json").write_bytes(msgspec.json.encode(replace(document, sections=sections)))
    rehash(report)
    assert ("verdict", title) in found(report)


def with_answer(document, number):
    """The sections, with the other answer to one criterion; and which."""
    titles, sections = [], []
    for section in document.sections:
        blocks = []
        for block in section.blocks:
            if isinstance(block, Criteria):
                titles += [one.title for one in block.criteria]
                turned = [
                    replace(one, holds="no" if one.holds == "yes" else "yes") if titles.index(one.title) == number else one
                    for one in block.criteria
                ]
                block = Criteria(tuple(turned))  # noqa: PLW2901
            blocks.append(block)
        sections.append(replace(section, blocks=tuple(blocks)))
    assert len(titles) == 9
    return tuple(sections), titles[number][:100]


def test_evidence_that_was_altered_and_hashed_anew_leads_to_another_report(report):
    path = next((report / "evidence").glob("*-after-unit.json"))
    unit = json.loads(path.read_text())
    path.write_text(json.dumps(unit | {"active_state": "failed", "sub_state": "failed"}, indent=2))
    rehash(report)
    checked = examine(report, TEMPLATES)
    assert checked.verdict is Verdict.CRITICAL
    assert {one.kind for one in checked.objections} & {"verdict", "wording", "altered"}


def test_what_was_taken_away_is_missed(report):
    (report / "report.html").unlink()
    next((report / "evidence").glob("*-after-keys.json")).unlink()
    kinds = {kind for kind, _ in found(report)}
    assert "missing" in kinds
    assert examine(report, TEMPLATES).verdict is Verdict.CRITICAL


def test_other_templates_than_those_it_was_written_with_cannot_tell(report, tmp_path):
    own = tmp_path / "templates"
    own.mkdir(mode=0o700)
    (own / "report.md.j2").write_text("# {{ document.title }}\n")
    mine = put(compose(founding_case(), load(own)), tmp_path / "mine")
    assert examine(mine, load(own)).verdict is Verdict.OK
    assert (mine / "report.md").read_text().startswith("# Incident")
    checked = examine(mine, TEMPLATES)
    assert checked.verdict is Verdict.UNKNOWN
    assert all("--templates" in one.text for one in checked.objections)
    assert examine(report, load(own)).verdict is Verdict.OK  # those that are shipped are always at hand


def test_a_document_that_lies_alone_is_no_report(tmp_path):
    (tmp_path / "report.md").write_text("# COMPLETE\n")
    with pytest.raises(BundleError, match="no evidence lies beside it"):
        examine(tmp_path / "report.md", TEMPLATES)
    with pytest.raises(BundleError, match="cannot be read: No such file"):
        examine(tmp_path / "absent", TEMPLATES)


def test_files_that_are_none_are_refused(report, tmp_path):
    (report / "report.json").unlink()
    with pytest.raises(BundleError, match="cannot be compared"):
        examine(report, TEMPLATES)
    os.mkfifo(report / "report.json")
    with pytest.raises(BundleError, match="no regular file"):
        examine(report, TEMPLATES)
    (report / "report.json").unlink()
    (report / "report.json").write_text("[" * 100_000)
    with pytest.raises(BundleError):
        examine(report, TEMPLATES)


def test_a_report_is_only_written_where_nothing_is(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "x").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        put(REPORT, tmp_path / "there")
    with pytest.raises(UsageError, match="no folder"):
        put(REPORT, tmp_path / "there" / "x")


def test_what_could_not_be_written_whole_leaves_the_place_free(tmp_path):
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, most))  # as on a full disk
    try:
        with pytest.raises(QtopsError, match="cannot be written"):
            put(REPORT, tmp_path / "report")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    assert not (tmp_path / "report").exists()
    assert put(REPORT, tmp_path / "report") == tmp_path / "report"


def test_two_reports_within_one_second_lie_in_two_folders(tmp_path):
    state = str(tmp_path / "state")
    first = put(REPORT, usual_folder(founding_case(), state))
    second = put(REPORT, usual_folder(founding_case(), state))
    assert first.name == "incident_quantum-risk-proposal_20261123_125615"
    assert first != second
    assert first.parent == second.parent == tmp_path / "state" / "reports"
