"""A key may expire between two updates.

What it is: the life of a key (its TTL) is shorter than twice the interval at which it is renewed; or it was seen to be gone between
two updates.

Why it matters: one late update, and the key is gone. Its readers take that for "nobody is there": a lock is free, a service is
down, a position has no stop.

What to do: let it live for three intervals, set together with the value (`SET … PX`, or HSET and PEXPIRE in one MULTI), or renew it
more often.
"""

from collections.abc import Iterator

from qtops.checks.cadence.measure import ENOUGH
from qtops.checks.cadence.told import Row, by_key, precise, told
from qtops.facts.cadence import CadenceFacts
from qtops.findings import Check, Doubt, Finding, Severity
from qtops.settings import Settings

CHECK = Check("CADENCE105", "A key may expire between two updates", Severity.WARNING, ("redis",), role="note")
BEATS = 2  # a key has to outlive one update that is missed


def check(facts: CadenceFacts, settings: Settings) -> Iterator[Finding | Doubt]:  # noqa: ARG001
    """At most one finding per key: any of its fields renews it, so that its fastest one counts."""
    for found in by_key(facts).values():
        yield from _key(found)


def _key(found: list[Row]) -> Iterator[Finding]:
    gone = max(series.vanished for series, _ in found)
    if gone:
        series, measured = found[0]
        times = "once" if gone == 1 else f"{gone} times"
        evidence = (told(measured), f"watched for {precise(series.watched_s)}; a key that is deleted and made again looks the same")
        yield CHECK.finding(
            series.name, f"the key was gone {times} between two updates", evidence, "Let it live for three intervals",
            severity=Severity.CRITICAL,
        )  # fmt: skip
        return
    moving = [(measured.p50_s, series, measured) for series, measured in found if measured.p50_s is not None]
    if not moving:
        return
    p50_s, series, measured = min(moving, key=lambda row: row[0])
    if not measured.proven:  # the fastest one may be faster still
        return
    for limit in series.limits:
        if limit.kind == "ttl" and limit.limit_s < BEATS * p50_s:
            evidence = (told(measured), *(() if measured.n >= ENOUGH else ("few intervals: watch longer to be sure",)))
            remedy = f"Let it live for {precise(3 * (measured.p95_s or p50_s))}, three times the 95th percentile"
            summary = f"{limit.name} is {precise(limit.limit_s)}, and it is renewed every {precise(p50_s)}"
            yield CHECK.finding(series.name, summary, evidence, remedy)
