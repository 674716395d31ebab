"""The forms of a report on events: each valid, each with the timeline, and nothing hostile in any of them."""

import json
import re
from io import StringIO
from xml.etree import ElementTree as ET

import msgspec
import pytest
from markdown_it import MarkdownIt
from msgspec.structs import replace
from rich.console import Console

from qtops.facts.events import GuardReading, Statement
from qtops.findings import Verdict
from qtops.reports.checked import junit, nagios, prometheus
from qtops.reports.events import document, human, markdown
from qtops.reports.events.report import build
from qtops.settings import Settings
from tests.checks.events.events import FOUNDING_S, NOW_S, activated, facts, pair, stated, without_events

HOSTILE = "]]><script>'\"&|\x1b[31m[red]\n`${x}`\u202e,=;\udcff\x00"
UNPRINTABLE = re.compile(r"[^\n -\U0010ffff]|[\x7f-\x9f\u200b-\u200f\u202a-\u202e\ud800-\udfff]")
RENDERERS = (document.render, prometheus.render, nagios.render, junit.render, markdown.render)
FOUNDING = facts(*pair(FOUNDING_S - 86_400), *pair(FOUNDING_S), groups=(), statements=stated("0.0"))


def report(found=FOUNDING, **more):
    return build(found, Settings(), "risk-1", **more)


def hostile():
    sick = dict.fromkeys(("event", "guard_type", "reason", "duration_sec", "timestamp"), HOSTILE)
    found = facts(
        activated(**sick), guards=(GuardReading(HOSTILE, HOSTILE, None, detail=HOSTILE),), missing=(HOSTILE,),
        statements=(Statement(HOSTILE, "drawdown", HOSTILE), Statement(HOSTILE, "equity", HOSTILE)),
    )  # fmt: skip
    return report(replace(found, stream=replace(found.stream, name=HOSTILE)))


def printed(found, *, verbose=False):
    console = Console(width=160, file=StringIO())
    console.print(human.render(found, verbose))
    return console.file.getvalue()


def test_people_see_incidents_with_age_and_how_long_a_guard_holds():
    text = printed(report())
    assert "2026-02-17 20:46:58" in text
    assert "activated + requested" in text
    assert "3 h 11 min ago" in text
    assert "active until 2026-02-18 00:46:58 UTC" in text
    assert "EMERGENCY_FLATTEN in force: 3 subjects" in text


def test_since_shortens_what_is_shown_and_not_what_is_judged():
    whole, short = report(), report(since_s=60.0)
    assert (len(short.rows), short.earlier, short.judged) == (0, 2, whole.judged)
    assert "2 earlier incidents are not shown" in printed(short)


def test_a_stream_that_was_never_written_is_ok():
    found = report(without_events())
    assert (found.verdict, found.subjects[0].line) == (Verdict.OK, "not there: no event was ever written")


def test_a_stream_that_cannot_be_read_is_could_not_tell():
    found = report(without_events(present=None, trouble="no_permission", detail="NOPERM"))
    assert (found.verdict, found.missing) == (Verdict.UNKNOWN, ("quantum:stream:risk.events: no_permission: NOPERM",))


def test_json_is_valid_by_its_type_and_holds_no_nan():
    for found in (report(), hostile(), report(without_events())):
        text = document.render(found)
        json.loads(text, parse_constant=pytest.fail)
        assert len(msgspec.json.decode(text, type=document.Document).timeline) == len(found.rows)


def test_json_has_times_in_both_forms():
    row = json.loads(document.render(report()))["timeline"][-1]
    assert (row["time"], row["time_s"], row["until_s"]) == ("2026-02-17T20:46:58.867500+00:00", FOUNDING_S, FOUNDING_S + 14_400)
    assert row["age_s"] == pytest.approx(NOW_S - FOUNDING_S)


def test_every_form_names_the_guard():
    assert nagios.render(report()).startswith("CRITICAL: EMERGENCY_FLATTEN in force; 3 subjects: ")
    assert "EVENT101" in junit.render(report())
    assert 'code="EVENT101"' in prometheus.render(report())
    assert "EVENT101 (critical) `EMERGENCY_FLATTEN`" in markdown.render(report())


def test_markdown_is_a_table_that_no_text_changes():
    html = MarkdownIt("commonmark").enable("table").render(markdown.render(hostile()))
    assert "<script>" not in html
    assert html.count("<table>") == 1
    assert html.count("<tr>") == 2
    assert "<a " not in html


def test_nothing_hostile_gets_through():
    for text in (*(render(hostile()) for render in RENDERERS), printed(hostile(), verbose=True)):
        assert not UNPRINTABLE.search(text)
    ET.fromstring(junit.render(hostile()))
