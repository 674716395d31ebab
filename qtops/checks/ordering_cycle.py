"""The order in which units are to start has no beginning.

What it is: After= and Before= of some units form a circle; systemd refuses the transaction, or drops a job out of it.

Why it matters: which job is dropped is systemd's choice: at one boot it is this unit, at the next another. The unit is
inactive with Result=success.

What to do: remove one After= or Before= of the circle that the journal spells out; `systemd-analyze verify` shows it
without a start.
"""

from collections.abc import Iterator

from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT218", "An ordering cycle keeps it from starting", Severity.CRITICAL, ("systemd", "journal"))
WORDS = ("ordering cycle", "order is cyclic", "Found dependency on", "break cycle")
DECISIVE = WORDS[:2]


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding, for a unit that does not run."""
    unit, journal = service.unit, service.journal
    if unit is None or journal is None or unit.active_state != "inactive" or unit.load_state != "loaded":
        return
    lines = [(line.at_s, line.text) for line in journal.lines if line.source == "systemd"]
    lines += [(event.at_s, event.text) for event in journal.events]
    told = sorted({line for line in lines if any(words in line[1] for words in WORDS)})
    decisive = [line for line in told if any(words in line[1] for words in DECISIVE)]
    if not decisive or (unit.active_exit_s is not None and decisive[-1][0] < unit.active_exit_s):
        return  # it has run since
    evidence = [f"{moment(at_s, facts.taken_at_s)}: {text}" for at_s, text in told]
    evidence += [f"its job: {unit.job}"] if unit.job else []
    remedy = (
        f"Remove one After= or Before= of the circle: `systemd-analyze verify {unit.fragment_path or service.subject}` shows it"
    )
    yield CHECK.finding(service.subject, "it is part of an ordering cycle, and its start job was dropped", tuple(evidence), remedy)
