"""A group keeps the names of many consumers that are gone.

What it is: far more consumers than read, each of them without pending entries and without a question for more than an hour.

Why it matters: each restart leaves one behind where the name has the process id in it. They make XINFO and XPENDING slow, and
hide from a person's eye whether anybody reads at all.

What to do: give consumers stable names; delete those that are gone and hold nothing (`--plan`): never one that holds
pending entries, as these go with it.
"""

from collections.abc import Iterator

from qtops.checks.streams.looking import readers
from qtops.facts.progress import is_gone
from qtops.facts.streams import ConsumerReading, StreamFacts
from qtops.facts.times import span
from qtops.findings import Check, Finding, Severity
from qtops.settings import Settings

CHECK = Check("STREAM104", "Consumers that are gone", Severity.WARNING, ("streams",), role="note")
MANY = 10  # a fixed set of workers that wait without end for a quiet stream is smaller
SHARE = 2  # of those that are gone to those that live: fewer are a deployment in progress
SHOWN = 3


def check(facts: StreamFacts, settings: Settings) -> Iterator[Finding]:
    """One finding for each group. Connections that wait in XREADGROUP may belong to some of the names: these count as alive."""
    blocked = sum(client.blocked and client.command.startswith("xread") for client in facts.clients or ())
    for reader in readers(facts, settings):
        group = reader.group
        gone = [consumer for consumer in group.consumers if is_gone(consumer) and not consumer.pending]
        living = sum(not is_gone(consumer) for consumer in group.consumers)
        if len(gone) < MANY or len(gone) < SHARE * (living + blocked):
            continue
        gone.sort(key=lambda consumer: -consumer.idle_ms)
        cut = f" ({len(group.consumers)} of them were read)" if group.consumers_count > len(group.consumers) else ""
        summary = f"group {group.name}: {len(gone)} of {group.consumers_count} consumers are gone and hold nothing{cut}"
        evidence = (*map(_told, gone[:SHOWN]), f"{living} live; {blocked} connections wait in XREAD or XREADGROUP")
        yield CHECK.finding(reader.stream.name, summary, evidence, "Give consumers stable names; `--plan` deletes these")


def _told(consumer: ConsumerReading) -> str:
    return f"{consumer.name}: nothing pending, idle for {span(consumer.idle_ms / 1000)}"
