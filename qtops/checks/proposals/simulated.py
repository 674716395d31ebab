"""It is of a simulated market.

What it is: the market state or the position was written by the simulator that comes with the publisher, which says so in `source`.

Why it matters: right for a trial. On a host that trades it means that the exchange's data are not there, and that nobody would
notice from the levels.

What to do: nothing, where this is a trial. Otherwise stop the simulator and start the writers of market states and positions.
"""

from collections.abc import Iterator
from typing import Final

from qtops.checks.proposals.fleet import Fleet
from qtops.findings import Check, Finding, Severity

CHECK = Check("PROPOSAL116", "It is of a simulated market", Severity.INFO, ("proposals",), role="note")
SIMULATOR: Final = "simulator"  # ``publisher.simulated_market.SOURCE``
NAMED: Final = 3  # symbols that are named
REMEDY: Final = "Where this is no trial, stop publisher.simulator and see who writes market states and positions"


def check(fleet: Fleet) -> Iterator[Finding]:
    """One note for all of them."""
    symbols = [
        view.symbol
        for view in fleet.views
        if SIMULATOR in {view.reading.fields.get("market_source"), view.reading.fields.get("position_writer")}
    ]
    if symbols:
        more = f" and {len(symbols) - NAMED} more" if len(symbols) > NAMED else ""
        summary = f"{', '.join(symbols[:NAMED])}{more}: made from what the simulator writes"
        yield CHECK.finding(fleet.facts.family, summary, (), REMEDY)
