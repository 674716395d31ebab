"""What people are told: all of it on a phone, nothing of it dangerous, and a document for programs that says the same."""

import json
import re
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.findings import Severity
from qtops.incidents import Event
from qtops.reports.notices.document import Document
from qtops.supervisor.telling import MOST_BODY, MOST_TITLE, body, document, neutral, title
from tests.supervisor.told import BEGAN_S, HOUR_S, incident, notice

NOW_S = BEGAN_S + 17 * HOUR_S
ANY = st.text(st.characters(codec=None) | st.sampled_from("<>@`[]()&;:/.\n\x1b\u202e"), max_size=60)
CALLS = re.compile(r"[<>`]|@(?:everyone|here|channel)\b|(?:^|\s)@\w|https?://|\bwww\.\w|\]\(|&#?\w+;", re.IGNORECASE)


def test_an_opening_says_what_where_and_since_when_in_its_first_line():
    assert title(notice(), "qt-1") == "CRITICAL: acme.service on qt-1: No module named 'ai_engine'"
    assert body(notice(), "qt-1", NOW_S).splitlines() == [
        "CRITICAL: acme.service on qt-1, since 2026-02-17 06:06:03 UTC (17 h ago)",
        "No module named 'ai_engine'",
        "it ended with 1",
        "Incident 12, noticed 2026-02-17 06:06:03 UTC (17 h ago)",
        "Run: qtops incidents show 12",
        "Run: qtops doctor acme.service",
        "Run: qtops explain IMPORT101",
        "(12-opened-1@ops)",
    ]


def test_news_that_are_the_title_are_said_once():
    told = notice(text=incident().title)
    assert body(told, "qt-1", NOW_S).count(incident().title) == 1


def test_its_end_says_how_long_it_lasted_under_the_same_number():
    over = incident(state="resolved", resolved_s=BEGAN_S + 2 * HOUR_S, times=3)
    told = notice("resolved", "clear for 30 s", incident=over, at_s=BEGAN_S + 2 * HOUR_S + 30)
    assert title(told, "qt-1") == "RESOLVED: acme.service on qt-1: No module named 'ai_engine'"
    lines = body(told, "qt-1", told.at_s).splitlines()
    assert lines[0] == ("RESOLVED: acme.service on qt-1, after 2 h: 2026-02-17 06:06:03 UTC to 2026-02-17 08:06:03 UTC (30 s ago)")
    assert "Incident 12, noticed 2026-02-17 06:06:03 UTC (2 h ago), seen 3 times" in lines
    assert [line for line in lines if line.startswith("Run: ")] == ["Run: qtops incidents show 12"]


def test_what_a_person_closed_lasted_until_then():
    over = incident(state="closed", closed_s=BEGAN_S + HOUR_S)
    assert " after 1 h: " in body(notice("closed", "by anna: known", incident=over, at_s=BEGAN_S + HOUR_S), "qt-1", NOW_S)


@pytest.mark.parametrize(
    ("event", "begins"),
    [("reminded", "STILL OPEN: "), ("reopened", "OPEN AGAIN: "), ("gave up", "GAVE UP: "), ("worse", "WORSE: ")],
)
def test_other_news_say_so_at_once(event, begins):
    assert title(notice(event), "qt-1").startswith(begins)
    assert body(notice(event), "qt-1", NOW_S).startswith(begins)


def test_a_digest_stands_for_several():
    told = notice(text="3 more: #12 opened, #13 opened, #14 resolved", digest=(12, 13, 14), id="12-digest-1@ops")
    assert title(told, "qt-1").startswith("CRITICAL: 3 more incidents on qt-1, the worst: acme.service: ")
    lines = body(told, "qt-1", NOW_S).splitlines()
    assert lines[2:] == ["3 more: #12 opened, #13 opened, #14 resolved", "Run: qtops incidents list", "(12-digest-1@ops)"]
    assert read(told)["digest"] == [12, 13, 14]


def test_a_redis_is_not_doctored():
    told = notice(incident=incident(kind="redis", unit="redis://127.0.0.1:6379/0", code=""))
    assert "redis://127.0.0.1:6379/0 on qt-1" in body(told, "qt-1", NOW_S)
    assert read(told)["next"] == ["qtops incidents show 12"]


def test_a_command_is_quoted():
    told = notice(incident=incident(unit="acme@$(reboot).service"))
    assert "qtops doctor 'acme@$(reboot).service'" in read(told)["next"]


