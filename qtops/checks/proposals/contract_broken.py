"""Its fields are not those of the contract.

What it is: fields are missing or not known, the hash says that it belongs to another symbol, or names a form that is not known. The
founding form without provenance is a note: what it cannot tell is listed.

Why it matters: a reader that defaults what is missing acts on the default. A field that nobody knows was written by somebody else.

What to do: see which publisher wrote it (`publisher_id`), and who else writes to the key.
"""

from collections.abc import Iterator
from typing import Final

from publisher.contract import PROPOSAL_FIELDS, SCHEMA
from qtops.checks.proposals.fleet import Fleet
from qtops.checks.proposals.view import View
from qtops.facts.text import printable, quoted
from qtops.findings import Check, Finding, Severity

CHECK = Check("PROPOSAL112", "Its fields are not those of the contract", Severity.WARNING, ("proposals",), role="note")
ALL: Final = tuple(field.name for field in PROPOSAL_FIELDS)
FOUNDING: Final = ALL[:16]  # the fields of schema 1
_ALL: Final = frozenset(ALL)
NAMED: Final = 20  # fields that are named
UNTOLD: Final = (
    "who wrote it, and for which symbol",
    "whether position and market state are real, and who wrote them",
    "how old they were when they were used",
    "peak, trough and the stop in force",
    "whether its writer still stands by it",
)
REMEDY: Final = "See `publisher_id`, and who else writes to {key}: `qtops map` names the writers in the source"


def check(fleet: Fleet) -> Iterator[Finding]:
    """One finding per proposal; one note for all that are of the founding form."""
    founding = list[str]()
    for view in fleet.views:
        if view.schema == 1 and "schema" not in view.reading.fields:
            founding.append(view.symbol)
        complaints = list(_complaints(view))
        if complaints:
            severity = Severity.CRITICAL if _foreign(view) else CHECK.severity
            remedy = REMEDY.format(key=view.reading.key)
            yield CHECK.finding(view.symbol, complaints[0], tuple(complaints[1:]), remedy, severity=severity)
    if founding:
        yield _note(fleet, founding)


def _complaints(view: View) -> Iterator[str]:
    fields, reading = view.reading.fields, view.reading
    if fields.keys() == _ALL and not reading.others_count and fields["schema"] == SCHEMA and fields["symbol"] == view.symbol:
        return
    if _foreign(view):
        yield f"it says that it belongs to {quoted(view.said('symbol'))}"
    if "schema" in fields and view.schema == 1:
        yield f"its form is {quoted(view.said('schema'))}, and {SCHEMA} is known"
    missing = [name for name in (ALL if "schema" in fields else FOUNDING) if name not in fields]
    if missing:
        yield f"{len(missing)} fields are missing: {', '.join(missing[:NAMED])}{', …' if len(missing) > NAMED else ''}"
    if reading.others_count or reading.others:
        named = f": {', '.join(map(quoted, reading.others[:NAMED]))}" if reading.others else ""
        yield f"{max(reading.others_count, len(reading.others))} fields are not known{named}"


def _foreign(view: View) -> bool:
    return printable(view.reading.fields.get("symbol", view.symbol)) != view.symbol


def _note(fleet: Fleet, symbols: list[str]) -> Finding:
    named = ", ".join(symbols[:3]) + (f" and {len(symbols) - 3} more" if len(symbols) > 3 else "")
    summary = f"{named}: of the founding form, without provenance, ages and heartbeat"
    evidence = ("it cannot be told:", *UNTOLD)
    return CHECK.finding(fleet.facts.family, summary, evidence, f"Run the publisher that writes {SCHEMA}", severity=Severity.INFO)
