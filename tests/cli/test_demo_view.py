"""The demo on a screen: one table that is drawn again in a terminal, a plain line per look elsewhere, no text that acts."""

import io

from rich.console import Console

from qtops.checks.freshness import VERDICTS, Freshness, State
from qtops.cli.demo_view import screen
from qtops.demo.run import Row, Sample

LEVELS = ("SHORT", "68000.5", "68720.123456789", "67000.0", "sl_floor")


def row(state: State = State.FRESH, levels: tuple[str | None, ...] = LEVELS, *, excused: bool = False) -> Row:
    found = Freshness("risk-proposal", "BTCUSDT", "key", state, VERDICTS[state], age_s=1.25 if state is State.FRESH else None)
    return Row("BTCUSDT", levels, found, excused)


def shown(*rows: Row, terminal: bool) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=120, color_system=None, markup=False, highlight=False)
    with screen(console, 60.0) as view:
        view.show(Sample(12.0, rows))
    return out.getvalue()


def test_without_a_terminal_it_is_one_plain_line_per_look() -> None:
    absent = row(State.IDLE, (None,) * 5)
    assert (
        shown(row(), absent, terminal=False)
        == " 12.0 s  BTCUSDT SHORT SL 68,720.12 TP 67,000.00 FRESH 1.2 s   BTCUSDT no position\n"
    )


def test_a_long_line_is_not_broken() -> None:
    assert shown(*[row()] * 20, terminal=False).count("\n") == 1


def test_in_a_terminal_it_is_a_table_with_everything() -> None:
    said = shown(row(), terminal=True)
    for text in ("SIMULATED", "BTCUSDT", "SHORT", "68,000.50", "68,720.12", "67,000.00", "sl_floor", "1.2 s", "FRESH", "48 s left"):
        assert text in said


def test_a_proposal_that_is_only_awaited_is_not_called_missing() -> None:
    assert "awaited" in shown(row(State.NEVER, (None,) * 5, excused=True), terminal=True)
    assert "NEVER" in shown(row(State.NEVER, (None,) * 5), terminal=True)


def test_what_looks_like_markup_or_a_number_is_shown_as_it_is() -> None:
    said = shown(row(levels=("[/red]", "nan", "[bold]x", "1e400", "[link=x]")), terminal=True)
    for text in ("[/red]", "nan", "[bold]x", "inf", "[link=x]"):
        assert text in said
