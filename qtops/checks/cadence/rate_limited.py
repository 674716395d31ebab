"""A rate limit hides updates.

What it is: the content is renewed only in every so many cycles of its writer, although its inputs changed more often. The heartbeat
of the same key, or its declared cycle, shows that the writer could have.

Why it matters: a key that is written every ten seconds looks alive while what it says is a minute old. The founding publisher held
back changes of less than 0.1 %, of prices below 1 any change at all, and then renewed them every 60 s.

What to do: measure changes relative to the last value; let the content's own time tell readers how old it is, and let them judge
by that, not by the heartbeat. Where the limit is meant, declare the content's interval: then this is only a note.
"""

from collections.abc import Iterator

from qtops.checks.cadence.measure import SLOW
from qtops.checks.cadence.told import Row, by_key, precise, told
from qtops.facts.cadence import CadenceFacts
from qtops.findings import Check, Doubt, Finding, Severity
from qtops.settings import Settings

CHECK = Check("CADENCE104", "A rate limit hides updates", Severity.WARNING, ("redis",), role="note")
CYCLES = 2  # content that is renewed in every cycle or every other one is not held back
SHORTEST_S, LONGEST_S = 1e-3, 1e9  # of a cycle, and between two updates: what a bundle claims beyond that was never measured
REMEDY = "Compare changes with the last value, and let readers judge by the content's own time; or declare its interval"


def check(facts: CadenceFacts, settings: Settings) -> Iterator[Finding | Doubt]:  # noqa: ARG001
    """One finding per field that moves less often than its key's cycle and than its inputs; a note where that is declared."""
    fastest: dict[tuple[str, str], float] = {}
    for series in facts.series:
        if series.field and series.declared_s:
            key = series.family, series.subject
            fastest[key] = min(fastest.get(key, series.declared_s), series.declared_s)
    for key, found in by_key(facts).items():
        if key in fastest:
            yield from _key(found, fastest[key])


def _key(found: list[Row], declared_cycle_s: float) -> Iterator[Finding]:
    beats = [(measured.p50_s, series.field) for series, measured in found if measured.p50_s is not None and measured.n > 1]
    cycle_s, cycle = min([*beats, (declared_cycle_s, "")])
    if cycle_s < SHORTEST_S:
        return
    for series, measured in found:
        moved = series.inputs_moved
        if measured.p50_s is None or not measured.proven or series.declared_s is None or moved is None:
            continue
        every = round(min(measured.p50_s, LONGEST_S) / cycle_s)
        if every <= CYCLES or moved <= measured.n * SLOW:
            continue
        beat = f"{cycle} moves every {precise(cycle_s)}" if cycle else f"a cycle of {precise(cycle_s)} is declared"
        evidence = (f"{beat}; {series.field}: {told(measured)}", f"its inputs changed {moved} times meanwhile")
        summary = f"renewed in every {every}th cycle only, every {precise(measured.p50_s)}, while its inputs move"
        declared = measured.p50_s <= SLOW * series.declared_s
        severity = Severity.INFO if declared else Severity.WARNING
        yield CHECK.finding(series.name, summary, evidence, REMEDY, severity=severity)
