"""A time field is no time of updating.

What it is: a field that states a time does not move at all while it is watched, moves backwards, lies in the future, holds what is
no time, comes in several forms, or says the same for all subjects and is when a process began.

Why it matters: every age that is counted from it is invented. A field that was filled once, at the start of a process, shows an age
that grows for ever, or, where a reader fills it in, one that is always young.

What to do: let the writer state the time of each write itself, as UTC with its offset or as an epoch in milliseconds, and let every
writer of the field do so alike.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from qtops.checks.cadence.forms import Form, form
from qtops.checks.cadence.told import Row, precise, rows, told
from qtops.facts.cadence import Began, CadenceFacts, Series
from qtops.facts.text import quoted
from qtops.facts.times import utc
from qtops.findings import Check, Doubt, Finding, Severity
from qtops.settings import Settings

CHECK = Check("CADENCE106", "A time field is no time of updating", Severity.WARNING, ("redis",), role="symptom")
STILL = 2.0  # times the declared interval without any update
START_S = 5.0  # a process takes so long to begin with its work
SAME_S = 0.001  # times that are the same to a millisecond come from one reading of a clock
SHOWN = 5
REMEDY = "Let the writer state the time of each write itself, in one form, in UTC"


def check(facts: CadenceFacts, settings: Settings) -> Iterator[Finding | Doubt]:
    """What is wrong with single fields, then with a field of all subjects taken together."""
    fields: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for series, measured in rows(facts):
        if series.texts:
            fields[series.family, series.field].append((series, measured))
    for found in fields.values():
        still = [(series, measured) for series, measured in found if _is_still(series)]
        for series, _ in found:
            yield from _texts(series)
            yield from _moments(series, settings.clock_skew_warn_s)
        yield from _still(still, facts.starts)
        yield from _mixed([series for series, _ in found])


def _is_still(series: Series) -> bool:
    watched_enough = series.declared_s is not None and series.watched_s > STILL * series.declared_s
    return watched_enough and len(series.texts) == 1 and len(series.moments_s) == 1


def _texts(series: Series) -> Iterator[Finding]:
    wrong = [text for text in series.texts if form(text) is Form.NONE]
    if wrong:
        summary = f"it holds {quoted(wrong[-1])}, which is no time"
        yield CHECK.finding(series.name, summary, (f"{len(wrong)} of {len(series.texts)} values seen are none",), REMEDY)


def _moments(series: Series, skew_s: float) -> Iterator[Finding]:
    moments = series.moments_s
    back = [(earlier, later) for earlier, later in pairwise(moments) if later < earlier]
    if back:
        earlier, later = back[-1]
        evidence = (f"from {utc(earlier)} to {utc(later)}",)
        remedy = "Two writers, or a clock that was set: see who writes it (`qtops map`), and NTP on their hosts"
        yield CHECK.finding(series.name, f"it moved backwards by {precise(earlier - later)}", evidence, remedy)
    if len(moments) != len(series.seen_at_s):
        return
    ahead = [(moment, seen) for moment, seen in zip(moments, series.seen_at_s, strict=True) if moment - seen > skew_s]
    if ahead:
        moment, seen = ahead[-1]
        evidence = (f"it said {utc(moment)} at {utc(seen)}",)
        remedy = "Correct the clock of its writer, or what was written down: nothing is computed before it is seen"
        yield CHECK.finding(series.name, f"it was {precise(moment - seen)} in the future when it was read", evidence, remedy)


def _still(still: list[Row], starts: Sequence[Began]) -> Iterator[Finding]:
    """Fields that do not move: one finding where they all say the same, else one for each."""
    times = [series.moments_s[0] for series, _ in still]
    if len(still) > 1 and max(times) - min(times) <= SAME_S:
        first = still[0][0]
        began = next((start for start in starts if abs(start.at_s - times[0]) <= START_S), None)
        when = f"which is when {began.name} began" if began else "though they are watched: it may be when a process began"
        names = ", ".join(series.subject for series, _ in still[:SHOWN]) + (", …" if len(still) > SHOWN else "")
        evidence = (f"all of {names}", f"watched for {precise(first.watched_s)}")
        summary = f"{len(still)} subjects all say {utc(times[0])}, {when}"
        yield CHECK.finding(f"{first.family} {first.field}", summary, evidence, REMEDY, severity=Severity.CRITICAL)
        return
    for series, measured in still:
        summary = f"it did not move in {precise(series.watched_s)}; every {series.declared_s:g} s is declared"
        seen = (told(measured), f"it says {utc(series.moments_s[0])}")
        remedy = "See whether its writer runs and works (`qtops doctor`), and whether it writes this field at all"
        yield CHECK.finding(series.name, summary, seen, remedy, severity=Severity.CRITICAL)


def _mixed(fields: list[Series]) -> Iterator[Finding]:
    forms: dict[Form, str] = {}
    for series in fields:
        for text in series.texts:
            if form(text) not in forms:
                forms[form(text)] = f"{series.subject or series.family}: {quoted(text)}"
    forms.pop(Form.NONE, None)
    name = f"{fields[0].family} {fields[0].field}"
    if len(forms) > 1:
        summary = f"one field, {len(forms)} forms: {', '.join(forms)}"
        evidence = tuple(f"{known}: {example}" for known, example in forms.items())
        yield CHECK.finding(name, summary, evidence, REMEDY)
    elif Form.NAIVE in forms:
        summary = "its times state no offset: readers have to guess that they are UTC"
        yield CHECK.finding(name, summary, (forms[Form.NAIVE],), REMEDY, severity=Severity.INFO)
