"""A table in any width: names, numbers and codes stay whole for as long as there are columns that may go."""

import io

import pytest
from rich.console import Console
from rich.text import Text

from qtops.reports.checked.listing import Listing

COLUMNS = ("SYMBOL", "PRICE", "%", "VERDICT", "CODES")


def shown(width, *rows, spare=("%", "CODES")):
    made = Listing(COLUMNS, ("PRICE", "%"), spare)
    for row in rows or [("1000CHEEMSUSDT", "71208.9", "+1.25", "critical", "PROPOSAL107 PROPOSAL105")]:
        made.add_row(*map(Text, row))
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(made)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_where_there_is_room_all_columns_stand():
    assert shown(80)[0].split() == [*COLUMNS]
    assert len(shown(80)) == 2


def test_texts_break_between_words():
    assert [line.split()[-1] for line in shown(51)[1:]] == ["PROPOSAL107", "PROPOSAL105"]


@pytest.mark.parametrize(("width", "left"), [(50, ["SYMBOL", "PRICE", "VERDICT", "CODES"]), (40, ["SYMBOL", "PRICE", "VERDICT"])])
def test_what_may_go_goes_before_a_name_is_broken(width, left):
    heading, row, *_ = shown(width)
    assert heading.split() == left
    assert row.startswith("1000CHEEMSUSDT  71208.9")


def test_a_long_text_takes_no_room_from_a_name():
    lines = shown(60, ("quantum:stream:marketstate", "1", "2", "a very long verdict that goes on and on", "STREAM101 STREAM102"))
    assert [line.partition("  ")[0] for line in lines[:2]] == ["SYMBOL", "quantum:stream:marketstate"]
    assert "STREAM101" in "".join(lines)
    assert max(map(len, lines)) <= 60


def test_a_name_without_end_takes_no_column_away():
    lines = shown(90, ("A" * 400, "1", "2", "critical", "PROPOSAL107"))
    assert lines[0].split() == [*COLUMNS]
    assert "PROPOSAL107" in lines[1]
    assert sum(line.partition("  ")[0].count("A") for line in lines[1:]) == 400


def test_no_row_and_no_column_are_a_heading_or_nothing():
    console = Console(file=io.StringIO(), width=20, color_system=None)
    console.print(Listing(("A",)), Listing(()))
    assert "A" in console.file.getvalue()
