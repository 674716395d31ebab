"""Different symbols, the same inputs.

What it is: three symbols or more give the same volatility, trend strength and probabilities, or the same price and entry.

Why it matters: markets do not agree to eight digits. A constant, a default or one symbol's state was used for all.

What to do: see who writes these inputs, and what it does where it has no data of a symbol.
"""

from collections.abc import Iterator
from operator import itemgetter
from typing import Final

from qtops.checks.proposals.fleet import ECHOED, Fleet
from qtops.findings import Check, Finding, Severity

CHECK = Check("PROPOSAL108", "Different symbols, the same inputs", Severity.CRITICAL, ("proposals",), role="symptom")
ALIKE: Final = 3  # symbols: two may be one market by two names
NAMED: Final = 8  # symbols that are named
SETS: Final = {"market state": ECHOED, "price and entry": ("position_current_price", "position_entry_price")}
REMEDY: Final = "See who writes these inputs, and what it does for a symbol without data"


def check(fleet: Fleet) -> Iterator[Finding]:
    """One finding per set of numbers that several symbols share."""
    for what, names in SETS.items():
        for numbers, symbols in _grouped(fleet, names).items():
            if len(symbols) >= ALIKE:
                named = ", ".join(symbols[:NAMED]) + (f" and {len(symbols) - NAMED} more" if len(symbols) > NAMED else "")
                told = ", ".join(f"{name} {value:.10g}" for name, value in zip(names, numbers, strict=True))
                summary = f"{len(symbols)} symbols were computed from one {what}: {named}"
                yield CHECK.finding(fleet.facts.family, summary, (told,), REMEDY)


def _grouped(fleet: Fleet, names: tuple[str, ...]) -> dict[tuple[float, ...], list[str]]:
    """Symbols by these numbers; those that lack one are left out."""
    groups: dict[tuple[float, ...], list[str]] = {}
    pick = itemgetter(*names)
    for view in fleet.views:
        try:
            groups.setdefault(pick(view.numbers), []).append(view.symbol)
        except KeyError:
            continue
    return groups
