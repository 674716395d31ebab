"""The keys that it writes are stale.

What it is: keys of the families that the configuration gives to this service are late, stale, expired or were never
written.

Why it matters: whoever reads them acts on what was true then, or stops. It is the consequence of a service that does not
run, or that runs and does not write.

What to do: mend the service. Where it runs and nothing else is found, it is alive and produces nothing: look at its
inputs (`qtops verify freshness` lists them all).
"""

from collections import Counter
from collections.abc import Iterator

from qtops.checks.freshness import Freshness, judge
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.times import span
from qtops.findings import Check, Finding, Severity, Verdict, worst

CHECK = Check("KEYS201", "Its keys are stale", Severity.CRITICAL, ("keys",), role="symptom")
SHOWN = 3  # keys: the first ones tell, the rest are alike
SEVERITIES = {Verdict.CRITICAL: Severity.CRITICAL, Verdict.WARNING: Severity.WARNING}


def check(service: ServiceFacts, facts: Facts) -> Iterator[Finding]:
    """At most one finding, however many keys. What could not be judged is not counted."""
    families = {family.name: family for family in facts.settings.families}
    known = [reading for reading in service.keys if reading.family in families]
    judged = [judge(reading, families[reading.family], facts.settings) for reading in known]
    bad = [freshness for freshness in judged if freshness.verdict in SEVERITIES]
    if not bad:
        return
    severity = SEVERITIES[worst([freshness.verdict for freshness in bad])]
    bad.sort(key=_gravity)
    counts = Counter(str(freshness.state) for freshness in bad)
    told = ", ".join(f"{count} {state}" for state, count in counts.items())
    oldest_s = max((freshness.age_s for freshness in bad if freshness.age_s is not None and freshness.age_s >= 0), default=None)
    age = f", the oldest by {span(oldest_s)}" if oldest_s is not None else ""
    evidence = [f"{freshness.key}: {freshness.state}: {freshness.reason}" for freshness in bad[:SHOWN]]
    evidence += [f"and {len(bad) - SHOWN} more"] if len(bad) > SHOWN else []
    summary = f"{len(bad)} of {len(judged)} keys that it writes are not fresh: {told}{age}"
    remedy = f"Mend the service, then `qtops verify freshness --family {bad[0].family}`"
    yield CHECK.finding(service.subject, summary, tuple(evidence), remedy, severity=severity)


def _gravity(freshness: Freshness) -> tuple[bool, float]:
    return freshness.verdict is not Verdict.CRITICAL, -(freshness.age_s or 0.0)
