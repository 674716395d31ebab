"""Sources contradict each other about the drawdown.

What it is: what the guard says in its reason, what follows from equity and peak, and what the portfolio's own stream states differ
by more than two percentage points, however they are meant (21.7 or 0.217).

Why it matters: one of them is wrong, and somebody acts on it. The founding portfolio stream stated a drawdown of 0.0, written into
its source, at the moment when the guard computed 21.7 %.

What to do: see who computes which (`qtops map`); a figure that is always 0.0 is computed by nobody. A peak that is never reset
makes a drawdown that never ends.
"""

import re
from collections.abc import Iterator
from typing import Final

from qtops.checks.events.reading import read_all
from qtops.checks.events.timeline import incidents
from qtops.facts.events import EventFacts, Statement
from qtops.facts.text import quoted
from qtops.facts.times import moment, utc
from qtops.findings import Check, Doubt, Finding, Severity
from qtops.settings import Settings

CHECK = Check("EVENT103", "Sources contradict each other about the drawdown", Severity.WARNING, ("redis",), role="note")
REMEDY = "See who computes which; a figure that is always the same is computed by nobody"
TOLERANCE_PCT = 2.0
NEAR_S = 3600.0  # statements that lie further apart may both have been right
SUBJECT: Final = "drawdown"
NUMBER: Final = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,18})?(?:[eE]-?[0-9]{1,2})?", re.ASCII)
Said = tuple[str, tuple[float, ...], float | None, str]  # who, what it may mean in percent, when, as stated


def check(facts: EventFacts, settings: Settings) -> Iterator[Finding | Doubt]:  # noqa: ARG001
    """At most one finding. What is no number is said; what lies too far apart in time is not compared."""
    said = [*_by_guard(facts), *_by_equity(facts.statements), *_by_others(facts.statements)]
    for statement in facts.statements:
        if number(statement.value) is None:
            summary = f"{statement.source} {statement.field} holds {quoted(statement.value)}, which is no number"
            yield CHECK.finding(SUBJECT, summary, (), f"See who writes {statement.source}")
    worst = max(
        ((_apart(one, other), one, other) for index, one in enumerate(said) for other in said[index + 1 :] if _near(one, other)),
        key=lambda found: found[0], default=None,
    )  # fmt: skip
    if worst is None or worst[0] <= TOLERANCE_PCT:
        return
    _, one, other = worst
    evidence = tuple(f"{who}: {text}{_when(at_s, facts.read_at_s)}" for who, _, at_s, text in said)
    summary = f"{one[0]} says {one[3]}, {other[0]} says {other[3]}"
    yield CHECK.finding(SUBJECT, summary, evidence, REMEDY)


def number(text: str) -> float | None:
    """A plain number, not negative; None for anything else: NaN, infinity, thousands of digits."""
    match = NUMBER.fullmatch(text.strip()) if len(text) <= 40 else None
    return float(match[0]) if match else None


def _by_guard(facts: EventFacts) -> Iterator[Said]:
    """The newest reason that states a drawdown. It counts for as long as its guard holds."""
    for incident in reversed(incidents(read_all(facts.events))):
        for event in incident.events:
            if event.drawdown_pct is not None:
                holds = incident.until_s is not None and incident.until_s > facts.read_at_s
                who = "the guard" if event.at_s is None else f"the guard at {utc(event.at_s)}"
                yield who, (event.drawdown_pct,), None if holds else event.at_s, f"{event.drawdown_pct:g} %"
                return


def _by_equity(statements: tuple[Statement, ...]) -> Iterator[Said]:
    values = {(statement.source, statement.field): statement for statement in statements}
    for (source, field), stated in values.items():
        peak = values.get((source, "peak"))
        if field == "equity" and peak is not None:
            equity, top = number(stated.value), number(peak.value)
            if equity is not None and top:
                pct = 100 * max(1 - equity / top, 0.0)
                yield source, (pct,), stated.at_s, f"{pct:.1f} % ({equity:g} of {top:g})"


def _by_others(statements: tuple[Statement, ...]) -> Iterator[Said]:
    for statement in statements:
        value = number(statement.value)
        if statement.field == "drawdown" and value is not None:
            meant = (value,) if value > 1 else (value, 100 * value)
            yield statement.source, meant, statement.at_s, f"{value:g}"


def _apart(one: Said, other: Said) -> float:
    """The least difference that any meaning of both leaves."""
    return min(abs(a - b) for a in one[1] for b in other[1])


def _near(one: Said, other: Said) -> bool:
    return one[2] is None or other[2] is None or abs(one[2] - other[2]) <= NEAR_S


def _when(at_s: float | None, now_s: float) -> str:
    return "" if at_s is None else f", {moment(at_s, now_s)}"
