"""The results as one table, or as JSON."""

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tests.bench.results import Result, Verdict

STYLES = {Verdict.MET: "green", Verdict.MISSED: "bold red", Verdict.VOID: "yellow", Verdict.REPORTED: "dim"}
SIGNS = {"at most": "≤", "at least": "≥"}


def show(console: Console, results: Sequence[Result]) -> None:
    """Print the table; below each bar what was compared, and why the run proves little where it does."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("bar", "measured", "limit", "spread", "verdict"):
        table.add_column(heading, justify="left" if heading in ("bar", "verdict") else "right", overflow="fold")
    for result in results:
        bar = Text(result.bar)
        bar.append(f"\n  {result.how}" if result.how else "", "dim")
        bar.append(f"\n  noisy: {result.noise}" if result.noise else "", "yellow")
        limit = "" if result.limit is None else f"{SIGNS[result.bound]} {result.limit:g}"
        spread = "" if result.spread is None else f"{result.spread:.2g}×"
        verdict = Text(
            result.verdict + (", noisy" if result.noise and result.verdict is Verdict.MET else ""), STYLES[result.verdict]
        )
        table.add_row(bar, f"{number(result.value)} {result.unit}", limit, spread, verdict)
    console.print(table)


def number(value: float) -> str:
    """Three significant digits, and all of those before the point."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def document(results: Sequence[Result], machine: dict[str, Any]) -> str:
    """The results as JSON."""
    content = {"schema": "qtops.bench/1", "machine": machine, "results": [result.to_json() for result in results]}
    return json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False)
