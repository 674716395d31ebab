"""What people are told of a report that was written, and of one that was checked."""

import json
from io import StringIO

from rich.console import Console

from qtops.casework.writing import compose
from qtops.evidence.examined import Examined
from qtops.evidence.objections import Objection
from qtops.findings import Verdict
from qtops.reports.examined import document, human
from qtops.reports.written.templates import load
from tests.evidence.cases import founding_case


def examined(*objections: Objection) -> Examined:
    return Examined(
        path="/srv/report", host="box", subject="a.service", status="RECOVERED", version="0.1.0", made_at_s=0.0, records=2,
        claims=9, unbacked=1, objections=objections,
    )  # fmt: skip


def told(renderable) -> str:
    page = StringIO()
    Console(width=100, color_system=None, file=page).print(renderable)
    return page.getvalue()


def test_what_was_written_is_summed_up_with_its_criteria_and_where_it_lies():
    shown = told(human.written(compose(founding_case(), load(None)).document, "/srv/report"))
    assert shown.startswith("RECOVERED Incident: quantum-risk-proposal.service (IMPORT101)")
    assert shown.count("✔") == 9
    assert "claims without evidence" in shown
    assert "qtops report check /srv/report" in shown
    assert "`" not in shown


def test_a_report_without_objections_says_what_its_evidence_says():
    shown = told(human.examined(examined()))
    assert shown.startswith("SAYS WHAT ITS EVIDENCE SAYS /srv/report")
    assert "2 records, 9 claims, 1 of which say that no evidence backs them" in shown


def test_each_objection_is_told_once_with_its_place_and_hostile_text_stays_text():
    shown = told(
        human.examined(
            examined(
                Objection("altered", "report.md", "report.md: is not as it was written"),
                Objection("verdict", "status", "the report says \x1b[31mCOMPLETE, the evidence OPEN"),
            )
        )
    )
    assert shown.startswith("DOES NOT SAY WHAT ITS EVIDENCE SAYS")
    assert "ALTERED report.md: is not as it was written" in shown
    assert "VERDICT status: the report says \\x1b[31mCOMPLETE, the evidence OPEN" in shown


def test_what_nobody_can_tell_is_neither():
    shown = told(human.examined(examined(Objection("version", "", "written by qtops 9", Verdict.UNKNOWN))))
    assert shown.startswith("COULD NOT TELL")
    value = json.loads(document.render(examined(Objection("version", "", "written by qtops 9", Verdict.UNKNOWN)), "here", 1.0))
    assert (value["verdict"], value["exit_code"], value["schema"]) == ("unknown", 3, "qtops.report.check/1")
