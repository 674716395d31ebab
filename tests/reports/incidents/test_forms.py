"""Incidents as they are printed: exactly, for people and for programs."""

import json
from io import StringIO

import pytest
from msgspec.structs import replace
from rich.console import Console

from qtops.errors import Exit
from qtops.incidents import Entry, Hold, Told
from qtops.reports.incidents import document, human
from qtops.reports.incidents.report import Holds, Listing, Story
from tests.actions.incidents.builders import CRITICAL, NOW, WARNING, incident

HELD = Hold(unit="b.service", until_s=NOW + 3600, why="moving it", by="alice", made_s=NOW - 60)


def printed(part) -> str:
    out = StringIO()
    Console(file=out, width=120).print(part)
    return out.getvalue()


def listing(*incidents, holds=()):
    return Listing(host="box", at_s=NOW + 60, incidents=incidents, holds=holds, folder="/var/lib/x")


def story(kept, *notices, timeline=(), files=()):
    return Story(
        host="box", at_s=NOW + 60, incident=kept, timeline=timeline, notices=notices, folder="/var/lib/x/incidents/1", files=files
    )


def told(state, **given):
    values = {"id": "1-opened-1@ops", "endpoint": "ops", "event": "opened", "at_s": NOW, "state": state, "attempts": 0}
    return Told(**(values | given))


def test_the_list_for_people():
    flapping = incident("a", number=2, times=3, last_s=NOW + 50, code="IMPORT101", nature="deterministic", gave_up_s=NOW + 55)
    seen = incident("b", number=1, severity=WARNING, state="acknowledged", acknowledged_by="alice", acknowledged_s=NOW + 10)
    assert printed(human.listing(listing(flapping, seen, holds=[HELD]))).splitlines() == [
        "2026-11-18 11:07:40 UTC on box",
        "#2 CRITICAL a.service  a died",
        "    noticed 2026-11-18 11:06:40 UTC (1 min ago), 3 times, last 2026-11-18 11:07:30 UTC (10 s ago)",
        "    IMPORT101, deterministic, given up 2026-11-18 11:07:35 UTC (5 s ago)",
        "#1 WARNING ACKNOWLEDGED b.service  b died",
        "    noticed 2026-11-18 11:06:40 UTC (1 min ago)",
        "    acknowledged by alice 2026-11-18 11:06:50 UTC (50 s ago)",
        "ON HOLD b.service  until 2026-11-18 12:06:40 UTC (in 59 min)",
        "    by alice 2026-11-18 11:05:40 UTC (2 min ago): moving it",
        "2 open, 1 of them not acknowledged; `qtops incidents show NUMBER` says more",
    ]


def test_what_ended_is_told_shortly():
    ended = incident(number=1, state="resolved", resolved_s=NOW + 30)
    lines = printed(human.listing(listing(ended))).splitlines()
    assert lines[1:] == [
        "#1 CRITICAL RESOLVED a.service  a died",
        "    resolved 2026-11-18 11:07:10 UTC, after 30 s",
        "nothing is open",
    ]


@pytest.mark.parametrize(
    ("incidents", "code"),
    [
        ([], Exit.OK),
        ([incident(severity=WARNING)], Exit.WARNING),
        ([incident(severity=WARNING), incident(severity=CRITICAL, state="acknowledged")], Exit.CRITICAL),
        ([incident(state="resolved"), incident(state="closed")], Exit.OK),
    ],
)
def test_the_exit_code_is_of_what_is_open(incidents, code):
    assert listing(*incidents).exit_code is code


def test_one_from_its_beginning():
    kept = incident(number=1, began_s=NOW - 5, findings=("IMPORT101", "UNIT203"), code="IMPORT101", nature="deterministic")
    shown = story(
        kept,
        told("sent", tried_s=NOW + 1, attempts=1),
        told("waiting", endpoint="pager", tried_s=NOW + 2, attempts=2, why="exit 1: refused"),
        told("folded", endpoint="few", why="1-digest-1@few"),
        timeline=(Entry(NOW, "opened", "a died"), Entry(NOW + 20, "left alone", "a restart cannot help: IMPORT101")),
        files=("opening.json.gz", "report.md"),
    )
    assert printed(human.story(shown)).splitlines() == [
        "#1 CRITICAL a.service  a died",
        "  process, deterministic, IMPORT101",
        "  began    2026-11-18 11:06:35 UTC (1 min 5 s ago)",
        "  noticed  2026-11-18 11:06:40 UTC (1 min ago), 5 s after that",
        "  FOUND  IMPORT101, UNIT203",
        "  TIMELINE",
        "    2026-11-18 11:06:40 UTC (1 min ago)  opened  a died",
        "    2026-11-18 11:07:00 UTC (40 s ago)  left alone  a restart cannot help: IMPORT101",
        "  TOLD",
        "    ops  opened: sent 2026-11-18 11:06:41 UTC (59 s ago)",
        "    pager  opened: waiting 2026-11-18 11:06:42 UTC (58 s ago), attempt 2: exit 1: refused",
        "    few  opened: folded into 1-digest-1@few",
        "  FOLDER  /var/lib/x/incidents/1",
        "    opening.json.gz",
        "    report.md",
        "  NEXT  qtops doctor a.service",
        "  NEXT  qtops recover a.service",
        "  NEXT  qtops explain IMPORT101",
        "  NEXT  qtops doctor --from /var/lib/x/incidents/1/opening.json.gz",
        "  NEXT  qtops incidents ack 1",
    ]


def test_what_to_run_next_goes_with_what_is_wrong():
    redis = incident(number=4, kind="redis", unit="127.0.0.1:6379", state="acknowledged")
    assert story(redis).next == ("qtops runbook show recover-redis-down",)
    assert story(incident(number=5, state="closed", closed_s=NOW)).next == ()
    assert "nobody was told" in printed(human.story(story(redis)))


def test_holds_for_people():
    assert printed(human.holds(Holds(host="box", at_s=NOW, holds=()))) == "nothing is on hold\n"
    assert "ON HOLD b.service" in printed(human.holds(Holds(host="box", at_s=NOW, holds=(HELD,))))


def test_the_forms_for_programs():
    kept = incident(number=1, resolved_s=NOW + 30, state="resolved")
    found = json.loads(document.listing(listing(kept, holds=(HELD,))))
    assert (found["schema"], found["exit_code"], found["folder"]) == ("qtops.incidents/1", 0, "/var/lib/x")
    (row,) = found["incidents"]
    assert (row["ended"], row["age_s"], row["incident"]["state"]) == ("2026-11-18T11:07:10.000000+00:00", 30, "resolved")
    assert [(hold["left_s"], hold["hold"]["unit"]) for hold in found["holds"]] == [(3540, "b.service")]
    found = json.loads(document.story(story(replace(kept, title="\x1b[2J"), told("sent"), timeline=(Entry(NOW, "opened", "x"),))))
    assert (found["schema"], found["incident"]["incident"]["title"]) == ("qtops.incidents.show/1", r"\x1b[2J")
    assert found["timeline"] == [
        {"time": "2026-11-18T11:06:40.000000+00:00", "time_s": NOW, "age_s": 60, "event": "opened", "text": "x"}
    ]
    assert json.loads(document.holds(Holds(host="box", at_s=NOW, holds=(HELD,))))["schema"] == "qtops.hold/1"
