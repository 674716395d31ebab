"""What ``qtops verify proposals`` found, in the form that all renderers share."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from qtops.checks.freshness import Freshness, State
from qtops.checks.proposal_freshness import ages, freshness
from qtops.checks.proposals import registry
from qtops.checks.proposals.view import number
from qtops.facts.proposals import ProposalFacts, ProposalReading
from qtops.facts.service import Facts
from qtops.findings import Finding, Judged, Severity, Verdict, worst
from qtops.reports.checked.report import Checked, Subject, subjects
from qtops.settings import PROPOSALS, Settings

ORDER: Final = {Verdict.CRITICAL: 0, Verdict.WARNING: 1, Verdict.UNKNOWN: 2, Verdict.OK: 3}
OLD: Final = {State.LATE, State.STALE, State.IDLE, State.NEVER, State.EXPIRED}
GRAVITY: Final = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFO: 2}


class Row(msgspec.Struct, frozen=True):
    """One proposal. A number that is not there, or is none, is None; distances are signed, in percent of the price."""

    symbol: str
    state: State  # how fresh it is
    verdict: Verdict
    codes: tuple[str, ...]  # of the checks that found something, the gravest first
    side: str
    price: float | None  # as it was used
    stop: float | None
    target: float | None
    stop_pct: float | None
    target_pct: float | None
    age_s: float | None


class Report(Checked, frozen=True, kw_only=True):
    """One look, judged: the rows are of the last look, the worst first."""

    family: str
    rows: tuple[Row, ...]
    searched: bool = True  # whether open positions of other symbols were looked for


def report(facts: Facts) -> Report:
    """Judge what was read, from a Redis or from a bundle."""
    proposals = facts.proposals or ProposalFacts(family=PROPOSALS.name, symbols=(), looks=(), missing=(_NOTHING,))
    last = proposals.looks[-1] if proposals.looks else None
    readings = last.readings if last else ()
    family = next((family for family in facts.settings.families if family.name == proposals.family), PROPOSALS)
    found = [freshness(reading, family, facts.settings) for reading in readings]
    judged = _judged(proposals, found, facts.settings, answered=last is not None and last.server.state == "ok")
    verdicts = {subject.name: subject.verdict for subject in subjects({fresh.subject: "" for fresh in found}, judged)}
    codes = _codes(judged.findings)
    rows = [_row(reading, fresh, verdicts, codes) for reading, fresh in zip(readings, found, strict=True)]
    rows.sort(key=lambda row: (ORDER[row.verdict], -len(row.codes)))
    made = Report(
        command="verify proposals",
        what="proposals",
        host=facts.host,
        taken_at_s=facts.taken_at_s,
        server=last.server if last else None,
        subjects=tuple(Subject(row.symbol, row.verdict, _line(row)) for row in rows),
        judged=judged,
        missing=(*(missing.told for missing in facts.missing), *proposals.missing),
        family=proposals.family,
        rows=tuple(rows),
        searched=proposals.open_positions is not None,
    )
    return msgspec.structs.replace(made, headline=_headline(made) if any(reading.present for reading in readings) else "")


def _headline(made: Report) -> str:
    """A word for the whole. Where all are old they are not called fresh."""
    if made.verdict is Verdict.UNKNOWN:
        return registry.HEADLINES[Verdict.UNKNOWN]
    word = registry.headline(made.judged)
    return word.removeprefix("FRESH, ") if {row.state for row in made.rows} <= OLD else word


_NOTHING: Final = "these facts hold no proposals: they were made by another command"


def _judged(proposals: ProposalFacts, found: Sequence[Freshness], settings: Settings, *, answered: bool) -> Judged:
    """What the checks of proposals say, and how old these are. Where the server is away, that is said once, and not of each."""
    judged = registry.judge(proposals, settings)
    if not answered:
        return judged
    aged = Judged.of(ages(found, judged), settings.off)
    return Judged((*judged.findings, *aged.findings), (*judged.doubts, *aged.doubts), (*judged.off, *aged.off))


def _codes(findings: Iterable[Finding]) -> Mapping[str, tuple[str, ...]]:
    """The codes that were found of each subject, the gravest first."""
    codes: dict[str, list[str]] = defaultdict(list)
    for finding in sorted(findings, key=lambda finding: GRAVITY[finding.severity]):
        if finding.code not in codes[finding.subject]:
            codes[finding.subject].append(finding.code)
    return {subject: tuple(each) for subject, each in codes.items()}


def _row(reading: ProposalReading, fresh: Freshness, verdicts: Mapping[str, Verdict], codes: Mapping[str, tuple[str, ...]]) -> Row:
    price, stop, target = (_number(reading, name) for name in ("position_current_price", "proposed_sl", "proposed_tp"))
    return Row(
        symbol=reading.symbol,
        state=fresh.state,
        verdict=worst([verdicts[reading.symbol], *([Verdict.UNKNOWN] if reading.present is None else [])]),
        codes=codes.get(reading.symbol, ()),
        side=reading.fields.get("position_side", ""),
        price=price,
        stop=stop,
        target=target,
        stop_pct=_distance(stop, price),
        target_pct=_distance(target, price),
        age_s=fresh.age_s,
    )


def _number(reading: ProposalReading, name: str) -> float | None:
    text = reading.fields.get(name)
    return None if text is None else number(text)


def _distance(level: float | None, price: float | None) -> float | None:
    return None if level is None or price is None or price <= 0.0 else (level / price - 1.0) * 100.0


def _line(row: Row) -> str:
    """A proposal in a line: ``FRESH LONG at 105, stop 105.96821 (+0.92 %), target 106.22489 (+1.17 %)``."""
    if row.price is None and row.stop is None and row.target is None:
        return str(row.state)
    levels = [f"{name} {plain(level)}{_percent(pct)}" for name, level, pct in (
        ("stop", row.stop, row.stop_pct), ("target", row.target, row.target_pct),
    )]  # fmt: skip
    return f"{row.state} {row.side} at {plain(row.price)}, {', '.join(levels)}"


def _percent(value: float | None) -> str:
    return "" if value is None else f" ({value:+.2f} %)"


def plain(value: float | None) -> str:
    """Eight significant digits, never in powers of ten where it is of a price's size; empty where there is none."""
    if value is None:
        return ""
    return f"{value:.14f}".rstrip("0").rstrip(".") if 1e-9 < abs(value) < 1e-4 else f"{value:.8g}"
