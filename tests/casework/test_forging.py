"""Forged reports: who knows how a check works and hashes everything anew cannot make one say more than its evidence, either."""

import json
import time
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from qtops.bundle.writing import BundleError
from qtops.casework.checking import examine
from qtops.casework.writing import RENDERINGS, compose, put
from qtops.evidence.document import Criteria, Document, Row, Section, Table
from qtops.evidence.numbering import sha256
from qtops.evidence.records import Index
from qtops.findings import Verdict
from qtops.reports.examined import document as examined_document
from qtops.reports.written.templates import load
from tests.evidence.cases import founding_case

TEMPLATES = load(None)
REPORT = compose(founding_case(), TEMPLATES)
DOCUMENT = REPORT.document
OTHER = "9.9.0"


@pytest.fixture
def report(tmp_path):
    return put(REPORT, tmp_path / "report")


def index_of(report: Path) -> Index:
    return msgspec.json.decode((report / "evidence" / "index.json").read_bytes(), type=Index)


def put_index(report: Path, **changes) -> None:
    content = msgspec.json.encode(replace(index_of(report), **changes))
    (report / "evidence" / "index.json").write_bytes(msgspec.json.format(content, indent=2) + b"\n")


def hash_anew(report: Path, **changes) -> None:
    records = tuple(
        replace(record, sha256=sha256(content), size=len(content))
        for record in index_of(report).records
        for content in [(report / "evidence" / record.file).read_bytes()]
    )
    put_index(report, records=records, reports={name: sha256((report / name).read_bytes()) for name in RENDERINGS})
    put_index(report, **changes)


def state(report: Path, document: Document, **changes) -> None:
    """Write another document in all its forms, with all hashes and the version that go with it."""
    for name, render in RENDERINGS.items():
        (report / name).write_text(render(document, TEMPLATES), "utf-8")
    hash_anew(report, version=document.version, **changes)


def edit(report: Path, name: str, old: str, new: str, **changes) -> None:
    text = (report / name).read_bytes().decode()
    assert old in text
    (report / name).write_bytes(text.replace(old, new, 1).encode())
    hash_anew(report, **changes)


def kinds(report: Path) -> set[tuple[str, Verdict]]:
    return {(one.kind, one.verdict) for one in examine(report, TEMPLATES).objections}


@pytest.mark.parametrize(
    "forged",
    [
        replace(DOCUMENT, summary=DOCUMENT.summary[::-1]),
        replace(DOCUMENT, records=DOCUMENT.records[::-1]),
        replace(DOCUMENT, records=DOCUMENT.records[:-1]),
        replace(DOCUMENT, records=(replace(DOCUMENT.records[0], asked="all is well", exit=0), *DOCUMENT.records)),
        replace(DOCUMENT, status="RECOVERE\u216e"),
        replace(DOCUMENT, status=f"{DOCUMENT.status} "),
        replace(DOCUMENT, made_at_s=1e300),
    ],
    ids=["summary", "order of records", "a record less", "a record twice", "look-alike", "blank", "no time"],
)
def test_a_document_that_says_it_otherwise_in_all_its_forms_is_found(report, forged):
    state(report, forged)
    checked = examine(report, TEMPLATES)
    assert checked.verdict is Verdict.CRITICAL
    assert json.loads(examined_document.render(checked, "here", 0.0))["exit_code"] == 2


def test_a_record_that_is_left_out_cannot_hide_behind_a_file_of_its_name(report):
    state(report, replace(DOCUMENT, records=DOCUMENT.records[:-1]))
    (report / "evidence" / DOCUMENT.records[-1].id).write_text("nothing")
    assert {("extra", Verdict.WARNING), ("extra", Verdict.CRITICAL)} <= kinds(report)


def test_records_listed_otherwise_in_the_index_are_found(report):
    put_index(report, records=index_of(report).records[::-1])
    assert kinds(report) == {("altered", Verdict.CRITICAL)}


def test_what_no_index_says_is_found(report):
    path = report / "evidence" / "index.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"verdict": "OPERATIONAL"}))
    [objection] = examine(report, TEMPLATES).objections
    assert (objection.kind, objection.where) == ("altered", "index")
    assert "verdict" in objection.text
    put_index(report, version=OTHER)  # a later one may say more
    path.write_text(json.dumps(json.loads(path.read_text()) | {"more": 1}))
    assert "index" not in {one.where for one in examine(report, TEMPLATES).objections if one.kind == "altered"}


@pytest.mark.parametrize("name", ["report.json", "evidence/index.json"])
def test_a_name_given_twice_makes_no_report(report, name):
    """Who reads it from the top and who takes the last would see different things."""
    path = report / name
    path.write_text(path.read_text().replace('"subject":', '"subject": "other.service", "subject":', 1))
    with pytest.raises(BundleError, match="'subject' twice"):
        examine(report, TEMPLATES)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# ", "\ufeff# "),
        ("\n", "\r\n"),
        ("\n", " \n"),
        ("\n", "\x85\n"),
        ("## Evidence", "<!-- COMPLETE -->\n\n## Evidence"),
        ("[e01]: ", "[complete]: https://example.org\n[e01]: "),
        ("\n[e01]: ", "\n\n[e01]: "),
    ],
)
def test_nothing_in_the_text_is_too_small_to_be_found(report, old, new):
    edit(report, "report.md", old, new)
    assert kinds(report) == {("wording", Verdict.CRITICAL)}


