"""The recorded incident is a real one, and its report and its picture are what the present code makes of it: they cannot rot."""

from xml.etree import ElementTree

import pytest

from qtops.casework.checking import examine
from qtops.chapters.ledger import recorded
from qtops.evidence.records import FOLDER, INDEX
from qtops.findings import Verdict
from qtops.proof.moments import moments
from qtops.reports.written.templates import load
from tests.incident.act import Played
from tests.incident.cutting import kept
from tests.incident.recording import FOUNDING, PICTURE, recorded_case, recorded_story, rendered

ANEW = "the code has changed since: python -m tests.incident --render"
ACTS = recorded_story().acts


def test_report_and_picture_are_what_this_code_makes_of_the_evidence():
    report, texts = rendered()
    assert {name for name, text in texts.items() if (FOUNDING / name).read_text("utf-8") != text} == set(), ANEW
    evidence = {path.name: path.read_bytes() for path in (FOUNDING / FOLDER).iterdir() if path.name != INDEX}
    assert evidence == dict(report.contents), ANEW


def test_the_report_says_what_its_evidence_says():
    found = examine(FOUNDING, load(None))
    assert (found.verdict, found.objections) == (Verdict.OK, ()), ANEW


def test_it_failed_five_times_was_overlooked_for_a_while_and_was_recovered():
    case = recorded_case()
    assert case.before is not None
    service = case.before.services[0]
    assert service.unit is not None
    assert (service.unit.active_state, service.unit.n_restarts, service.unit.restart_s) == ("failed", 5, 10.0)
    at = {one.name: one.at_s for one in moments(service, None, recorded(case.entries))}
    assert at["noticed"] - at["failed"] > 60
    assert at["verified"] - at["noticed"] < 20
    assert case.made_at_s - at["verified"] > 10


def test_the_whole_show_went_as_promised():
    assert recorded_story().is_as_promised


@pytest.mark.parametrize("played", ACTS, ids=[played.act.command for played in ACTS])
def test_everything_that_an_act_is_to_show_was_there(played: Played):
    assert {pattern for pattern in played.act.keep if not kept(played.output, [pattern])} == set()


def test_the_picture_is_whole_and_fetches_nothing():
    text = (FOUNDING / PICTURE).read_text("utf-8")
    assert ElementTree.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"
    assert text.count("http") == 1  # the name of the form
    assert "url(" not in text.replace("url(#", "")


def test_nothing_of_the_machine_that_recorded_it_is_in_it():
    text = b"".join(path.read_bytes() for path in FOUNDING.rglob("*") if path.is_file())
    assert str(FOUNDING.parents[2]).encode() not in text
