"""One error, over and over.

What it is: nearly all error lines in the journal are the same but for digits, ids and times, and there are at least ten
an hour.

Why it matters: a service can run, be "active", and do nothing but fail; more than half of the recorded incidents looked
healthy to systemd.

What to do: read the sample and when it began; what changed at that time is the first suspect.
"""

from collections.abc import Iterator
from typing import Final

from qtops.checks.standing import LOOP_ENDS, ended_runs, runs
from qtops.facts.journal import JournalFacts, Signature
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import moment
from qtops.findings import Check, Finding, Severity

CHECK = Check("LOG202", "One error, over and over", Severity.WARNING, ("systemd", "journal"), role="note")
SHARE: Final = 0.95  # of all error lines: below, several things go wrong, or the noise is mixed
PER_HOUR: Final = 10  # a refused connection now and then is life
HOUR_S: Final = 3600
QUIET_S: Final = 3600  # a service that has not said it for an hour has got over it


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding."""
    unit, journal = service.unit, service.journal
    if unit is None or journal is None or not journal.signatures:
        return
    signature = journal.signatures[0]
    is_over = runs(unit) and facts.taken_at_s - signature.last_s > QUIET_S
    if is_over or signature.share < SHARE or not (_is_frequent(signature) or _in_each_run(signature, journal)):
        return
    evidence = (
        f"sample: {signature.sample}",
        f"first at {moment(signature.first_s, facts.taken_at_s)}, last at {moment(signature.last_s, facts.taken_at_s)}",
        f"{signature.count} lines, {signature.share:.0%} of all error lines that were read",
    )
    name = service.subject
    remedy = f"See what changed when it began: `journalctl -u {name} --since @{int(signature.first_s) - 60} -n 50`"
    yield CHECK.finding(name, f"the same error {signature.count} times: {signature.sample}", evidence, remedy)


def _is_frequent(signature: Signature) -> bool:
    hours = max((signature.last_s - signature.first_s) / HOUR_S, 1.0)
    return signature.count / hours >= PER_HOUR


def _in_each_run(signature: Signature, journal: JournalFacts) -> bool:
    """Rare, since the pauses of a loop are long: then three runs are enough."""
    within = [run for run in ended_runs(journal) if (run.ended_s or 0.0) >= signature.first_s]
    return len(within) >= LOOP_ENDS and signature.count >= LOOP_ENDS