def test_elements_that_nobody_sees_are_found_in_the_page(report):
    edit(report, "report.html", "</main>", '<p style="display:none">OPERATIONAL</p></main>')
    assert kinds(report) == {("wording", Verdict.CRITICAL)}


# Another version, other templates: nobody can tell everything, but verdicts can be told


def test_another_version_never_does_better_than_could_not_tell(report):
    state(report, replace(DOCUMENT, version=OTHER))
    assert kinds(report) == {("version", Verdict.UNKNOWN)}


def test_another_version_in_one_of_both_places_is_found(report):
    put_index(report, version=OTHER)
    assert ("version", Verdict.CRITICAL) in kinds(report)


@pytest.mark.parametrize(
    "changes",
    [{"status": "COMPLETE"}, {"tone": "bad"}, {"exit_code": 1}, {"sections": ()}],
    ids=["status", "tone", "exit", "sections"],
)
def test_verdicts_follow_in_every_version(report, changes):
    state(report, replace(DOCUMENT, version=OTHER, **changes))
    expected = Verdict.UNKNOWN if "sections" in changes else Verdict.CRITICAL  # it may have had other criteria
    assert examine(report, TEMPLATES).verdict is expected


def test_a_criterion_follows_in_every_version(report):
    sections = tuple(
        replace(
            section,
            blocks=tuple(
                Criteria(tuple(replace(one, holds="no") for one in block.criteria)) if isinstance(block, Criteria) else block
                for block in section.blocks
            ),
        )
        for section in DOCUMENT.sections
    )
    state(report, replace(DOCUMENT, version=OTHER, sections=sections))
    assert ("verdict", Verdict.CRITICAL) in kinds(report)


@pytest.mark.parametrize("escape", [{"version": OTHER}, {"templates": {"report.md.j2": "0" * 64}}], ids=["version", "templates"])
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("report.md", "**✔ RECOVERED**", "**✔ COMPLETE AND OPERATIONAL**"),
        ("report.md", "## Evidence", "- [x] ✔ yes: it is profitable\n\n## Evidence"),
        ("report.html", ">✔ RECOVERED<", ">✔ COMPLETE<"),
        ("report.html", "</main>", '<ul><li><span class="mark">✔ yes</span> profitable</li></ul></main>'),
    ],
)
def test_neither_lets_a_rendering_give_another_verdict(report, escape, name, old, new):
    if "version" in escape:
        state(report, replace(DOCUMENT, version=OTHER))
    edit(report, name, old, new, **escape)
    assert ("verdict", Verdict.CRITICAL) in kinds(report)


@pytest.mark.parametrize("name", RENDERINGS)
def test_a_text_that_is_not_as_it_was_written_is_found_in_every_version(report, name):
    state(report, replace(DOCUMENT, version=OTHER))
    with (report / name).open("a") as file:
        file.write(" ")
    assert ("altered", Verdict.CRITICAL) in kinds(report)


def test_a_text_is_looked_at_although_a_record_cannot_be(report):
    next((report / "evidence").glob("*-after-keys.json")).unlink()
    edit_alone = (report / "report.md").read_text().replace("**✔ RECOVERED**", "**✔ COMPLETE**")
    (report / "report.md").write_text(edit_alone)
    assert kinds(report) == {(kind, Verdict.CRITICAL) for kind in ("missing", "altered", "verdict")}


def test_a_document_that_the_evidence_does_not_lead_to_is_not_drawn(report):
    """A table that is small in JSON, and a billion cells laid out."""
    table = Table(("x",) * 100_000, (Row((), ()),) * 10_000)
    forged = replace(DOCUMENT, sections=(Section("Keys", (table,)),))
    (report / "report.json").write_bytes(msgspec.json.encode(forged))
    began = time.perf_counter()
    assert examine(report, TEMPLATES).verdict is Verdict.CRITICAL
    assert time.perf_counter() - began < 5


def test_records_of_a_later_version_that_cannot_be_read_cannot_be_told(report):
    record = next(one for one in DOCUMENT.records if one.name == "settling")
    path = report / "evidence" / record.file
    path.write_text(json.dumps(json.loads(path.read_text()) | {"since": 1}))
    state(report, replace(DOCUMENT, version=OTHER))
    assert kinds(report) == {("version", Verdict.UNKNOWN)}
    state(report, DOCUMENT)
    assert ("altered", Verdict.CRITICAL) in kinds(report)


def test_a_file_that_is_none_of_a_report_is_not_checked_in_its_place(report):
    (report / "summary.md").write_text("# COMPLETE\n")
    with pytest.raises(BundleError, match="none of the files of a report"):
        examine(report / "summary.md", TEMPLATES)
