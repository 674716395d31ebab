"""What is said of streams, for people and for programs."""

import json

import pytest
from msgspec.structs import replace
from rich.console import Console

from qtops.facts.keys import ServerReading
from qtops.facts.service import Facts
from qtops.reports.checked import junit, nagios, prometheus
from qtops.reports.streams import document, human
from qtops.reports.streams.report import report
from tests.checks.streams.looks import HOUR, NOW_S, SETTINGS, consumer, declared, facts, group, look, stream

GONE = 2 * 86_400.0


def made(*streams, settings=SETTINGS, plan=False, **more):
    return report(Facts(host="box", taken_at_s=NOW_S, streams=facts(*streams, **more), settings=settings), plan=plan)


def shown(found, *, verbose=False, width=160):
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(human.render(found, verbose))
    return capture.get()


def test_a_stream_in_order_is_one_line():
    said = shown(made(stream(groups=(group(),)), settings=declared(kind="periodic", interval_s=60, maxlen=1_000)))
    (line,) = [line for line in said.splitlines() if line.startswith("app:orders")]
    assert line.split() == [
        "app:orders", "periodic", "1", "min", "2026-09-21", "14:13:15", "5", "s", "100/1000", "readers", "0/0", "ok",
    ]  # fmt: skip


def test_what_is_driven_by_events_says_when_the_last_was():
    (row,) = made(stream(newest_s=9 * HOUR), settings=declared(kind="event")).rows
    assert (row.told, row.verdict) == ("event-driven, last 9 h ago", "ok")


def test_the_worst_comes_first():
    found = made(stream(name="b"), stream(name="a"), stream(name="c", kind="string"), declared=("c",))
    assert [row.name for row in found.rows] == ["c", "a", "b"]


def test_a_least_number_is_marked():
    whole = stream(5_000, entries_added=None)
    found = made(replace(whole, groups=(group(unread=300, of=whole, lag=None, entries_read=None),), groups_count=1))
    assert "readers ≥50/0" in shown(found)
    (row,) = found.rows
    assert (row.groups[0].waiting, row.groups[0].counted, row.groups[0].lag) == (50, False, None)


def test_a_lane_is_named_as_such():
    assert "readers 0/0 (lane)" in shown(made(stream(groups=(group(),)), settings=declared(kind="event", lanes=("readers",))))


def test_of_many_streams_those_in_order_are_counted():
    found = made(*(stream(name=f"s{number:03}") for number in range(150)), stream(name="bad", newest_s=HOUR))
    said = shown(found)
    assert "150 more streams are not listed" in said
    assert "bad" in said
    assert "s149" in shown(found, verbose=True)


def test_a_plan_belongs_to_the_group_that_needs_it():
    whole = stream(5_000)
    good, bad = group(unread=0, of=whole, name="good"), group(consumer(idle_s=GONE), unread=4_000, of=whole, name="bad")
    found = made(replace(whole, groups=(good, bad), groups_count=2), plan=True)
    assert [(plan.code, plan.subject) for plan in found.plans] == [("STREAM103", "app:orders bad")]
    assert made(whole).plans == ()


def test_many_steps_of_one_kind_are_counted():
    names = [consumer(f"old-{number:02}", idle_s=GONE) for number in range(40)]
    found = made(stream(groups=(group(consumer(), *names),)), plan=True)
    assert len(found.plans[0].steps) == 40
    assert "and 35 more steps of this kind" in shown(found)
    assert "old-39" in shown(found, verbose=True)


def test_streams_that_could_not_be_read_are_unknown_and_not_ok():
    unread = stream(0, present=None, trouble="down", detail="no answer")
    found = made(looks=(look(unread, server=ServerReading("redis://x", "down", "start it", "no answer")),))
    assert (found.verdict, found.rows[0].verdict) == ("unknown", "unknown")
    assert "could not be read" in shown(found)


def test_the_document_holds_the_same():
    told = json.loads(document.render(made(stream(newest_s=HOUR), plan=True)))
    assert told["schema"] == "qtops.verify.streams/1"
    assert (told["summary"]["verdict"], told["looks"], told["rows"][0]["codes"]) == ("warning", 1, ["STREAM108"])


@pytest.mark.parametrize(
    ("render", "word"), [(nagios.render, "STREAM108"), (junit.render, "STREAM108"), (prometheus.render, "warning")]
)
def test_forms_for_monitoring(render, word):
    assert word in render(made(stream(newest_s=HOUR)))


def test_hostile_names_obey_nothing():
    found = made(stream(name="[red]x[/]\x1b[31m\u202e", newest_s=HOUR, groups=(group(name="[/foo]"),)), plan=True)
    said = shown(found)
    assert "[red]x[/]\\x1b[31m\\u202e" in said.replace("\n", "")
    assert "\x1b" not in said
