"""It never expires.

What it is: the key of the proposal has no time to live.

Why it matters: when the publisher dies, or the position is closed, its last levels stay, for ever, and look like any others to a
reader that does not check their age.

What to do: have the publisher write it with a time to live of three intervals; the founding publisher never does.
"""

from collections.abc import Iterator
from typing import Final

from qtops.checks.proposals.fleet import Fleet
from qtops.findings import Check, Finding, Severity

CHECK = Check("PROPOSAL113", "It never expires", Severity.WARNING, ("proposals",), role="note")
NEVER_MS: Final = -1  # what PTTL replies for a key without a time to live
REMEDY: Final = "Run a publisher that sets a time to live; until then readers must check computed_at_utc"


def check(fleet: Fleet) -> Iterator[Finding]:
    """One finding per proposal."""
    for view in fleet.views:
        if view.reading.ttl_ms == NEVER_MS:
            yield CHECK.finding(view.symbol, f"{view.reading.key} has no time to live", (), REMEDY)
