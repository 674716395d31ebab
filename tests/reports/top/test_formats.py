"""How ``qtops top`` shows a look: to people in any room there is, and to programs."""

import json
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.checks.freshness import State
from qtops.findings import Severity, Verdict
from qtops.reports.top import document
from qtops.reports.top.human import share
from qtops.reports.top.look import Records
from qtops.reports.top.report import KeyRow, Report, report
from tests.checks.proposals.proposals import NOW_S
from tests.reports.top.looks import HOSTILE, look, printed, sick


def many() -> Report:
    """Two hundred keys, of which three are stale."""
    rows = [KeyRow("risk-proposal", f"S{number}USDT", Verdict.OK, State.FRESH, 1.0, 20.0, "") for number in range(197)]
    stale = [KeyRow("risk-proposal", f"X{number}USDT", Verdict.CRITICAL, State.STALE, 99.0, 20.0, "old") for number in range(3)]
    return msgspec.structs.replace(report(look()), keys=(*stale, *rows))


def hostile() -> Report:
    """As if the edge had let everything through."""

    def spoilt(value: object) -> object:
        return HOSTILE if isinstance(value, str) and not isinstance(value, (Verdict, Severity, State)) else value

    def spoil(rows):
        fields = [{name: spoilt(getattr(row, name)) for name in row.__struct_fields__} for row in rows]
        return tuple(type(row)(**given) for row, given in zip(rows, fields, strict=True))

    found = sick()
    parts = {
        name: spoil(getattr(found, name) or ())
        for name in ("servers", "services", "keys", "levels", "streams", "incidents", "holds")
    }
    return msgspec.structs.replace(found, host=HOSTILE, missing=(HOSTILE,), **parts)


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize("found", [lambda: report(look()), sick, lambda: report(look(records=None))], ids=["well", "sick", "alone"])
def test_what_people_read(found, width, snapshot):
    assert printed(found(), width) == snapshot


@pytest.mark.parametrize(("width", "rows"), [(80, 23), (140, 39), (40, 12)])
def test_what_people_read_where_there_is_little_room(width, rows, snapshot):
    shown = printed(many(), width, rows)
    assert shown == snapshot
    assert len(shown.split("\n")) <= rows


def test_what_programs_read(snapshot):
    assert re.sub(r'"version":"[^"]+"', '"version":"…"', document.render(sick())) == snapshot


def test_what_programs_read_is_of_its_published_type_and_without_what_is_no_number():
    text = document.render(sick())
    assert json.loads(text, parse_constant=pytest.fail)["schema"] == "qtops.top/1"
    assert msgspec.json.decode(text, type=document.Document).verdict is Verdict.CRITICAL


@pytest.mark.parametrize("rows", [None, *range(41)])
@pytest.mark.parametrize("width", [20, 80])
def test_in_whatever_room_nothing_is_printed_that_a_terminal_would_obey_and_no_more_lines_than_there_are(width, rows):
    shown = printed(hostile(), width, rows).split("\n")
    assert all(line.isprintable() for line in shown)
    assert rows is None or len(shown) <= max(rows, 1)


def test_what_is_sick_is_told_apart_without_colours():
    shown = printed(sick())
    assert re.search(r"^✗ +#12 ", shown, re.MULTILINE)
    assert re.search(r"^! +#13 ", shown, re.MULTILINE)
    assert "✗  gone" in shown


def test_where_rows_are_left_out_it_is_said_how_many_and_how_bad():
    assert re.search(r"… \d+ more: \d+ ok", printed(many(), 80, 23))
    assert "… 198 more: 1 critical, 197 ok" in printed(many(), 80, 13)


def test_a_hundred_open_incidents_leave_room_for_one_line_of_everything_else():
    from tests.reports.top.looks import incident

    given = tuple(incident(number=number, fingerprint=str(number), began_s=NOW_S - number) for number in range(100))
    shown = printed(report(look(records=Records(incidents=given))), 80, 23)
    assert all(heading in shown for heading in ("INCIDENT", "SERVICE", "SYMBOL", "FAMILY", "STREAM"))


class TestSharing:
    def test_all_where_there_is_room(self):
        assert share([[True], [False] * 3], 6) == [1, 3]

    def test_a_line_for_the_headings_and_one_for_what_is_left_out(self):
        assert share([[False] * 10], 6) == [4]

    def test_what_is_sick_comes_before_what_is_well(self):
        assert share([[False] * 10, [True] * 3 + [False] * 7], 8) == [1, 3]

    def test_a_section_that_has_no_room_is_left_out_the_well_ones_first(self):
        assert share([[False], [True]], 2) == [0, 1]

    @given(
        st.lists(st.lists(st.booleans(), max_size=30).map(lambda rows: sorted(rows, reverse=True)), max_size=6), st.integers(-3, 60)
    )
    def test_never_more_lines_than_there_are_and_none_unused_while_rows_are_left(self, wants, rows):
        shown = share(wants, rows)
        lines = sum(1 + count + (count < len(want)) for count, want in zip(shown, wants, strict=True) if count)
        assert lines <= max(rows, 0)
        if lines < rows - 1:
            assert all(count == len(want) for count, want in zip(shown, wants, strict=True) if count)
