"""Verdicts that a rendering gives, in whatever templates: those of its document, or others."""

import time

import pytest
from msgspec.structs import replace

from qtops.evidence.document import Criteria, Criterion, Section, Verbatim
from qtops.reports.written import markdown, page
from qtops.reports.written.signs import contradictions
from qtops.reports.written.templates import load
from tests.reports.written.documents import document

TEMPLATES = load(None)
HOLDS = Criterion(title="fresh", holds="yes", seen="2 s", evidence=())
DOUBTFUL = replace(HOLDS, title="watched", holds="could not tell")
WRITTEN = replace(document(), status="RECOVERED, FINDINGS REMAIN", sections=(Section("Criteria", (Criteria((HOLDS, DOUBTFUL)),)),))


def found(text, of=WRITTEN):
    return [*contradictions(text, of)]


@pytest.mark.parametrize("form", [markdown, page])
def test_what_the_document_makes_of_itself_contradicts_nothing(form):
    assert found(form.render(WRITTEN, TEMPLATES)) == []


@pytest.mark.parametrize("form", [markdown, page])
def test_what_another_document_makes_of_itself_does(form):
    other = replace(
        WRITTEN, status="RECOVERED", sections=(Section("Criteria", (Criteria((HOLDS, replace(DOUBTFUL, holds="yes"))),)),)
    )
    status, ticks = found(form.render(other, TEMPLATES))
    assert "RECOVERED" in status
    assert ticks == "ticks 2 boxes, and its document 1"


@pytest.mark.parametrize(
    "text",
    [
        "- Status: **recovered, findings remain**\n",
        "- Status: **! RECOVERED, FINDINGS REMAIN**\n",
        '<p class="badge mine"><b>RECOVERED,</b> FINDINGS REMAIN</p>',
        "- [x] read by somebody\n",
        "It says nothing of it.\n",
    ],
)
def test_templates_may_lay_it_out_as_they_like(text):
    assert found(text) == []


@pytest.mark.parametrize(
    "status", ["COMPLETE", "RECOVERED", "RECOVERED, FINDINGS REMAIN AND OPERATIONAL", "RECOVERED, FINDINGS REMA\u0456N"]
)
def test_another_status_is_another_however_alike(status):
    assert found(f"- Status: **{status}**\n") == [f"gives the status {status}"]


def test_what_is_quoted_is_no_verdict():
    lines = "- Status: **COMPLETE**\n- [x] ✔ yes: all\n- [x] ✔ yes: of it"
    quoting = replace(WRITTEN, sections=(Section("Journal", (Verbatim(lines, ()),)),))
    assert found(markdown.render(quoting, TEMPLATES), quoting) == []


@pytest.mark.parametrize(
    "part", ['<p class="badge ', '<p class="badge x">', '<p class="badge x">' + "a" * 400, "- Status: **", " ", "- [x] "]
)
def test_no_text_takes_long(part):
    began = time.perf_counter()
    found(part * (4_000_000 // len(part)))
    assert time.perf_counter() - began < 3
