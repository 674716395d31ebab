"""A stream grows without end, or beyond its cap.

What it is: more entries than its declared maxlen allows, or more than 100,000 of which none was ever trimmed, or ten times as many
as its siblings keep.

Why it matters: streams live in memory. One that is never trimmed takes all of it some day, and then every writer is refused.

What to do: let the writer cap it (XADD with MAXLEN ~ n). `--plan` trims it once, if every group has read it.
"""

from collections import defaultdict
from collections.abc import Iterator

from qtops.checks.streams.looking import Looked, streams
from qtops.facts.stream_ids import time_s
from qtops.facts.streams import StreamFacts, StreamReading
from qtops.facts.times import span
from qtops.findings import Check, Doubt, Finding, Severity
from qtops.settings import Settings

CHECK = Check("STREAM109", "A stream grows without end", Severity.WARNING, ("streams",))
LONG = 100_000  # entries: some tens of megabytes
SLACK, NODES = 1.5, 1_000  # MAXLEN ~ trims whole nodes only: a small cap is exceeded by several of them
SIBLINGS, TIMES = 2, 10  # as many capped siblings make a custom; so many times their length is none
SHORT = 10_000  # below, nobody is harmed
DAY_S = 86_400.0
REMEDY = "Let the writer cap it (XADD … MAXLEN ~ n), and declare maxlen; `--plan` trims it once, if every group has read it"


def check(facts: StreamFacts, settings: Settings) -> Iterator[Finding | Doubt]:
    """At most one answer for each stream."""
    looked = list(streams(facts, settings))
    custom = _custom(looked)
    for one in looked:
        stream, cap = one.stream, one.declared.maxlen if one.declared else None
        if cap is not None:
            if stream.length > max(SLACK * cap, cap + NODES):
                yield _finding(one, f"{stream.length} entries, declared are at most {cap}")
        elif stream.length > LONG and (trimmed := _is_trimmed(one)) is not True:
            if trimmed is None:
                why = f"{stream.length} entries; whether it is ever trimmed, Redis tells from version 7 on"
                yield CHECK.doubt(stream.name, why, "look twice: --observe 30s")
            else:
                yield _finding(one, f"{stream.length} entries, and none was ever trimmed")
        elif stream.length > max(SHORT, TIMES * custom.get(_stem(stream), stream.length)) and _is_trimmed(one) is False:
            yield _finding(one, f"{stream.length} entries and no cap; its siblings keep {custom[_stem(stream)]} at most")


def _custom(looked: list[Looked]) -> dict[str, int]:
    """The longest of the capped streams for each stem of their names, where there are several of them."""
    capped = defaultdict[str, list[int]](list)
    for one in looked:
        if _is_trimmed(one):
            capped[_stem(one.stream)].append(one.stream.length)
    return {stem: max(lengths) for stem, lengths in capped.items() if len(lengths) >= SIBLINGS}


def _stem(stream: StreamReading) -> str:
    return stream.name.rpartition(":")[0]


def _is_trimmed(one: Looked) -> bool | None:
    """Whether entries ever went from it; None where neither Redis nor two looks tell."""
    stream, before = one.stream, one.before
    if stream.entries_added is not None:
        return stream.entries_added > stream.length
    if before is None or before.length >= stream.length:
        return None
    return before.first_id != stream.first_id


def _finding(one: Looked, summary: str) -> Finding:
    stream = one.stream
    first, last = time_s(stream.first_id, stream.read_at_s), time_s(stream.last_id, stream.read_at_s)
    evidence = []
    if first is not None and last is not None and last > first:
        per_day = (stream.length - 1) / (last - first) * DAY_S
        evidence.append(f"grows by {per_day:.0f} entries a day, by the ids of {span(last - first)}")
    if one.before is not None and (more := stream.length - one.before.length) > 0:
        evidence.append(f"{more} more entries than {span(one.apart_s)} before")
    added = "not known" if stream.entries_added is None else str(stream.entries_added)
    return CHECK.finding(stream.name, summary, (*evidence, f"entries ever added: {added}"), REMEDY)