def test_each_event_and_severity_can_be_told():
    for event in get_args(Event):
        for severity in Severity:
            told = notice(event, incident=incident(severity=severity))
            assert title(told, "qt-1")
            assert read(told)["incident"]["severity"] == severity


def read(told, now_s=NOW_S) -> dict:
    line = document(told, "qt-1", now_s)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    msgspec.json.decode(line, type=Document)
    return json.loads(line, parse_constant=pytest.fail)


def test_the_document_says_the_same_to_programs():
    told = read(notice(attempts=2))
    assert told["schema"] == "qtops.notice/1"
    assert (told["id"], told["endpoint"], told["host"], told["event"]) == ("12-opened-1@ops", "ops", "qt-1", "opened")
    assert (told["time"], told["time_s"]) == ("2026-02-17T06:06:03.040000+00:00", BEGAN_S + 0.04)
    assert (told["sent"], told["sent_s"], told["attempt"]) == ("2026-02-17T23:06:03.000000+00:00", NOW_S, 3)
    assert told["incident"] == {
        "number": 12, "unit": "acme.service", "kind": "process", "severity": "critical", "state": "open", "nature": "unknown",
        "title": "No module named 'ai_engine'", "code": "IMPORT101", "times": 1, "began": "2026-02-17T06:06:03.000000+00:00",
        "began_s": BEGAN_S, "opened": "2026-02-17T06:06:03.040000+00:00", "opened_s": BEGAN_S + 0.04, "resolved": None,
        "resolved_s": None, "lasted_s": pytest.approx(0.04, abs=1e-6),
    }  # fmt: skip
    assert told["subject"] == title(notice(), "qt-1")
    assert told["message"] == body(notice(), "qt-1", NOW_S)
    assert told["next"][0] == "qtops incidents show 12"


@pytest.mark.parametrize("at_s", [float("nan"), float("inf"), -1.0, 1e18])
def test_a_time_that_no_calendar_has_silences_nobody(at_s):
    told = notice(incident=incident(began_s=at_s, resolved_s=at_s), at_s=at_s)
    assert read(told)["incident"]["began_s"] == 0
    assert body(told, "qt-1", NOW_S)


def test_no_secret_is_told():
    told = notice(text="login failed: password=hunter22222", incident=incident(title="Bearer abcdefghijklmnop0123456789"))
    everything = title(told, "qt-1") + body(told, "qt-1", NOW_S) + document(told, "qt-1", NOW_S).decode()
    assert "hunter22222" not in everything
    assert "abcdefghijklmnop0123456789" not in everything


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<!channel> <@U123> <https://evil.example|click>", "‹!channel› ‹(at)U123› ‹https[:]//evil.example|click›"),
        ("@everyone, @here and hi@everyone", "(at)everyone, (at)here and hi(at)everyone"),
        ("[free](https://evil.example)", "[free] (https[:]//evil.example)"),
        ("<b>bold</b><script>", "‹b›bold‹/b›‹script›"),
        ("&lt;!here&gt; &#60;", "& lt;!here& gt; & #60;"),
        ("```never ends", "'''never ends"),
        ("tg://resolve?domain=x www.evil.example", "tg[:]//resolve?domain=x www[.]evil.example"),
        ("qtops-recover@acme.service at redis://h:1/0 and a && b", "qtops-recover@acme.service at redis://h:1/0 and a && b"),
    ],
)
def test_markup_mentions_and_links_do_nothing(text, told):
    assert neutral(text) == told


@given(text=ANY, name=ANY, host=ANY)
def test_whatever_a_service_says_is_printable_short_and_calls_nobody(text, name, host):
    told = notice(text=text * 40, incident=incident(title=name * 20, unit=name * 9 or "x", code=name[:9]))
    subject, message = title(told, host), body(told, host, NOW_S)
    assert len(subject) <= MOST_TITLE
    assert subject.isprintable()
    assert len(message) <= MOST_BODY
    assert all(line.isprintable() for line in message.split("\n"))
    assert not CALLS.search(subject)
    assert not CALLS.search(message)
    msgspec.json.decode(document(told, host, NOW_S), type=Document)


def test_a_long_story_is_cut_and_its_number_is_not():
    told = body(notice(text="word " * 5_000, incident=incident(title="t" * 9_000, unit="u" * 255)), "qt-1", NOW_S)
    assert len(told) == MOST_BODY
    assert "Run: qtops incidents show 12\n" in told
    assert told.endswith("(12-opened-1@ops)")
