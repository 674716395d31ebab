"""Its market state is none of any market.

What it is: sigma is more than 0.21 per bar, which is above 400 % a year even if a bar is a whole day; or ts, the strength of a
trend, is as large as a time.

Why it matters: every distance is a multiple of sigma. Such a one is a percentage taken for a fraction, a price with a gap in it, or
another field under that name, and the stop that follows from it lies where no one would place it.

What to do: look at the market state and at its writer. Nothing states the length of a bar, so that a shorter one cannot be judged
here: what is below the limit may still be invented.
"""

from collections.abc import Iterator
from typing import Final

from qtops.checks.proposals.fleet import Fleet
from qtops.findings import Check, Finding, Severity

CHECK = Check("PROPOSAL118", "Its market state is none of any market", Severity.CRITICAL, ("proposals",))
HIGHEST: Final = 0.21  # per bar: 400 % a year over the square root of 365
STRONGEST: Final = 1e6  # |mu| / sigma: a million standard deviations per bar; seconds since 1970 are a thousand times more
REMEDY: Final = "Look at `redis-cli HGETALL quantum:marketstate:{symbol}` and at what its writer has its prices from"


def check(fleet: Fleet) -> Iterator[Finding]:
    """At most one finding per proposal."""
    for view in fleet.views:
        sigma, strength = view.numbers.get("sigma", 0.0), view.numbers.get("ts", 0.0)
        if sigma > HIGHEST:
            summary = f"sigma {sigma:g} per bar: above 400 % a year, even if a bar is a day"
        elif strength > STRONGEST:
            summary = f"ts {strength:.10g} is no strength of a trend; it is as large as a time"
        else:
            continue
        yield CHECK.finding(view.symbol, summary, (), REMEDY.format(symbol=view.symbol))
