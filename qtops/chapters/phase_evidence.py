"""What the report on a phase was read from, service by service, and the figures of each."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from qtops.chapters import published_keys, unit_status
from qtops.chapters.baseline import baseline
from qtops.chapters.looks import Look
from qtops.chapters.phase_told import Told
from qtops.chapters.telling import said, untold
from qtops.checks.cadence.measure import measure
from qtops.checks.cadence.told import told as in_words
from qtops.evidence.document import Block, Listed, Paragraph, Row, Section, Table, code, words
from qtops.facts.cadence import Series
from qtops.facts.times import span
from qtops.phases.updating import OFTEN

RESOLVED: Final = 2.0  # looks between two updates: closer together, another one may lie between them


def verification(told: Told) -> Iterator[Section]:
    """One part per service, and one on how often its keys are updated."""
    blocks: list[Block] = []
    if not told.units:
        blocks.append(Listed((untold("how its services are", "the phase names none", evidence=told.plan_cites),)))
    yield Section("Verification evidence", tuple(blocks))
    for unit, look in told.looks.items():
        if look is None:
            gap = untold(f"how {code(unit)} is", "it was not looked at", f"qtops doctor {unit}", told.look_cites)
            yield Section(code(unit), (Listed((gap,)),), level=3)
        else:
            yield Section(code(unit), tuple(_seen(look)), level=3)
    yield Section("How often it is updated", (_cadence(told),), level=3)


def _seen(look: Look) -> Iterator[Block]:
    yield unit_status.head(look)
    yield unit_status.process(look)
    yield unit_status.journal(look)
    if not look.service.families:
        return
    yield published_keys.ages(look)
    if picture := published_keys.age_picture((look,)):
        yield picture
    if look.service.proposals is not None:
        yield published_keys.sample(look)
    if levels := published_keys.levels(look):
        yield levels


def _cadence(told: Told) -> Block:
    facts = told.facts.cadence
    evidence = told.citing.of("now", "", "cadence")
    if facts is None:
        gap = untold("how often its keys are updated", "nobody watched them", "qtops verify cadence", told.look_cites)
        return Listed((gap,))
    rows = []
    for series in (one for one in facts.series if one.texts or one.moments_s):
        measured = measure(series, facts.now_s)
        declared = span(series.declared_s) if series.declared_s is not None else "not declared"
        watched = f"{span(series.watched_s)}, every {series.sampled_every_s:g} s" if series.seen_at_s else "by its ids"
        cells = (words(f"{series.family} {series.subject}"), code(series.field or "id"), declared, in_words(measured), watched)
        rows.append(Row(cells, evidence))
    head = ("Key", "Field", "Declared", "Measured", "Watched")
    return Table(head, tuple(rows)) if rows else Listed((untold("how often its keys are updated", "none was there", "", evidence),))


def baselines(told: Told) -> Iterator[Section]:
    """The figures of each service."""
    yield Section("Performance baseline", (*_throughput(told),))
    for unit, look in told.looks.items():
        if look is not None:
            yield Section(code(unit), baseline(look), level=3)
        else:
            gap = untold(f"what {code(unit)} takes", "it was not looked at", f"systemctl status {unit}", told.look_cites)
            yield Section(code(unit), (Listed((gap,)),), level=3)


def _throughput(told: Told) -> Iterator[Block]:
    """Updates that were counted. Nothing is multiplied from settings."""
    facts = told.facts.cadence
    counted = [one for one in facts.series if _is_counted(one)] if facts is not None else []
    if not counted:
        why = "nobody counted" if facts is None else "it was looked at too rarely to count"
        evidence = told.citing.of("now", "", "cadence") or told.look_cites
        yield Listed((untold("how much is published in a minute", why, "qtops verify cadence", evidence),))
        return
    keys: dict[tuple[str, str], tuple[int, float]] = {}
    for series in counted:
        key, updates = (series.family, series.subject), len(series.seen_at_s) - 1
        keys[key] = max(keys.get(key, (0, 0.0)), (updates, series.watched_s))
    total, watched_s = sum(updates for updates, _ in keys.values()), max(watched for _, watched in keys.values())
    least = "" if all(map(_is_resolved, counted)) else "at least "
    text = (
        f"Counted, by the fastest time field of each: {least}{total} updates of {len(keys)} keys in {span(watched_s)}, "
        f"{least}{total * 60 / watched_s:.1f} a minute."
    )
    yield Paragraph((said(text, told.citing.of("now", "", "cadence")),))


def _is_resolved(series: Series) -> bool:
    """Whether its updates lie so far apart that none can have been missed between two looks."""
    return all(later - earlier >= RESOLVED * series.sampled_every_s for earlier, later in pairwise(series.seen_at_s))


def _is_counted(series: Series) -> bool:
    """Whether it was looked at so often that no update can be missing where it is updated as declared."""
    every_s = series.declared_s or 0.0
    return len(series.seen_at_s) > 1 and series.watched_s > 0 and 0 < series.sampled_every_s <= OFTEN * every_s
